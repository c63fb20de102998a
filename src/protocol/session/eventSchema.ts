import * as v from 'valibot';
import type { ErrorAction, ErrorCode } from '../../base/errors.js';
import { permissionModes } from '../cli/lines.js';
import type { SessionEvent } from './events.js';

/*
 * The schema of a session's events, for those that come from a file: a journal's line may be torn, damaged or of a newer
 * release. Fields that are not known stay, so that nothing is lost on the way.
 */

/** All codes; one that is left out does not compile. */
const errorCodes: Readonly<Record<ErrorCode, true>> = {
  programNotFound: true,
  programNotExecutable: true,
  programTooOld: true,
  programBroken: true,
  folderMissing: true,
  folderUnreadable: true,
  workspaceUntrusted: true,
  signInRequired: true,
  rateLimited: true,
  overloaded: true,
  limitReached: true,
  apiError: true,
  connectionLost: true,
  contextOverflow: true,
  startTimeout: true,
  inactive: true,
  processExited: true,
  processKilled: true,
  noResult: true,
  executionError: true,
  conversationNotFound: true,
  sessionInUse: true,
  protocolError: true,
  requestTimeout: true,
  promptEmpty: true,
  promptTooLarge: true,
  busy: true,
  stateUnreadable: true,
  stateNewer: true,
  stateUnwritable: true,
  diskFull: true,
  storageMissing: true,
  badMessage: true,
  alreadySettled: true,
  notFound: true,
  ambiguous: true,
  turnCutOff: true,
  transcriptChanged: true,
  transcriptMissing: true,
  transcriptUnreadable: true,
  messageMissing: true,
  ripgrepNotFound: true,
  searchFailed: true,
  exportFailed: true,
  importFailed: true,
  unexpected: true,
};

/** All actions; one that is left out does not compile. */
const errorActions: Readonly<Record<ErrorAction, true>> = {
  retry: true,
  openSettings: true,
  showLog: true,
  signIn: true,
  newSession: true,
  manageTrust: true,
  sendRecap: true,
  recapInNewSession: true,
  showRawEvents: true,
  installProgram: true,
  openFolder: true,
};

const isCode = (value: string): value is ErrorCode => Object.hasOwn(errorCodes, value);
const isAction = (value: string): value is ErrorAction => Object.hasOwn(errorActions, value);

const text = v.string();
const number = v.number();

const explanation = v.looseObject({
  // A newer release may have others: what it says is still good.
  code: v.pipe(
    text,
    v.transform((code): ErrorCode => (isCode(code) ? code : 'unexpected')),
  ),
  what: text,
  kept: v.exactOptional(text),
  next: v.exactOptional(text),
  detail: v.exactOptional(text),
  actions: v.exactOptional(
    v.pipe(
      v.array(text),
      v.transform((actions) => actions.filter(isAction)),
    ),
  ),
});
const block = v.looseObject({ parent: v.nullable(text), message: text, index: number });
const tokens = v.looseObject({ input: number, output: number, cacheRead: number, cacheWrite: number });
const usage = v.looseObject({
  tokens,
  costUsd: number,
  durationMs: number,
  models: v.exactOptional(v.array(v.looseObject({ model: text, tokens, costUsd: number }))),
});
const prompt = v.looseObject({ uuid: text, text });
const jsonObject = v.record(text, v.unknown());
const isTrue = v.exactOptional(v.literal(true));

const toolUse = v.variant('phase', [
  v.looseObject({ kind: v.literal('toolUse'), phase: v.literal('open'), block, id: text, name: text }),
  v.looseObject({ kind: v.literal('toolUse'), phase: v.literal('input'), block, id: text, json: text }),
  v.looseObject({
    kind: v.literal('toolUse'),
    phase: v.literal('ready'),
    block,
    id: text,
    name: text,
    input: jsonObject,
    invalid: v.boolean(),
  }),
]);

const status = v.variant('status', [
  v.looseObject({ kind: v.literal('status'), status: v.picklist(['working', 'compacting', 'idle']) }),
  v.looseObject({ kind: v.literal('status'), status: v.literal('compacted'), trigger: text, tokensBefore: number }),
  v.looseObject({ kind: v.literal('status'), status: v.literal('compactFailed'), reason: text }),
  v.looseObject({
    kind: v.literal('status'),
    status: v.literal('retrying'),
    attempt: number,
    attempts: number,
    delayMs: number,
    reason: text,
  }),
  v.looseObject({
    kind: v.literal('status'),
    status: v.literal('settings'),
    model: v.nullable(text),
    mode: v.nullable(v.picklist(permissionModes)),
    tools: number,
  }),
]);

/** The schema of an event that was written down. An event of a kind that is not known does not fit it. */
export const sessionEventSchema: v.GenericSchema<unknown, SessionEvent> = v.variant('kind', [
  v.looseObject({ kind: v.literal('start'), turn: text, prompt: v.nullable(prompt), at: number }),
  v.looseObject({
    kind: v.literal('message'),
    parent: v.nullable(text),
    message: text,
    uuid: v.nullable(text),
    model: v.nullable(text),
  }),
  v.looseObject({ kind: v.picklist(['text', 'thinking']), block, text, whole: v.boolean() }),
  toolUse,
  v.looseObject({ kind: v.literal('toolProgress'), id: text, elapsedSeconds: number }),
  v.looseObject({
    kind: v.literal('toolResult'),
    id: text,
    output: v.looseObject({ text, cutFrom: v.exactOptional(number), attachments: number }),
    isError: v.boolean(),
    canceled: isTrue,
  }),
  v.looseObject({
    kind: v.literal('subagent'),
    toolUseId: v.nullable(text),
    task: text,
    phase: v.picklist(['started', 'progress', 'ended']),
    description: text,
  }),
  v.looseObject({
    kind: v.literal('permission'),
    request: text,
    toolUseId: text,
    tool: text,
    phase: v.picklist(['asked', 'allowed', 'denied']),
    reason: v.nullable(text),
    canceled: isTrue,
  }),
  status,
  v.looseObject({
    kind: v.literal('rateLimit'),
    state: v.picklist(['ok', 'warning', 'blocked']),
    window: v.nullable(text),
    resetsAt: v.nullable(number),
  }),
  v.looseObject({ kind: v.literal('usage'), parent: v.nullable(text), message: text, tokens }),
  v.looseObject({ kind: v.literal('steeringDelivered'), prompt }),
  v.looseObject({ kind: v.literal('notice'), level: v.picklist(['info', 'warning']), notice: explanation }),
  v.looseObject({ kind: v.literal('complete'), turn: text, usage }),
  v.looseObject({ kind: v.literal('canceled'), turn: text, by: v.picklist(['user', 'denial', 'program']), usage }),
  v.looseObject({ kind: v.literal('error'), turn: text, error: explanation, usage }),
  v.looseObject({ kind: v.literal('passthrough'), handle: number, type: text }),
]);
