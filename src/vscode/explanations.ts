import * as vscode from 'vscode';
import type { ErrorAction, Explanation } from '../base/errors.js';

/** What each action's button says. */
const titles: Readonly<Record<ErrorAction, string>> = {
  retry: 'Try Again',
  openSettings: 'Open Settings',
  showLog: 'Show Log',
  signIn: 'Sign In',
  newSession: 'New Session',
  manageTrust: 'Manage Trust',
  sendRecap: 'Send a Recap',
  recapInNewSession: 'Recap in a New Session',
  showRawEvents: 'Show Raw Events',
  installProgram: 'How to Install',
  openFolder: 'Open Folder',
};

/**
 * Shows an explanation as a notification, with its actions as buttons.
 * @param explanation what happened, what was kept, what to do
 * @param act does what a button says
 */
export async function showExplanation(explanation: Explanation, act: (action: ErrorAction) => void): Promise<void> {
  const { what, kept, next, actions = [] } = explanation;
  const text = [what, kept, next].filter((sentence) => sentence !== undefined).join(' ');
  const chosen = await vscode.window.showWarningMessage(text, ...actions.map((action) => titles[action]));
  const action = actions.find((one) => titles[one] === chosen);
  if (action) act(action);
}
