import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { isRecord } from '../../support/model/request.js';

it('the scripted model as a process says where it listens, and ends with its standard input', async () => {
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/support/model/main.ts'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const hello: unknown = JSON.parse(String((await lines.next()).value));
  const url = isRecord(hello) ? String(hello['url']) : '';
  expect((await fetch(`${url}/nothing`)).status).toBe(404);
  child.stdin.end();
  expect(await ended).toEqual([0, null]);
});
