import { readlink } from 'node:fs/promises';
import { run } from '../../scripts/tools/run.js';

/** The folder that a process works in, asked of the system. */
export async function workingFolder(pid: number): Promise<string> {
  if (process.platform === 'linux') return readlink(`/proc/${String(pid)}/cwd`);
  const { output } = await run('lsof', ['-a', '-p', String(pid), '-d', 'cwd', '-Fn'], { cwd: '/', env: process.env });
  return /^n(.*)$/m.exec(output)?.[1] ?? '';
}
