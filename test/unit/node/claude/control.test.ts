import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../../src/base/clock.js';
import { ArborError } from '../../../../src/base/errors.js';
import type { JsonObject } from '../../../../src/base/json.js';
import { silentLogger } from '../../../../src/base/logger.js';
import type { IncomingPermission } from '../../../../src/core/ports.js';
import { ControlChannel } from '../../../../src/node/claude/control.js';
import { inputClosed } from '../../../../src/node/claude/failures.js';

/** A channel with both of its ends in the test's hand. */
function channel(write?: (line: JsonObject) => Promise<void>) {
  const written: JsonObject[] = [];
  const permissions: IncomingPermission[] = [];
  const timers = new Set<() => void>();
  const clock: Clock = {
    now: () => 0,
    after: (_milliseconds, callback) => {
      timers.add(callback);
      return { dispose: () => timers.delete(callback) };
    },
  };
  const control = new ControlChannel({
    origin: { sessionId: 's', folder: '/w' },
    clock,
    logger: silentLogger,
    write:
      write ??
      ((line) => {
        written.push(line);
        return Promise.resolve();
      }),
    onPermission: (permission) => permissions.push(permission),
  });
  return { control, written, permissions, timers };
}

function answer(id: unknown, response: JsonObject): JsonObject & { type: string } {
  return { type: 'control_response', response: { subtype: 'success', request_id: id, response } };
}

function ask(id: string, request: JsonObject): JsonObject & { type: string } {
  return { type: 'control_request', request_id: id, request };
}

const tool = { subtype: 'can_use_tool', tool_name: 'Bash', tool_use_id: 't1', input: { command: 'ls' } };

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => 'no error',
    (thrown: unknown) => thrown,
  );
  return error instanceof ArborError ? error.code : String(error);
}

