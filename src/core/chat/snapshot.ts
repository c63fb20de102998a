import type {
  Choice,
  LineageView,
  MessageRun,
  QueuedMessage,
  SessionHeader,
  ToView,
} from '../../protocol/chat/toView.js';
import type { ScrollPlace } from '../../protocol/chat/toHost.js';
import { permissionModes, type PermissionMode } from '../../protocol/cli/lines.js';
import type { SessionRecord } from '../../protocol/state/workspaceState.js';
import type { GitPlace } from '../ports.js';
import { pageSize } from '../session/history.js';
import type { Session } from '../session/session.js';
import { clipMessage } from './clip.js';

/** The modes a user may choose, with what each means. Bypassing all questions is not offered. */
export const modeChoices: readonly Choice<PermissionMode>[] = [
  { value: 'default', label: 'Ask', description: 'Asks before a tool changes something or runs a command.' },
  { value: 'acceptEdits', label: 'Accept Edits', description: 'Edits files without asking; still asks for the rest.' },
  { value: 'plan', label: 'Plan', description: 'Reads and plans, changes nothing.' },
  { value: 'dontAsk', label: "Don't Ask", description: 'Denies what your rules do not allow, without asking.' },
];

/** Characters of a queued message that the view gets; a longer one is changed in the composer. */
const maxQueuedText = 20_000;

/** Where the reader was, for good. */
type PlaceAnchor = NonNullable<ScrollPlace['anchor']>;

/** What the editor knows of a session's folder. */
export interface FolderView extends Pick<GitPlace, 'branch' | 'worktree'> {
  /** Tells it from the workspace's other folders. */
  readonly name: string;
  readonly path: string;
}

/** What a session is called; undefined when it is gone. */
export type NameOf = (id: string) => string | undefined;

/** What the chat shows around a session's conversation. */
export function sessionHeader(session: Session, folder: FolderView, nameOf: NameOf): SessionHeader {
  const { record, program } = session;
  const { mode } = record;
  return {
    id: session.id,
    name: record.name,
    folder: { name: folder.name, path: folder.path },
    branch: folder.branch,
    worktree: folder.worktree,
    model: record.model,
    models: program?.models ?? [],
    mode,
    modes: permissionModes.flatMap((one) => modeChoices.find(({ value }) => value === one) ?? unlisted(one, mode)),
    state: session.state,
    queue: session.queue.shown.map(cutQueued),
    queueHeld: session.queue.held,
    lineage: lineageView(record.lineage, nameOf),
  };
}

function lineageView(lineage: SessionRecord['lineage'], nameOf: NameOf): LineageView | null {
  if (lineage === null) return null;
  const { kind, parent: id } = lineage;
  const name = nameOf(id);
  return { kind, parent: name === undefined ? null : { id, name } };
}

function cutQueued(message: QueuedMessage): QueuedMessage {
  if (message.text.length <= maxQueuedText) return message;
  return { ...message, text: message.text.slice(0, maxQueuedText), cut: true };
}

/** A mode that is not offered is still named where it is on, such as when the program's own settings say so. */
function unlisted(mode: PermissionMode, current: PermissionMode): Choice<PermissionMode>[] {
  return mode === current ? [{ value: mode, label: mode, description: 'Set outside of Arbor.' }] : [];
}

/** Everything a view needs to show a session from now on. */
export function sessionSnapshot(
  session: Session,
  folder: FolderView,
  nameOf: NameOf,
): ToView & { readonly type: 'snapshot' } {
  const { transcript, record } = session;
  const earlier = Math.max(0, transcript.messages.length - pageSize);
  return {
    type: 'snapshot',
    header: sessionHeader(session, folder, nameOf),
    transcript: { ...transcript, messages: transcript.messages.slice(earlier).map(clipMessage) },
    earlier,
    unread: session.history.hasUnread,
    next: session.nextSequence,
    draft: record.draft,
    scroll: record.scroll,
    ...aroundPlace(session, earlier),
  };
}

/**
 * Reads from the transcript what the page of messages before a message needs beyond those in memory.
 * @param before number of the first message that the view has
 * @returns how many lines could not be read
 * @throws ArborError as `History.readEarlier`; `earlierPage` gives what there is then
 */
export async function loadEarlier(session: Session, before: number): Promise<number> {
  let unreadable = 0;
  while (session.history.hasUnread && countBefore(session, before) < pageSize) {
    unreadable += await session.history.readEarlier();
  }
  return unreadable;
}

/**
 * The page of messages before a message, of those in memory.
 * @param before number of the first message that the view has
 */
export function earlierPage(session: Session, before: number): ToView & { readonly type: 'earlier' } {
  const { messages } = session.transcript;
  const end = countBefore(session, before);
  const start = Math.max(0, end - pageSize);
  return {
    type: 'earlier',
    session: session.id,
    messages: messages.slice(start, end).map(clipMessage),
    earlier: start,
    unread: session.history.hasUnread,
  };
}

/**
 * What is around a message, of those in memory.
 * @param number the message's
 */
export function messagesAround(session: Session, number: number): MessageRun {
  const { messages } = session.transcript;
  const start = Math.max(0, countBefore(session, number) - pageSize / 2);
  return {
    messages: messages.slice(start, start + pageSize).map(clipMessage),
    earlier: start,
    unread: session.history.hasUnread,
  };
}

/** So many messages are in memory at most when the reader's place is looked for. */
const farthestPlace = 20_000;

/**
 * Reads back to the reader's place, which an earlier window kept.
 * @param anchor the message of the user's before the place, and how many messages after that it is
 * @returns what is around it; null when it is not there any more, or too far back
 * @throws as `History.readEarlier`
 */
export async function loadPlace(session: Session, anchor: PlaceAnchor): Promise<MessageRun | null> {
  for (let seenFrom = Infinity; ;) {
    const { messages } = session.transcript;
    const unseen = messages.filter(({ number }) => number < seenFrom);
    const prompt = unseen.findLast((message) => message.role === 'user' && message.uuid === anchor.uuid);
    if (prompt) return messagesAround(session, prompt.number + anchor.after);
    if (!session.history.hasUnread || messages.length >= farthestPlace) return null;
    seenFrom = messages[0]?.number ?? seenFrom;
    await session.history.readEarlier();
  }
}

/** What is around the reader's place, where that is before the last page and in memory. */
function aroundPlace(session: Session, lastPage: number): { readonly around?: MessageRun } {
  const { scroll } = session.record;
  const anchor = scroll?.atEnd === false ? scroll.anchor : undefined;
  if (!anchor) return {};
  const { messages } = session.transcript;
  const index = messages.findLastIndex((message) => message.role === 'user' && message.uuid === anchor.uuid);
  const message = messages[index + anchor.after];
  if (index < 0 || index + anchor.after >= lastPage || !message) return {};
  return { around: messagesAround(session, message.number) };
}

function countBefore({ transcript: { messages } }: Session, before: number): number {
  const found = messages.findIndex((message) => message.number >= before);
  return found < 0 ? messages.length : found;
}
