import * as vscode from 'vscode';
import type { Clock } from '../../base/clock.js';
import { DisposableStore } from '../../base/disposable.js';
import { makeLineVisible } from '../../base/visibleText.js';
import { findSession } from '../../core/tree/findSession.js';
import { lookOf } from '../../core/tree/look.js';
import { sessionLabel } from '../../core/tree/presentation.js';
import { sessionChoices } from '../../core/tree/sessionChoices.js';
import type { SessionDirectory } from '../../core/tree/sessionDirectory.js';
import type { SessionSummary } from '../../core/tree/summary.js';
import { counted, spokenAge } from '../../core/tree/words.js';

/** Sessions that are listed at most; more than anybody reads, and quick to send to the window. */
const listed = 200;

interface Item extends vscode.QuickPickItem {
  /** Null for the line that says how many more there are. */
  readonly id: string | null;
}

/**
 * Offers all sessions, the newest activity first, and opens the one that is chosen. Resolves when it is open, or when the user
 * thought better of it.
 * @throws SessionNotFound when what was typed fits none; what opening throws
 */
export async function openSession(directory: SessionDirectory, clock: Clock): Promise<void> {
  const chosen = await pick(directory, clock);
  if (chosen === null) return;
  const id = 'id' in chosen ? chosen.id : findSession(directory.summaries(), chosen.typed.trim()).id;
  await directory.open(id);
}

function pick(
  directory: SessionDirectory,
  clock: Clock,
): Promise<{ readonly id: string } | { readonly typed: string } | null> {
  const owned = new DisposableStore();
  const list = owned.add(vscode.window.createQuickPick<Item>());
  list.title = 'Open Session';
  list.placeholder = 'The name, the folder, or the beginning of the id';
  // The editor would sort by how well a label fits, not by age. The property is there in every release, though not in the
  // declarations.
  Object.assign(list, { sortByLabel: false });
  const fill = (): void => {
    list.items = items(directory, list.value, clock.now());
  };
  fill();
  owned.add(list.onDidChangeValue(fill));
  owned.add(
    directory.onChange(() => {
      // What happens meanwhile must not move the mark away from under the user's finger.
      const active = list.activeItems[0]?.id;
      fill();
      const again = list.items.find(({ id }) => id === active);
      if (again) list.activeItems = [again];
    }),
  );
  return new Promise((resolve) => {
    const end = (result: { readonly id: string } | { readonly typed: string } | null): void => {
      resolve(result);
      owned.dispose();
    };
    owned.add(
      list.onDidAccept(() => {
        const [item] = list.selectedItems;
        if (item && item.id !== null) end({ id: item.id });
        else if (!item && list.value.trim() !== '') end({ typed: list.value });
      }),
    );
    owned.add(
      list.onDidHide(() => {
        end(null);
      }),
    );
    list.show();
  });
}

function items(directory: SessionDirectory, typed: string, now: number): readonly Item[] {
  const { folders, openId } = directory;
  const names = new Map(folders.map(({ path, name }) => [path, name]));
  const nameOf = (path: string): string => names.get(path) ?? path;
  const { sessions, more } = sessionChoices(directory.summaries(), typed, nameOf, listed);
  const rows = sessions.map((summary) =>
    itemOf(summary, folders.length > 1 ? nameOf(summary.folder) : null, openId, now),
  );
  if (more === 0) return rows;
  return [...rows, { id: null, label: `${counted(more, 'session')} more: type to find them`, alwaysShow: true }];
}

function itemOf(summary: SessionSummary, folder: string | null, openId: string | null, now: number): Item {
  const { id, name, activeAt } = summary;
  const { icon, words } = lookOf(summary);
  const facts = [
    ...(id === openId ? ['open now'] : []),
    ...words,
    `active ${spokenAge(activeAt, now)}`,
    ...(folder === null ? [] : [`in ${makeLineVisible(folder)}`]),
    id.slice(0, 8),
  ];
  return {
    id,
    label: sessionLabel(name).replaceAll('$(', String.raw`\$(`),
    description: facts.join(' · '),
    iconPath: new vscode.ThemeIcon(icon),
    alwaysShow: true,
  };
}
