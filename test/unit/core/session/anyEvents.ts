import fc from 'fast-check';
import type { BlockAddress, SessionEvent, TurnUsage } from '../../../../src/protocol/session/events.js';

/*
 * Any events in any order, from so few ids that they meet: the reducer has to make the same of them whether it sees them all
 * or goes on from a snapshot, and whether pieces come joined or not.
 */

const text = fc.constantFrom('', 'a', 'bc', ' d');
const toolId = fc.constantFrom('t1', 't2', 't3');
const turn = fc.constantFrom('turn-1', 'turn-2');
const parent = fc.constantFrom(null, null, 't1', 't2');
const message = fc.constantFrom('m1', 'm2');
const block: fc.Arbitrary<BlockAddress> = fc.record({ parent, message, index: fc.nat({ max: 2 }) });
const tokens = fc.record({
  input: fc.nat({ max: 9 }),
  output: fc.nat({ max: 9 }),
  cacheRead: fc.nat({ max: 9 }),
  cacheWrite: fc.nat({ max: 9 }),
});
const usage: fc.Arbitrary<TurnUsage> = fc.record({
  tokens,
  costUsd: fc.nat({ max: 9 }),
  durationMs: fc.nat({ max: 9 }),
});
const at = fc.nat({ max: 100 });
const prompt = fc.record({ uuid: fc.constantFrom('u1', 'u2'), text });
const explanation = fc.record({ code: fc.constant('unexpected' as const), what: text });

const prose = fc.record({
  kind: fc.constantFrom('text' as const, 'thinking' as const),
  block,
  text,
  whole: fc.boolean(),
});

const tool = fc.oneof(
  fc.record({
    kind: fc.constant('toolUse' as const),
    phase: fc.constant('open' as const),
    block,
    id: toolId,
    name: fc.constant('Bash'),
  }),
  fc.record({
    kind: fc.constant('toolUse' as const),
    phase: fc.constant('input' as const),
    block,
    id: toolId,
    json: text,
  }),
  fc.record({
    kind: fc.constant('toolUse' as const),
    phase: fc.constant('ready' as const),
    block,
    id: toolId,
    name: fc.constant('Bash'),
    input: fc.record({ command: text }),
    invalid: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('toolProgress' as const), id: toolId, elapsedSeconds: fc.nat({ max: 9 }) }),
  fc.record(
    {
      kind: fc.constant('toolResult' as const),
      id: toolId,
      output: fc.record({ text, attachments: fc.nat({ max: 2 }) }),
      isError: fc.boolean(),
      canceled: fc.constant(true as const),
    },
    { requiredKeys: ['kind', 'id', 'output', 'isError'] },
  ),
  fc.record(
    {
      kind: fc.constant('permission' as const),
      request: fc.constant('p'),
      toolUseId: toolId,
      tool: fc.constant('Bash'),
      phase: fc.constantFrom('asked' as const, 'allowed' as const, 'denied' as const),
      reason: fc.constantFrom(null, 'no'),
      canceled: fc.constant(true as const),
    },
    { requiredKeys: ['kind', 'request', 'toolUseId', 'tool', 'phase', 'reason'] },
  ),
);

const status = fc.oneof(
  fc.record({
    kind: fc.constant('status' as const),
    status: fc.constantFrom('working' as const, 'compacting' as const, 'idle' as const),
  }),
  fc.record({
    kind: fc.constant('status' as const),
    status: fc.constant('compacted' as const),
    trigger: text,
    tokensBefore: at,
  }),
  fc.record({ kind: fc.constant('status' as const), status: fc.constant('compactFailed' as const), reason: text }),
  fc.record({
    kind: fc.constant('status' as const),
    status: fc.constant('retrying' as const),
    attempt: at,
    attempts: at,
    delayMs: at,
    reason: text,
  }),
  fc.record({
    kind: fc.constant('status' as const),
    status: fc.constant('settings' as const),
    model: fc.constantFrom(null, 'opus', 'haiku'),
    mode: fc.constantFrom(null, 'plan' as const),
    tools: at,
  }),
);

const outcome = fc.oneof(
  fc.record({ kind: fc.constant('complete' as const), turn, usage }),
  fc.record({ kind: fc.constant('canceled' as const), turn, by: fc.constant('user' as const), usage }),
  fc.record({ kind: fc.constant('error' as const), turn, error: explanation, usage }),
);

const other = fc.oneof(
  fc.record({
    kind: fc.constant('message' as const),
    parent,
    message,
    uuid: fc.constantFrom(null, 'l1', 'l2'),
    model: fc.constantFrom(null, 'opus'),
  }),
  fc.record({ kind: fc.constant('usage' as const), parent, message, tokens }),
  fc.record({ kind: fc.constant('steeringDelivered' as const), prompt }),
  fc.record({
    kind: fc.constant('notice' as const),
    level: fc.constantFrom('info' as const, 'warning' as const),
    notice: explanation,
  }),
  fc.record({
    kind: fc.constant('rateLimit' as const),
    state: fc.constantFrom('ok' as const, 'blocked' as const),
    window: fc.constant(null),
    resetsAt: fc.constantFrom(null, 5),
  }),
  fc.record({
    kind: fc.constant('subagent' as const),
    toolUseId: fc.constant('t1'),
    task: text,
    phase: fc.constant('started' as const),
    description: text,
  }),
  fc.record({ kind: fc.constant('passthrough' as const), handle: at, type: text }),
);

/** One event. */
const anyEvent: fc.Arbitrary<SessionEvent> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('start' as const), turn, prompt: fc.option(prompt), at }) },
  { weight: 8, arbitrary: prose },
  { weight: 8, arbitrary: tool },
  { weight: 2, arbitrary: status },
  { weight: 5, arbitrary: other },
  { weight: 1, arbitrary: outcome },
);

/** Events in any order. */
export const anyEvents: fc.Arbitrary<SessionEvent[]> = fc.array(anyEvent, { maxLength: 40 });
