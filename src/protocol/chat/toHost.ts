import * as v from 'valibot';
import { messagePriorities, permissionModes } from '../cli/lines.js';

/*
 * What the chat view sends to the extension host. The view shows hostile data, so the host believes nothing it says:
 * every message goes through this schema first. Version 1; view and host come from one package.
 */

/** Longest prompt in characters that the view may send; a longer one is refused with a message. */
export const maxPromptLength = 8_000_000;

const session = v.pipe(v.string(), v.uuid());
const text = v.pipe(v.string(), v.maxLength(maxPromptLength));
/** The id of a queued message. */
const queued = v.pipe(v.string(), v.maxLength(200));
const index = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Where the reader is: at the end, or so many pixels below the top of a message. */
export const scrollPlaceSchema = v.object({
  atEnd: v.boolean(),
  /** The message's number, which holds as long as the view does. */
  message: index,
  offset: v.pipe(v.number(), v.finite()),
  /** The same for good: the last message of the user's up to there, and how many messages after that one it is. */
  anchor: v.optional(v.object({ uuid: v.pipe(v.string(), v.maxLength(200)), after: index })),
});

/** Where the reader is: at the end, or so many pixels below the top of a message. */
export type ScrollPlace = v.InferOutput<typeof scrollPlaceSchema>;

/** What a card's button asks for; the same terms as `ErrorAction`. */
const action = v.picklist([
  'retry',
  'openSettings',
  'showLog',
  'signIn',
  'newSession',
  'manageTrust',
  'sendRecap',
  'recapInNewSession',
  'showRawEvents',
  'installProgram',
  'openFolder',
]);

/** The schema of everything the view may send. */
export const toHostSchema = v.variant('type', [
  /** The view is loaded and wants the state. */
  v.object({ type: v.literal('ready') }),
  /** A prompt; the priority says when it is delivered while a turn runs, left out it is `later`. */
  v.object({ type: v.literal('send'), session, text, priority: v.optional(v.picklist(messagePriorities)) }),
  v.object({ type: v.literal('stop'), session }),
  v.object({ type: v.literal('draft'), session, text }),
  v.object({ type: v.literal('scroll'), session, place: scrollPlaceSchema }),
  /** A new session; the host asks for the folder when there are several. */
  v.object({ type: v.literal('newSession') }),
  /** The page of messages before message number `before`. */
  v.object({ type: v.literal('earlier'), session, before: index }),
  /** What is around the reader's place, by its anchor, which is on a page that the view does not have. */
  v.object({ type: v.literal('findPlace'), session, uuid: v.pipe(v.string(), v.maxLength(200)), after: index }),
  /** The message that the host asked for is in view. */
  v.object({ type: v.literal('revealed'), session, message: index }),
  /** Puts a link to a message into the clipboard. */
  v.object({ type: v.literal('copyLink'), session, message: v.pipe(v.string(), v.uuid()) }),
  v.object({ type: v.literal('setMode'), session, mode: v.picklist(permissionModes) }),
  v.object({ type: v.literal('setModel'), session, model: v.pipe(v.string(), v.maxLength(200)) }),
  /** Takes a queued message back into the composer, or out. */
  v.object({ type: v.literal('unqueue'), session, id: queued, edit: v.boolean() }),
  /** Does something with a queued message. `beginEdit` has it shown as `edited`, until `queueEdit` or `endEdit`. */
  v.object({
    type: v.literal('queueDo'),
    session,
    id: queued,
    action: v.picklist(['hold', 'release', 'steer', 'sendNow', 'beginEdit', 'endEdit']),
  }),
  v.object({ type: v.literal('queueMove'), session, id: queued, to: index }),
  v.object({ type: v.literal('queueEdit'), session, id: queued, text }),
  v.object({ type: v.literal('holdQueue'), session }),
  /** Sends what is held in the queue after a turn was stopped or failed. */
  v.object({ type: v.literal('sendQueue'), session }),
  /** A new session with everything up to and including message number `message`. */
  v.object({ type: v.literal('fork'), session, message: index }),
  /** A new session with everything before that message of the user's, whose text goes into the composer. */
  v.object({ type: v.literal('editAndResend'), session, message: index }),
  /** A new session with everything that there is now. */
  v.object({ type: v.literal('forkNow'), session }),
  /** The same to be thrown away: a question whose answer leaves the session as it is. */
  v.object({ type: v.literal('askAside'), session }),
  v.object({ type: v.literal('keepAside'), session }),
  v.object({ type: v.literal('discardAside'), session }),
  /** Shows another session, such as the one that this one was forked from. */
  v.object({ type: v.literal('openSession'), id: session }),
  /** A card's button; without a session where there is none yet, such as with no folder open. */
  v.object({ type: v.literal('action'), session: v.nullable(session), action }),
  v.object({ type: v.literal('openLink'), href: v.pipe(v.string(), v.maxLength(4096)) }),
  v.object({ type: v.literal('openFile'), session, path: v.pipe(v.string(), v.maxLength(4096)) }),
  /** Opens a tool's whole result as a read-only document. */
  v.object({ type: v.literal('openOutput'), session, toolUseId: v.pipe(v.string(), v.maxLength(200)) }),
  /** Something the view could not do, for the log; never shown content. */
  v.object({ type: v.literal('viewError'), message: v.pipe(v.string(), v.maxLength(2000)) }),
]);

/** A message of the view to the host. */
export type ToHost = v.InferOutput<typeof toHostSchema>;
