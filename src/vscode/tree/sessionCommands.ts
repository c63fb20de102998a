import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.js';
import { explain, type Explanation } from '../../base/errors.js';
import type { SessionSummary } from '../../core/tree/summary.js';
import { commonTags, retagged } from '../../core/tree/tags.js';
import { registerNamed, type CommandTable } from '../commands.js';
import { sessionCommandNames, type SessionCommandName } from '../contributions.js';
import { askDelete, askFilter, askName, askOrder, askTags } from './sessionDialogs.js';
import type { SessionsView } from './sessionsView.js';

/** What is done with the sessions that a command is for; there is at least one. */
type Act = (sessions: readonly [SessionSummary, ...SessionSummary[]]) => Promise<void>;

/**
 * Registers the commands of the view `Sessions`.
 * @param view the view
 * @param onProblem told what the user should know when one fails
 */
export function registerSessionCommands(view: SessionsView, onProblem: (problem: Explanation) => void): Disposable {
  return registerNamed(sessionCommandNames, commands(view), (error) => {
    onProblem(explain(error, 'The command failed.'));
  });
}

function commands(view: SessionsView): CommandTable<SessionCommandName> {
  const forChosen =
    (act: Act) =>
    async (...args: readonly unknown[]): Promise<void> => {
      const [first, ...others] = view.chosen(args);
      if (first) await act([first, ...others]);
      else await vscode.window.showInformationMessage('Choose a session in the view “Sessions” first.');
    };
  const each = (act: (id: string) => Promise<void>): ReturnType<typeof forChosen> =>
    forChosen(async (sessions) => {
      for (const { id } of sessions) await act(id);
    });
  const all = (act: (ids: readonly string[]) => Promise<void>): ReturnType<typeof forChosen> =>
    forChosen((sessions) => act(sessions.map(({ id }) => id)));
  return {
    'arbor.session.open': forChosen(([{ id }]) => view.directory.open(id)),
    'arbor.session.rename': forChosen(async ([session]) => {
      const name = await askName(session);
      if (name !== null && name !== session.name) await view.directory.rename(session.id, name);
    }),
    'arbor.session.tag': forChosen(async (sessions) => {
      const common = commonTags(sessions.map(({ tags }) => tags));
      const edited = await askTags(sessions.length, common);
      if (edited === null) return;
      for (const { id, tags } of sessions) await view.directory.setTags(id, retagged(tags, common, edited));
    }),
    'arbor.session.star': all((ids) => view.directory.setStarred(ids, true)),
    'arbor.session.unstar': all((ids) => view.directory.setStarred(ids, false)),
    'arbor.session.archive': all((ids) => view.directory.setArchived(ids, true)),
    'arbor.session.unarchive': all((ids) => view.directory.setArchived(ids, false)),
    'arbor.session.markUnread': all((ids) => view.directory.setUnread(ids, true)),
    'arbor.session.markRead': all((ids) => view.directory.setUnread(ids, false)),
    'arbor.session.delete': forChosen(async (sessions) => {
      const answer = await askDelete(sessions);
      if (answer === 'no') return;
      await view.directory.delete(
        sessions.map(({ id }) => id),
        answer === 'transcripts',
      );
    }),
    'arbor.session.fork': forChosen(([{ id }]) => view.directory.fork(id)),
    'arbor.session.stop': each((id) => view.directory.stop(id)),
    'arbor.session.copyId': forChosen(async (sessions) => {
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
    'arbor.sessions.refresh': () => view.directory.refresh(),
  };
}
