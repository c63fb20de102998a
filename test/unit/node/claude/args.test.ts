import { describe, expect, it } from 'vitest';
import { ArborError } from '../../../../src/base/errors.js';
import type { LaunchOptions } from '../../../../src/core/ports.js';
import { launchArguments } from '../../../../src/node/claude/args.js';
import { initializeRequest } from '../../../../src/node/claude/initialize.js';

const id = '11111111-1111-4111-8111-111111111111';
const other = '22222222-2222-4222-8222-222222222222';
const message = '33333333-3333-4333-8333-333333333333';
const plain: LaunchOptions = { folder: '/w', sessionId: id, start: { kind: 'new' }, persist: true };

/** The arguments beyond those that every start has. */
function beyond(options: Partial<LaunchOptions>): string[] {
  const common = launchArguments(plain).slice(0, -2);
  const args = launchArguments({ ...plain, ...options });
  expect(args.slice(0, common.length)).toEqual(common);
  return args.slice(common.length);
}

describe('the arguments', () => {
  it('P2 of every start: lines both ways, partial messages, echoes, permissions by the protocol', () => {
    expect(launchArguments(plain).join(' ')).toBe(
      '-p --input-format stream-json --output-format stream-json --verbose --include-partial-messages ' +
        `--replay-user-messages --permission-prompt-tool stdio --session-id ${id}`,
    );
  });

  it.each<[Partial<LaunchOptions>, string]>([
    [{ start: { kind: 'resume' } }, `--resume ${id}`],
    [{ start: { kind: 'resume', at: message } }, `--resume ${id} --resume-session-at ${message}`],
    [{ start: { kind: 'fork', from: other } }, `--session-id ${id} --resume ${other} --fork-session`],
    [
      { start: { kind: 'fork', from: other, at: message }, persist: false },
      `--session-id ${id} --resume ${other} --fork-session --resume-session-at ${message} --no-session-persistence`,
    ],
    [{ permissionMode: 'plan' }, `--session-id ${id} --permission-mode plan`],
    [{ model: 'opus' }, `--session-id ${id} --model=opus`],
  ])('S1 F1 of %j', (options, expected) => {
    expect(beyond(options).join(' ')).toBe(expected);
  });

  it('P2 have no value that could be taken for an option', () => {
    const args = beyond({ model: '--dangerously-skip-permissions', appendSystemPrompt: '-x' });
    expect(args).toEqual(['--session-id', id, '--model=--dangerously-skip-permissions']);
    for (const bad of ['-p', '', 'latest', `${id} --model`, `${id}\n`]) {
      expect(() => launchArguments({ ...plain, sessionId: bad })).toThrow(ArborError);
      expect(() => launchArguments({ ...plain, start: { kind: 'fork', from: bad } })).toThrow(ArborError);
      expect(() => launchArguments({ ...plain, start: { kind: 'resume', at: bad } })).toThrow(ArborError);
    }
  });

  it('P2 have no prompt: the appended system prompt goes through the input', () => {
    const options = { ...plain, appendSystemPrompt: 'Be brief.' };
    expect(launchArguments(options).join(' ')).not.toContain('brief');
    expect(initializeRequest(options)).toMatchObject({ subtype: 'initialize', appendSystemPrompt: 'Be brief.' });
  });
});
