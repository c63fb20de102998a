import * as vscode from 'vscode';
import { URI, Utils } from 'vscode-uri';
import { detach } from '../../base/detach.js';
import { ArborError, type ErrorAction } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import { editorLink } from '../../core/address/messageUri.js';
import { recap } from '../../core/chat/recap.js';
import type { Session } from '../../core/session/session.js';
import type { Sessions } from '../../core/session/sessions.js';
import { findTool } from '../../core/session/findTool.js';
import type { ToView } from '../../protocol/chat/toView.js';
import type { OutputLogger } from '../outputLogger.js';
import type { TextDocuments } from '../textDocuments.js';
import type { Workspace } from '../workspace.js';
import type { ChatEditor } from './chatController.js';
import { ForkActions } from './forkActions.js';

/** Where the program's own installation guide is. */
const installGuide = 'https://code.claude.com/docs/en/setup';

/** What the chat's actions need. */
export interface ChatEditorParts {
  readonly sessions: Sessions;
  readonly workspace: Workspace;
  readonly documents: TextDocuments;
  readonly output: OutputLogger;
  readonly logger: Logger;
  /** Finds the program and the environment that it gets, for the terminal in which the user signs in. */
  readonly signInCommand: () => Promise<SignInCommand>;
  /** Sends a message to the chat view. */
  readonly send: (message: ToView) => void;
}

/** A program to run in a terminal, without a shell. */
export interface SignInCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Does in the editor what the chat asks for. */
export class EditorActions implements ChatEditor {
  readonly #parts: ChatEditorParts;

  /** @param parts what the actions need */
  constructor(parts: ChatEditorParts) {
    this.#parts = parts;
  }

  act(action: ErrorAction, session: Session | null): void {
    detach(this.#act(action, session), (error) => {
      this.#parts.logger.error(`The action ${action} failed`, error);
    });
  }

  /** Asks beside the session that the chat shows, with all that it knows and without changing it. */
  async askAside(): Promise<void> {
    const { sessions, send } = this.#parts;
    await vscode.commands.executeCommand('arbor.chat.focus');
    const session = sessions.open;
    if (!session) return;
    await new ForkActions(sessions, send).take(session, { type: 'askAside', session: session.id });
  }

  async newSession(): Promise<void> {
    const { sessions, workspace, send } = this.#parts;
    const folder = await workspace.chooseFolder();
    if (folder === null) return;
    sessions.create(folder).warm();
    send({ type: 'focus' });
  }

  async openLink(href: string): Promise<void> {
    const uri = URI.parse(href);
    if (uri.scheme !== 'https' && uri.scheme !== 'http' && uri.scheme !== 'mailto') return;
    await vscode.env.openExternal(vscode.Uri.parse(href, true));
  }

  async openFile(path: string, session: Session): Promise<void> {
    const [, file = path, line] = /^(.*?)(?::(\d+))?(?::\d+)?$/.exec(path) ?? [];
    const folder = vscode.Uri.file(session.record.folder);
    const isAbsolute = file.startsWith('/') || /^[a-z]:[\\/]/i.test(file);
    const uri = isAbsolute ? vscode.Uri.file(file) : vscode.Uri.joinPath(folder, file);
    const at = Math.max(0, Number(line ?? 1) - 1);
    try {
      const document = await vscode.workspace.openTextDocument(uri);
      await vscode.window.showTextDocument(document, { selection: new vscode.Range(at, 0, at, 0) });
    } catch (error) {
      const what = `The file “${Utils.basename(URI.file(file))}” could not be opened.`;
      throw new ArborError({ code: 'notFound', what, next: 'It may have been moved or deleted.' }, error);
    }
  }

  async openOutput(session: Session, toolUseId: string): Promise<void> {
    const tool = findTool(session.transcript, toolUseId);
    if (tool?.result === null || tool === undefined) {
      throw new ArborError({ code: 'notFound', what: 'This output is not there any more.' });
    }
    await this.#parts.documents.show(`${tool.name}-output.txt`, tool.result);
  }

  async copyLink(session: Session, messageUuid: string): Promise<void> {
    await vscode.env.clipboard.writeText(editorLink(vscode.env.uriScheme, { sessionId: session.id, messageUuid }));
  }

  /** Shows the lines of the program that no event stands for. */
  async showRawEvents(session: Session | null): Promise<void> {
    const raw = session?.rawEvents;
    const lines = (raw?.entries ?? []).map(({ handle, type, text }) => `${String(handle)}\t${type}\t${text}`);
    const dropped = raw?.dropped ?? 0;
    const head = dropped > 0 ? [`(${String(dropped)} older lines are not kept)`] : [];
    const text = lines.length > 0 ? [...head, ...lines].join('\n') : 'No raw events so far in this window.';
    await this.#parts.documents.show('raw-events.txt', text);
  }

  /** Puts the selection of the active editor into the message, as a quote that names its place. */
  async addSelection(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    const session = this.#parts.sessions.open;
    if (!editor || !session) return;
    const { document, selection } = editor;
    const path = vscode.workspace.asRelativePath(document.uri, false);
    const first = selection.start.line + 1;
    const last = selection.end.line + 1;
    const place = first === last ? `${path}:${String(first)}` : `${path}:${String(first)}-${String(last)}`;
    const quote = document.getText(selection);
    const text = quote === '' ? `${path}\n` : `${place}\n\`\`\`${document.languageId}\n${quote}\n\`\`\`\n`;
    await vscode.commands.executeCommand('arbor.chat.focus');
    this.#parts.send({ type: 'insert', session: session.id, text });
  }

  async #act(action: ErrorAction, session: Session | null): Promise<void> {
    switch (action) {
      case 'retry':
        retry(session);
        return;
      case 'openSettings':
        await vscode.commands.executeCommand('workbench.action.openSettings', 'arbor.');
        return;
      case 'showLog':
        this.#parts.output.show();
        return;
      case 'signIn':
        await this.#signIn(session);
        return;
      case 'newSession':
        await this.newSession();
        return;
      case 'manageTrust':
        await vscode.commands.executeCommand('workbench.trust.manage');
        return;
      case 'sendRecap':
        if (session) this.#parts.send({ type: 'insert', session: session.id, text: recap(session.transcript) });
        return;
      case 'recapInNewSession':
        if (session) await new ForkActions(this.#parts.sessions, this.#parts.send).recap(session);
        return;
      case 'showRawEvents':
        await this.showRawEvents(session);
        return;
      case 'installProgram':
        await vscode.env.openExternal(vscode.Uri.parse(installGuide));
        return;
      case 'openFolder':
        await vscode.commands.executeCommand('workbench.action.files.openFolder');
        return;
    }
  }

  /** The program signs in by itself, in a terminal; Arbor sees nothing of it. */
  async #signIn(session: Session | null): Promise<void> {
    const { file, args, environment } = await this.#parts.signInCommand();
    const cwd = session?.record.folder;
    const terminal = vscode.window.createTerminal({
      name: 'Claude Code: Sign In',
      shellPath: file,
      shellArgs: [...args],
      env: { ...environment },
      ...(cwd === undefined ? {} : { cwd }),
    });
    terminal.show();
  }
}

/** Sends the last message of the user again. */
function retry(session: Session | null): void {
  const last = session?.transcript.messages.findLast((message) => message.role === 'user');
  if (session && last?.role === 'user') session.send(last.text);
}