describe('the control protocol', () => {
  it('T2 matches answers to requests by their id, in any order', async () => {
    const { control, written, timers } = channel();
    const first = control.request({ subtype: 'set_model', model: 'opus' }, 1);
    const second = control.request({ subtype: 'get_usage' }, 1);
    expect(written.map((line) => line['request'])).toEqual([
      { subtype: 'set_model', model: 'opus' },
      { subtype: 'get_usage' },
    ]);
    expect(control.handle(answer(written[1]?.['request_id'], { n: 2 }))).toBe('consumed');
    expect(control.handle(answer(written[0]?.['request_id'], { n: 1 }))).toBe('consumed');
    expect(await first).toEqual({ n: 1 });
    expect(await second).toEqual({ n: 2 });
    expect(timers.size).toBe(0);
  });

  it('T2 ignores answers that nobody waits for: echoes of our own, late ones, nonsense', async () => {
    const { control, written } = channel();
    const request = control.request({ subtype: 'x' }, 1);
    for (const response of [undefined, 7, {}, { request_id: 'theirs', subtype: 'success' }, { request_id: 5 }]) {
      expect(control.handle({ type: 'control_response', response })).toBe('consumed');
    }
    control.handle(answer(written[0]?.['request_id'], {}));
    control.handle(answer(written[0]?.['request_id'], { late: true }));
    expect(await request).toEqual({});
  });

  it('T2 says so when the program refuses, does not answer, does not listen, or is gone', async () => {
    const { control, written, timers } = channel();
    const refused = control.request({ subtype: 'x' }, 1);
    control.handle({
      type: 'control_response',
      response: { subtype: 'error', request_id: written[0]?.['request_id'], error: 'no such thing' },
    });
    await expect(refused).rejects.toMatchObject({ code: 'protocolError', explanation: { detail: 'no such thing' } });
    const late = control.request({ subtype: 'x' }, 1);
    for (const fire of timers) fire();
    expect(await codeOf(late)).toBe('requestTimeout');
    const open = control.request({ subtype: 'x' }, 1);
    control.close(inputClosed());
    expect(await codeOf(open)).toBe('processExited');
    expect(await codeOf(control.request({ subtype: 'x' }, 1))).toBe('processExited');
    const deaf = channel(() => Promise.reject(inputClosed()));
    expect(await codeOf(deaf.control.request({ subtype: 'x' }, 1))).toBe('processExited');
    expect(timers.size).toBe(0);
  });

  it('A1 reads a permission request whole', () => {
    const { control, permissions } = channel();
    const more = {
      decision_reason: 'because',
      blocked_path: '/etc',
      agent_id: 'agent',
      permission_suggestions: [{ type: 'addRules' }, 'nonsense'],
      suppress_always_allow_rule: true,
      default_to_no: true,
    };
    expect(control.handle(ask('r1', { ...tool, ...more }))).toBe('consumed');
    expect(permissions[0]?.request).toEqual({
      id: 'r1',
      sessionId: 's',
      folder: '/w',
      toolUseId: 't1',
      tool: 'Bash',
      input: { command: 'ls' },
      reason: 'because',
      blockedPath: '/etc',
      agentId: 'agent',
      suggestions: [{ type: 'addRules' }],
      suppressAlways: true,
      defaultToNo: true,
    });
  });

  it('A4 answers once, in the protocol’s form', () => {
    const { control, permissions, written } = channel();
    control.handle(ask('r1', tool));
    control.handle(ask('r2', tool));
    permissions[0]?.answer({ behavior: 'allow', input: { command: 'ls -a' } });
    permissions[1]?.answer({ behavior: 'deny', message: 'No.', interrupt: true });
    expect(() => permissions[1]?.answer({ behavior: 'allow', input: {} })).toThrow('alreadySettled');
    expect(written).toEqual([
      {
        type: 'control_response',
        response: {
          request_id: 'r1',
          subtype: 'success',
          response: { behavior: 'allow', updatedInput: { command: 'ls -a' }, toolUseID: 't1' },
        },
      },
      {
        type: 'control_response',
        response: {
          request_id: 'r2',
          subtype: 'success',
          response: { behavior: 'deny', message: 'No.', interrupt: true, toolUseID: 't1' },
        },
      },
    ]);
  });

  it('A4 shows a request once, also when the program repeats it', () => {
    const { control, permissions } = channel();
    control.handle(ask('r1', tool));
    expect(control.handle(ask('r1', tool))).toBe('consumed');
    expect(permissions).toHaveLength(1);
  });

  it('A4 cancels what is taken back, and what is open when the process is gone', () => {
    const { control, permissions, written } = channel();
    for (const id of ['r1', 'r2', 'r3']) control.handle(ask(id, tool));
    permissions[0]?.answer({ behavior: 'allow', input: {} });
    expect(control.handle({ type: 'control_cancel_request', request_id: 'r2' })).toBe('consumed');
    expect(control.handle({ type: 'control_cancel_request', request_id: 'r1' })).toBe('passOn');
    expect(permissions.map(({ token }) => token.isCancelled)).toEqual([false, true, false]);
    control.close(inputClosed());
    expect(permissions.map(({ token }) => token.isCancelled)).toEqual([false, true, true]);
    for (const permission of permissions.slice(1)) {
      expect(() => permission.answer({ behavior: 'allow', input: {} })).toThrow('alreadySettled');
    }
    expect(written).toHaveLength(1);
  });

  it.each([
    [{ ...tool, tool_name: undefined }, 'names no tool'],
    [{ ...tool, tool_name: '' }, 'names no tool'],
    [{ ...tool, tool_use_id: 7 }, 'names no tool use'],
    [{ ...tool, input: 'rm -rf /' }, 'input is no object'],
    [{ ...tool, input: ['x'] }, 'input is no object'],
  ])('A4 denies what cannot be read: %j', (request, reason) => {
    const { control, permissions, written } = channel();
    control.handle(ask('r1', request));
    expect(permissions).toEqual([]);
    expect(written).toEqual([
      expect.objectContaining({
        response: expect.objectContaining({
          request_id: 'r1',
          response: expect.objectContaining({
            behavior: 'deny',
            message: expect.stringContaining(reason) as string,
          }) as unknown,
        }) as unknown,
      }),
    ]);
  });

  it.each(['hook_callback', 'mcp_message', 'elicitation', 'request_user_dialog', 'not_invented_yet', undefined])(
    'T4 answers a request it does not handle with an error and passes it on: %s',
    (subtype) => {
      const { control, written } = channel();
      expect(control.handle(ask('r9', { subtype }))).toBe('passOn');
      expect(written).toMatchObject([{ response: { request_id: 'r9', subtype: 'error' } }]);
    },
  );

  it('T4 passes on what it cannot answer, and every other line', () => {
    const { control, written } = channel();
    for (const line of [{ type: 'control_request' }, { type: 'control_cancel_request' }, { type: 'assistant' }]) {
      expect(control.handle(line)).toBe('passOn');
    }
    expect(written).toEqual([]);
  });
});
