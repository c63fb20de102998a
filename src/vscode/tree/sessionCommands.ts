import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.js';
import type { SessionDirectory } from '../../core/tree/sessionDirectory.js';
import type { SessionSummary } from '../../core/tree/summary.js';
import { commonTags, retagged } from '../../core/tree/tags.js';
import { registerNamed, type CommandTable } from '../commands.js';
import { sessionCommandNames, type SessionCommandName } from '../contributions.js';
import { askDelete, askFilter, askName, askOrder, askTags } from './sessionDialogs.js';
import type { SessionsView } from './sessionsView.js';

/** What is done with the sessions that a command is for; there is at least one. */
type Act = (directory: SessionDirectory, sessions: readonly [SessionSummary, ...SessionSummary[]]) => Promise<void>;

/**
 * Registers the commands of the view `Sessions`.
 * @param view the view
 * @param onError told when one fails
 */
export function registerSessionCommands(view: SessionsView, onError: (error: unknown) => void): Disposable {
  const table = commands(view);
  return registerNamed(sessionCommandNames, (name, ...args) => table[name](...args), onError);
}

function commands(view: SessionsView): CommandTable<SessionCommandName> {
  const forChosen =
    (act: Act) =>
    async (...args: readonly unknown[]): Promise<void> => {
      const [first, ...others] = await view.chosen(args);
      if (first) await act(await view.directory(), [first, ...others]);
      else await vscode.window.showInformationMessage('Choose a session in the view “Sessions” first.');
    };
  const each = (act: (directory: SessionDirectory, id: string) => Promise<void>): ReturnType<typeof forChosen> =>
    forChosen(async (directory, sessions) => {
      for (const { id } of sessions) await act(directory, id);
    });
  const all = (
    act: (directory: SessionDirectory, ids: readonly string[]) => Promise<void>,
  ): ReturnType<typeof forChosen> =>
    forChosen((directory, sessions) =>
      act(
        directory,
        sessions.map(({ id }) => id),
      ),
    );
  return {
    'arbor.session.open': forChosen((directory, [{ id }]) => directory.open(id)),
    'arbor.session.rename': forChosen(async (directory, [session]) => {
      const name = await askName(session);
      if (name !== null && name !== session.name) await directory.rename(session.id, name);
    }),
    'arbor.session.tag': forChosen(async (directory, sessions) => {
      const common = commonTags(sessions.map(({ tags }) => tags));
      const edited = await askTags(sessions.length, common);
      if (edited === null) return;
      for (const { id, tags } of sessions) await directory.setTags(id, retagged(tags, common, edited));
    }),
    'arbor.session.star': all((directory, ids) => directory.setStarred(ids, true)),
    'arbor.session.unstar': all((directory, ids) => directory.setStarred(ids, false)),
    'arbor.session.archive': all((directory, ids) => directory.setArchived(ids, true)),
    'arbor.session.unarchive': all((directory, ids) => directory.setArchived(ids, false)),
    'arbor.session.markUnread': all((directory, ids) => directory.setUnread(ids, true)),
    'arbor.session.markRead': all((directory, ids) => directory.setUnread(ids, false)),
    'arbor.session.delete': forChosen(async (directory, sessions) => {
      const answer = await askDelete(sessions);
      if (answer === 'no') return;
      await directory.delete(
        sessions.map(({ id }) => id),
        answer === 'transcripts',
      );
    }),
    'arbor.session.fork': forChosen((directory, [{ id }]) => directory.fork(id)),
    'arbor.session.stop': each((directory, id) => directory.stop(id)),
    'arbor.session.copyId': forChosen(async (_, sessions) => {
      await vscode.env.clipboard.writeText(sessions.map(({ id }) => id).join('\n'));
    }),
    'arbor.sessions.filter': async () => {
      await vscode.commands.executeCommand('arbor.sessions.focus');
      await askFilter(view.filter, (text) => {
        view.setFilter(text);
      });
    },
    'arbor.sessions.clearFilter': () => {
      view.setFilter('');
      return Promise.resolve();
    },
    'arbor.sessions.sort': async () => {
      const order = await askOrder(view.order);
      if (order !== null) view.setOrder(order);
    },
    'arbor.sessions.showArchived': () => {
      view.setArchivedShown(true);
      return Promise.resolve();
    },
    'arbor.sessions.hideArchived': () => {
      view.setArchivedShown(false);
      return Promise.resolve();
    },
    'arbor.sessions.showMore': (node) => {
      view.showMore(node);
      return Promise.resolve();
    },
    'arbor.sessions.refresh': async () => (await view.directory()).refresh(),
  };
}
