import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AuditEntry } from '../../../../src/core/storePorts.js';
import { FileAuditLog } from '../../../../src/node/store/auditLog.js';
import { FaultyFiles, temporaryFolder } from './storeParts.js';

let temporary: ReturnType<typeof temporaryFolder>;
let file: string;
let folder: string;

beforeEach(() => {
  temporary = temporaryFolder();
  folder = join(temporary.path, 'storage');
  file = join(folder, 'audit.jsonl');
});
afterEach(() => {
  temporary.dispose();
});

function entry(id: string): AuditEntry {
  const request = { id, sessionId: 's', folder: '/sample/folder', toolUseId: 't', tool: 'Bash' };
  return { at: 5, request, decision: 'deny', by: 'user', reason: 'not now' };
}

it('A4 every decision is a line, in order, in a file for its owner only', async () => {
  const log = new FileAuditLog(folder, new FaultyFiles());
  await Promise.all(['1', '2', '3'].map((id) => log.record(entry(id))));
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual(['1', '2', '3'].map(entry));
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it('A4 a decision that could not be written is an error, and the next one is whole', async () => {
  const files = new FaultyFiles();
  const log = new FileAuditLog(folder, files);
  await log.record(entry('1'));
  files.faults.append = 'ENOSPC';
  await expect(log.record(entry('2'))).rejects.toMatchObject({ code: 'diskFull' });
  files.faults.append = undefined;
  appendFileSync(file, '{"torn');
  await log.record(entry('3'));
  expect(JSON.parse(readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) ?? '')).toEqual(entry('3'));
});
