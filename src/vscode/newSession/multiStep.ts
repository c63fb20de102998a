import * as vscode from 'vscode';
import { DisposableStore } from '../../base/disposable.js';

/** Where a step stands, for its title and its back button. */
export interface StepPlace {
  readonly title: string;
  /** From 1. */
  readonly step: number;
  readonly totalSteps: number;
}

/** What a step came to: a value, the step before, or nothing at all. */
export type StepResult<T> = { readonly kind: 'next'; readonly value: T } | { readonly kind: 'back' | 'cancel' };

/** A choice of a step. */
export interface StepChoice<T> {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  readonly value: T;
}

/** What a step with choices asks. */
export interface ChoiceStep<T> {
  readonly placeholder: string;
  readonly choices: readonly StepChoice<T>[];
  /** The one that Enter takes; the first where none is named. */
  readonly current?: T;
  /** Makes a choice of what the user typed that no choice is called; left out, only the choices can be taken. */
  readonly other?: (text: string) => StepChoice<T>;
}

interface Item<T> extends vscode.QuickPickItem {
  readonly value: T;
}

/** Asks for one of several things. Escape cancels, Enter takes the one that is marked. */
export function askChoice<T>(place: StepPlace, step: ChoiceStep<T>): Promise<StepResult<T>> {
  const { placeholder, choices, current, other } = step;
  const owned = new DisposableStore();
  const pick = owned.add(vscode.window.createQuickPick<Item<T>>());
  const items = choices.map(itemOf);
  pick.placeholder = placeholder;
  pick.items = items;
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  const marked = items.find(({ value }) => value === current);
  if (marked) pick.activeItems = [marked];
  if (other) {
    owned.add(
      pick.onDidChangeValue((typed) => {
        const text = typed.trim();
        const isKnown = text === '' || choices.some(({ label, value }) => label === text || value === text);
        // It fits what was typed whatever its label says.
        pick.items = isKnown ? items : [...items, { ...itemOf(other(text)), alwaysShow: true }];
      }),
    );
  }
  return answer(owned, pick, place, () => {
    const [chosen] = pick.selectedItems;
    return chosen ? { kind: 'next', value: chosen.value } : null;
  });
}

/** What a step with a text asks. */
export interface TextStep {
  readonly prompt: string;
  readonly placeholder: string;
  readonly value: string;
}

/** Asks for a text, which may be empty. Escape cancels. */
export function askText(place: StepPlace, { prompt, placeholder, value }: TextStep): Promise<StepResult<string>> {
  const owned = new DisposableStore();
  const input = owned.add(vscode.window.createInputBox());
  input.prompt = prompt;
  input.placeholder = placeholder;
  input.value = value;
  return answer(owned, input, place, () => ({ kind: 'next', value: input.value.trim() }));
}

type Input = Pick<
  vscode.QuickPick<vscode.QuickPickItem>,
  | 'title'
  | 'step'
  | 'totalSteps'
  | 'buttons'
  | 'ignoreFocusOut'
  | 'onDidAccept'
  | 'onDidTriggerButton'
  | 'onDidHide'
  | 'show'
>;

/** @param take what Enter comes to; null for nothing yet */
function answer<T>(
  owned: DisposableStore,
  input: Input,
  { title, step, totalSteps }: StepPlace,
  take: () => StepResult<T> | null,
): Promise<StepResult<T>> {
  input.title = title;
  input.step = step;
  input.totalSteps = totalSteps;
  input.buttons = step > 1 ? [vscode.QuickInputButtons.Back] : [];
  // What was answered must not be lost because the user looks something up.
  input.ignoreFocusOut = true;
  return new Promise((resolve) => {
    const end = (result: StepResult<T>): void => {
      resolve(result);
      owned.dispose();
    };
    owned.add(
      input.onDidAccept(() => {
        const result = take();
        if (result) end(result);
      }),
    );
    owned.add(
      input.onDidTriggerButton(() => {
        end({ kind: 'back' });
      }),
    );
    owned.add(
      input.onDidHide(() => {
        end({ kind: 'cancel' });
      }),
    );
    input.show();
  });
}

function itemOf<T>({ label, description, detail, value }: StepChoice<T>): Item<T> {
  return {
    label: label.replaceAll('$(', String.raw`\$(`),
    value,
    ...(description === undefined ? {} : { description }),
    ...(detail === undefined ? {} : { detail }),
  };
}
