/**
 * The scripted Messages API as a process of its own.
 *
 *     tsx test/support/model/main.ts [--port N] [--script FILE]
 *
 * Prints one line of JSON, `{"port":…,"url":"…"}`, when it listens. Ends on SIGTERM, on SIGINT, or when its standard
 * input closes, so that it never outlives who started it.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parseScript } from './parseScript.js';
import { startModelServer } from './server.js';

const { values } = parseArgs({ options: { port: { type: 'string' }, script: { type: 'string' } } });
const script = values.script === undefined ? undefined : parseScript(readFileSync(values.script, 'utf8'));
const server = await startModelServer({
  port: Number(values.port ?? '0'),
  // Nobody looks at the requests here; a few are kept for a debugger.
  keep: 10,
  ...(script === undefined ? {} : { script }),
});
process.stdout.write(`${JSON.stringify({ port: server.port, url: server.url })}\n`);

let ending = false;
function end(): void {
  if (ending) return;
  ending = true;
  server.dispose().then(
    () => process.exit(0),
    () => process.exit(1),
  );
}
process.on('SIGTERM', end);
process.on('SIGINT', end);
process.stdin.on('end', end);
process.stdin.on('close', end);
process.stdin.resume();
