import type * as vscode from 'vscode';

/*
 * The little of the editor's interface that the tree uses, for tests of what the tree asks the editor to do. What the editor
 * makes of it is shown by the tests in the real editor.
 */

class EventEmitter<T> {
  readonly #listeners = new Set<(value: T) => void>();
  readonly event = (listener: (value: T) => void): { dispose: () => void } => {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  };

  fire(value: T): void {
    for (const listener of this.#listeners) listener(value);
  }

  dispose(): void {
    this.#listeners.clear();
  }
}

class TreeItem {
  constructor(
    readonly label: string,
    readonly collapsibleState = 0,
  ) {}
}

class ThemeColor {
  constructor(readonly id: string) {}
}

class ThemeIcon {
  constructor(
    readonly id: string,
    readonly color?: ThemeColor,
  ) {}
}

/** A view that remembers what it was asked for. */
export class FakeTreeView {
  readonly visibility = new EventEmitter<{ readonly visible: boolean }>();
  readonly onDidChangeVisibility = this.visibility.event;
  readonly revealed: unknown[] = [];
  visible = true;
  selection: unknown[] = [];
  badge: vscode.ViewBadge | undefined;
  description = '';

  constructor(
    readonly id: string,
    readonly options: Pick<vscode.TreeViewOptions<unknown>, 'treeDataProvider' | 'canSelectMany' | 'showCollapseAll'>,
  ) {}

  reveal(node: unknown): Promise<void> {
    this.revealed.push(node);
    return Promise.resolve();
  }

  show(visible: boolean): void {
    this.visible = visible;
    this.visibility.fire({ visible });
  }

  dispose(): void {
    this.visibility.dispose();
  }
}

/** An input box that a test types into. */
export class FakeInputBox {
  readonly changed = new EventEmitter<string>();
  readonly accepted = new EventEmitter<undefined>();
  readonly hidden = new EventEmitter<undefined>();
  readonly onDidChangeValue = this.changed.event;
  readonly onDidAccept = this.accepted.event;
  readonly onDidHide = this.hidden.event;
  value = '';
  validationMessage: string | undefined;

  type(text: string): void {
    this.value = text;
    this.changed.fire(text);
  }

  show(): void {
    this.validationMessage = undefined;
  }

  hide(): void {
    this.hidden.fire(undefined);
  }

  dispose(): void {
    this.changed.dispose();
  }
}

/** What the editor was asked, and what the user of a test answers. */
export class FakeEditor {
  readonly views: FakeTreeView[] = [];
  readonly inputs: FakeInputBox[] = [];
  readonly commands = new Map<string, (...args: unknown[]) => Promise<unknown>>();
  readonly context = new Map<unknown, unknown>();
  readonly asked: unknown[][] = [];
  readonly clipboard: string[] = [];
  /** What the next dialogs answer; undefined is what closing one gives. */
  readonly answers: (string | undefined)[] = [];

  /** The module as the code under test imports it. */
  readonly module = {
    EventEmitter,
    TreeItem,
    ThemeColor,
    ThemeIcon,
    TreeItemCollapsibleState: { None: 0, Collapsed: 1, Expanded: 2 },
    env: { clipboard: { writeText: (text: string) => Promise.resolve(this.clipboard.push(text)) } },
    window: {
      createTreeView: (id: string, options: FakeTreeView['options']) => {
        const view = new FakeTreeView(id, options);
        this.views.push(view);
        return view;
      },
      createInputBox: () => {
        const input = new FakeInputBox();
        this.inputs.push(input);
        return input;
      },
      showInputBox: (options: unknown) => this.#answer('input', options),
      showInformationMessage: (text: string) => this.#answer('information', text),
      showWarningMessage: async (text: string, options: unknown, ...items: { readonly title: string }[]) => {
        const title = await this.#answer('warning', text, options, ...items.map((item) => item.title));
        return items.find((item) => item.title === title);
      },
      showQuickPick: async (items: { readonly label: string }[]) => {
        const label = await this.#answer('pick', ...items.map((item) => item.label));
        return items.find((item) => item.label === label);
      },
    },
    commands: {
      registerCommand: (name: string, run: (...args: unknown[]) => Promise<unknown>) => {
        this.commands.set(name, run);
        return { dispose: () => this.commands.delete(name) };
      },
      executeCommand: (name: string, key: unknown, value: unknown) => {
        if (name === 'setContext') this.context.set(key, value);
        return Promise.resolve();
      },
    },
  };

  #answer(...question: unknown[]): Promise<string | undefined> {
    this.asked.push(question);
    return Promise.resolve(this.answers.shift());
  }
}
