// A host that works and is killed: started by the benchmark as a process of its own, with what to start as JSON in its one
// argument. Prints the program's number when an answer has begun to come, then reads on until somebody ends it.
import { isObject, parseJson } from '../../src/base/json.js';
import { ClientProgram, type ClientOptions } from './clientProgram.js';
import { prompts } from './modelScript.js';

/** What the host is to start; how it is handed over is between this file and `killHost.ts`. */
function readTask(text: string): ClientOptions {
  const task = parseJson(text);
  const environment = isObject(task) ? task['environment'] : undefined;
  if (!isObject(task) || !isObject(environment) || !isObject(environment['env'])) throw new Error('No task');
  const variables = Object.entries(environment['env']).map(([name, value]) => [name, String(value)] as const);
  return {
    program: String(task['program']),
    transport: task['transport'] === 'pty' ? 'pty' : 'pipe',
    environment: {
      env: Object.fromEntries(variables),
      home: String(environment['home']),
      temporary: String(environment['temporary']),
      workspace: String(environment['workspace']),
    },
  };
}

const client = await ClientProgram.start(readTask(process.argv[2] ?? ''));
await client.turn(prompts.endless, () => {
  process.stdout.write(`${client.claude.pid}\n`);
});
throw new Error('The answer has come to its end, and nobody has killed this host');
