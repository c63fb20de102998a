/**
 * Records one turn of the real program, with one permission request, for the fake program to replay. Run it by hand when the
 * program's lines have changed:
 *
 *     tsx test/support/fakeProgram/record.ts <path of claude>
 *
 * Ids, times, paths and long lists are taken out, so that the recording holds the form of the lines and little else.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createClaudeEnvironment } from '../claudeEnvironment.js';
import { callTool } from '../model/answers.js';
import { startModelServer } from '../model/server.js';

const promptId = '00000000-0000-4000-8000-00000000aaaa';
const lists = new Set(['commands', 'agents', 'models', 'tools', 'slash_commands', 'terminal_slash_commands', 'skills']);

/** Shortens what is long and replaces what differs from run to run. */
function scrub(value: unknown, root: string, key = ''): unknown {
  if (key === 'description') return 'A description.';
  if (typeof value === 'string') return value.replaceAll(root, '/root').slice(0, 200);
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return (lists.has(key) ? items.slice(0, 2) : items).map((item) => scrub(item, root));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, scrub(item, root, name)]));
}

const program = process.argv[2];
if (program === undefined) throw new Error('Give the path of the program.');
const server = await startModelServer({
  script: {
    steps: [
      { answer: callTool('Bash', { command: 'touch it' }, 'toolu_1') },
      { answer: { blocks: [{ type: 'text', text: ['Partial text', ' and the rest.'] }] } },
    ],
  },
});
const place = createClaudeEnvironment({ baseUrl: server.url });
const child = spawn(
  program,
  [
    ...['-p', '--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose'],
    ...['--include-partial-messages', '--replay-user-messages', '--permission-prompt-tool', 'stdio'],
  ],
  { cwd: place.workspace, env: place.env, stdio: ['pipe', 'pipe', 'inherit'] },
);
const say = (line: unknown): boolean => child.stdin.write(`${JSON.stringify(line)}\n`);
const recording: unknown[] = [];
say({ type: 'control_request', request_id: 'first', request: { subtype: 'initialize' } });
for await (const text of createInterface({ input: child.stdout })) {
  const line = JSON.parse(text) as Record<string, unknown>;
  recording.push(scrub(line, place.root));
  if (line['type'] === 'control_response') {
    const message = { role: 'user', content: 'hello' };
    say({ type: 'user', message, parent_tool_use_id: null, session_id: '', uuid: promptId });
  } else if (line['type'] === 'control_request') {
    const response = { behavior: 'allow', updatedInput: { command: 'touch it' }, toolUseID: 'toolu_1' };
    say({
      type: 'control_response',
      response: { subtype: 'success', request_id: line['request_id'], response },
    });
  } else if (line['type'] === 'result') child.stdin.end();
}
writeFileSync(
  new URL('recording.jsonl', import.meta.url),
  recording.map((line) => `${JSON.stringify(line)}\n`).join(''),
);
await server.dispose();
place.dispose();
