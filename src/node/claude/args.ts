import { ArborError } from '../../base/errors.js';
import type { LaunchOptions } from '../../core/ports.js';

/**
 * The argument vector for a process that takes one turn after the other. Prompts are not among them, nor is the appended
 * system prompt: whoever may list processes would read them. They go through the program's input (see `initializeRequest`).
 * Source: `claude --help`; `--resume-session-at` is not listed there.
 * @param options how the process is to be started
 * @throws ArborError `unexpected` when an id is no UUID, since anything else could be taken for an option
 */
export function launchArguments(options: LaunchOptions): string[] {
  const args = [
    '-p',
    '--input-format',
    'stream-json',
    '--output-format',
    'stream-json',
    '--verbose',
    '--include-partial-messages',
    '--replay-user-messages',
    '--permission-prompt-tool',
    'stdio',
  ];
  const { start } = options;
  if (start.kind === 'resume') args.push('--resume', uuid(options.sessionId));
  else args.push('--session-id', uuid(options.sessionId));
  if (start.kind === 'fork') args.push('--resume', uuid(start.from), '--fork-session');
  if (start.kind !== 'new' && start.at !== undefined) args.push('--resume-session-at', uuid(start.at));
  // With "=" a value that starts with "-" stays a value.
  if (options.model !== undefined) args.push(`--model=${options.model}`);
  if (options.permissionMode !== undefined) args.push('--permission-mode', options.permissionMode);
  if (!options.persist) args.push('--no-session-persistence');
  return args;
}

function uuid(value: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value)) return value;
  throw new ArborError({ code: 'unexpected', what: 'A session or message id is not a UUID.', actions: ['newSession'] });
}
