import * as vscode from 'vscode';
import { CancellationError, type CancellationToken } from '../../base/cancellation.js';
import { arrayAt, isObject, stringAt, type JsonObject } from '../../base/json.js';
import { makeVisible } from '../../base/visibleText.js';
import type { PermissionPrompter } from '../../core/permissions/broker.js';
import type { PermissionAnswer, PermissionRequest } from '../../core/permissions/request.js';

/** The tool by which Claude asks the user something. */
export const questionTool = 'AskUserQuestion';

interface Question {
  readonly text: string;
  readonly many: boolean;
  readonly options: readonly { readonly label: string; readonly description: string }[];
}

interface Item extends vscode.QuickPickItem {
  readonly answer: string | null;
}

/** Asks Claude's questions as quick picks, one after the other; closing one answers none of them. */
export class QuestionPrompter implements PermissionPrompter {
  async prompt(request: PermissionRequest, token: CancellationToken): Promise<PermissionAnswer> {
    const questions = readQuestions(request.input);
    const answers: Record<string, string> = {};
    for (const [index, question] of questions.entries()) {
      const step = questions.length > 1 ? ` (${String(index + 1)} of ${String(questions.length)})` : '';
      const answer = await ask(question, `Claude asks${step}`, token);
      if (token.isCancelled) throw new CancellationError();
      if (answer === undefined) {
        return { behavior: 'deny', message: 'The user closed the question without an answer.', interrupt: false };
      }
      answers[question.text] = answer;
    }
    return { behavior: 'allow', input: { ...request.input, answers } };
  }
}

function readQuestions(input: JsonObject): readonly Question[] {
  return arrayAt(input, 'questions')
    .filter(isObject)
    .map((question) => ({
      text: stringAt(question, 'question') ?? '',
      many: question['multiSelect'] === true,
      options: arrayAt(question, 'options')
        .filter(isObject)
        .map((option) => ({
          label: stringAt(option, 'label') ?? '',
          description: stringAt(option, 'description') ?? '',
        })),
    }));
}

async function ask(question: Question, title: string, token: CancellationToken): Promise<string | undefined> {
  const items: Item[] = question.options.map(({ label, description }) => ({
    label: makeVisible(label),
    detail: makeVisible(description),
    answer: label,
  }));
  items.push({ label: '$(edit) Something else…', answer: null, alwaysShow: true });
  const chosen = await pick(items, { title, placeholder: makeVisible(question.text), many: question.many }, token);
  if (chosen === undefined || chosen.length === 0) return undefined;
  const answers: string[] = [];
  for (const item of chosen) {
    const answer = item.answer ?? (await vscode.window.showInputBox({ title, prompt: makeVisible(question.text) }));
    if (answer === undefined) return undefined;
    answers.push(answer);
  }
  return answers.join(', ');
}

interface PickOptions {
  readonly title: string;
  readonly placeholder: string;
  readonly many: boolean;
}

/** A quick pick that closes when nobody waits for the answer any more. */
function pick(
  items: readonly Item[],
  options: PickOptions,
  token: CancellationToken,
): Promise<readonly Item[] | undefined> {
  return new Promise((resolve) => {
    const quickPick = vscode.window.createQuickPick<Item>();
    const subscription = token.onCancelled(() => {
      quickPick.hide();
    });
    quickPick.title = options.title;
    quickPick.placeholder = options.placeholder;
    quickPick.canSelectMany = options.many;
    quickPick.ignoreFocusOut = true;
    quickPick.items = items;
    quickPick.onDidAccept(() => {
      resolve([...quickPick.selectedItems]);
      quickPick.hide();
    });
    quickPick.onDidHide(() => {
      resolve(undefined);
      subscription.dispose();
      quickPick.dispose();
    });
    quickPick.show();
  });
}
