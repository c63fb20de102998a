import * as vscode from 'vscode';
import type { Clock } from '../../base/clock.js';
import { detach } from '../../base/detach.js';
import { DisposableStore, type Disposable } from '../../base/disposable.js';
import type { ProcessHealth } from '../../core/lifecycle/processHealth.js';
import type { ProcessAction, ProcessRow } from '../../core/lifecycle/processRows.js';
import { actionDetail, actionTexts, listTitle, rowLabel, rowText } from './processTexts.js';

/** What the list of processes works with. */
export interface ProcessPickerParts {
  readonly health: ProcessHealth;
  readonly clock: Clock;
  /** Told of what goes wrong, also to tell the user. */
  readonly onError: (error: unknown) => void;
}

const choose = 'Choose a process to stop, restart or resume it';
const none = 'There is no process, and no session that could have one';

/** How often the list is made anew while it is open, in milliseconds. */
const refreshMs = 1000;

interface ActionButton extends vscode.QuickInputButton {
  readonly action: ProcessAction;
}

interface Item extends vscode.QuickPickItem {
  readonly row: ProcessRow;
  /** Null in the list of processes. */
  readonly action: ProcessAction | null;
  readonly buttons: readonly ActionButton[];
}

/**
 * The list of processes: a quick pick that follows what happens while it is open. With the mouse, each row has buttons; with
 * the keyboard, Enter on a row lists what can be done with it.
 */
export class ProcessPicker implements Disposable {
  readonly #parts: ProcessPickerParts;
  #open: OpenPicker | null = null;

  /** @param parts what the list works with */
  constructor(parts: ProcessPickerParts) {
    this.#parts = parts;
  }

  /** Shows the list. Resolves when it was filled. @throws Error when it could not be */
  async show(): Promise<void> {
    this.#open?.dispose();
    this.#open = new OpenPicker(this.#parts);
    await this.#open.refresh();
  }

  dispose(): void {
    this.#open?.dispose();
  }
}

class OpenPicker implements Disposable {
  readonly #parts: ProcessPickerParts;
  readonly #owned = new DisposableStore();
  readonly #pick: vscode.QuickPick<Item>;
  #timer: Disposable | undefined;
  /** The row whose actions are listed, or null in the list of processes. */
  #chosen: ProcessRow | null = null;
  /** What is shown, to change nothing where nothing changed: a reader's place is kept, and nothing is read out again. */
  #shown = '';
  #acting = 0;

  constructor(parts: ProcessPickerParts) {
    this.#parts = parts;
    this.#pick = this.#owned.add(vscode.window.createQuickPick<Item>());
    const pick = this.#pick;
    pick.placeholder = choose;
    pick.matchOnDescription = true;
    pick.matchOnDetail = true;
    pick.keepScrollPosition = true;
    pick.busy = true;
    this.#owned.add(
      pick.onDidAccept(() => {
        this.#accept(pick.selectedItems[0]);
      }),
    );
    this.#owned.add(
      pick.onDidTriggerItemButton(({ item, button }) => {
        const { action } = item.buttons.find((each) => each === button) ?? {};
        if (action) this.#act(item.row, action);
      }),
    );
    this.#owned.add(
      pick.onDidTriggerButton(() => {
        this.#back();
      }),
    );
    this.#owned.add(
      pick.onDidHide(() => {
        this.dispose();
      }),
    );
    pick.show();
  }

  /** Makes the list anew, and again after a while. */
  async refresh(): Promise<void> {
    this.#timer?.dispose();
    const { health, clock } = this.#parts;
    const list = await health.list();
    if (this.#owned.isDisposed) return;
    this.#timer = clock.after(refreshMs, () => {
      this.#refreshLater();
    });
    this.#pick.busy = this.#acting > 0;
    this.#pick.placeholder = list.rows.length === 0 ? none : choose;
    if (this.#chosen === null) this.#show(listTitle(list), list.rows.map(rowItem));
  }

  #refreshLater(): void {
    detach(this.refresh(), (error) => {
      this.dispose();
      this.#parts.onError(error);
    });
  }

  #show(title: string, items: readonly Item[]): void {
    const shown = JSON.stringify([title, items.map(({ row, label, description }) => [row.id, label, description])]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const pick = this.#pick;
    const active = pick.activeItems[0];
    pick.title = title;
    pick.items = items;
    const again = items.find(({ row, action }) => row.id === active?.row.id && action === active.action);
    if (again) pick.activeItems = [again];
  }

  #accept(item: Item | undefined): void {
    if (!item) return;
    if (item.action !== null) {
      this.#act(item.row, item.action);
      this.#back();
    } else if (item.row.actions.length > 0) {
      const { row } = item;
      this.#chosen = row;
      this.#pick.value = '';
      this.#pick.buttons = [vscode.QuickInputButtons.Back];
      this.#show(
        `${rowLabel(row)}: ${rowText(row).description}`,
        row.actions.map((action) => actionItem(row, action)),
      );
    }
  }

  #back(): void {
    this.#chosen = null;
    this.#pick.value = '';
    this.#pick.buttons = [];
    this.#refreshLater();
  }

  #act(row: ProcessRow, action: ProcessAction): void {
    this.#acting += 1;
    this.#pick.busy = true;
    const acted = this.#parts.health.act(row.id, action).finally(() => {
      this.#acting -= 1;
      if (!this.#owned.isDisposed) this.#refreshLater();
    });
    detach(acted, this.#parts.onError);
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#owned.dispose();
  }
}

function rowItem(row: ProcessRow): Item {
  const { icon, label, description, detail } = rowText(row);
  const buttons = row.actions.map((action): ActionButton => ({
    action,
    iconPath: new vscode.ThemeIcon(actionTexts[action].icon),
    tooltip: actionTexts[action].title,
  }));
  return { row, action: null, label, description, detail, iconPath: new vscode.ThemeIcon(icon), buttons };
}

function actionItem(row: ProcessRow, action: ProcessAction): Item {
  const { icon, title } = actionTexts[action];
  const detail = actionDetail(action, row);
  return { row, action, label: title, detail, iconPath: new vscode.ThemeIcon(icon), buttons: [] };
}
