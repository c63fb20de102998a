/*
 * The editor's quick inputs as far as the code under test uses them, for tests of what it asks. What the editor makes of it is
 * shown by the tests in the real editor.
 */

class Emitter<T> {
  readonly #listeners = new Set<(value: T) => void>();
  readonly event = (listener: (value: T) => void): { dispose: () => void } => {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  };

  get count(): number {
    return this.#listeners.size;
  }

  fire(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }
}

/** A row of a quick pick. */
export interface FakeItem {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  readonly alwaysShow?: boolean;
}

/** A quick pick or an input box that a test answers as a user would. */
export class FakeInput {
  readonly accepted = new Emitter<undefined>();
  readonly hidden = new Emitter<undefined>();
  readonly typed = new Emitter<string>();
  readonly pressed = new Emitter<unknown>();
  readonly onDidAccept = this.accepted.event;
  readonly onDidHide = this.hidden.event;
  readonly onDidChangeValue = this.typed.event;
  readonly onDidTriggerButton = this.pressed.event;
  title = '';
  step = 0;
  totalSteps = 0;
  prompt = '';
  placeholder = '';
  value = '';
  ignoreFocusOut = false;
  sortByLabel = true;
  buttons: readonly unknown[] = [];
  isShown = false;
  isDisposed = false;
  #items: readonly FakeItem[] = [];
  #active: readonly FakeItem[] = [];

  get items(): readonly FakeItem[] {
    return this.#items;
  }

  /** As in the editor, the first one is marked then. */
  set items(items: readonly FakeItem[]) {
    this.#items = items;
    this.#active = items.slice(0, 1);
  }

  get activeItems(): readonly FakeItem[] {
    return this.#active;
  }

  set activeItems(items: readonly FakeItem[]) {
    this.#active = items;
  }

  get selectedItems(): readonly FakeItem[] {
    return this.#active;
  }

  get labels(): readonly string[] {
    return this.#items.map(({ label }) => label);
  }

  /** What is marked. */
  get marked(): string | undefined {
    return this.#active[0]?.label;
  }

  show(): void {
    this.isShown = true;
  }

  /** Types a text in the place of what is there. */
  type(text: string): void {
    this.value = text;
    this.typed.fire(text);
  }

  /** Presses Enter, with another row marked where one is named. */
  enter(label?: string): void {
    if (label !== undefined) this.#active = this.#items.filter((item) => item.label === label);
    this.accepted.fire(undefined);
  }

  escape(): void {
    this.hidden.fire(undefined);
  }

  back(): void {
    this.pressed.fire(this.buttons[0]);
  }

  dispose(): void {
    this.isDisposed = true;
    // As in the editor, disposing hides what shows.
    this.hidden.fire(undefined);
  }

  /** Whether nothing listens any more. */
  get isLeft(): boolean {
    return this.isDisposed && [this.accepted, this.hidden, this.typed, this.pressed].every(({ count }) => count === 0);
  }
}

/** What the editor was asked. */
export class FakeQuickInputs {
  readonly all: FakeInput[] = [];
  readonly module = {
    window: { createQuickPick: () => this.#make(), createInputBox: () => this.#make() },
  };

  /** The one that shows. @throws Error when none does */
  get now(): FakeInput {
    const now = this.all.find(({ isShown, isDisposed }) => isShown && !isDisposed);
    if (!now) throw new Error('Nothing is asked');
    return now;
  }

  #make(): FakeInput {
    const input = new FakeInput();
    this.all.push(input);
    return input;
  }
}
