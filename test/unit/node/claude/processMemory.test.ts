import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { parseTasklist, processMeter } from '../../../../src/node/claude/processMemory.js';

describe('the memory of processes', () => {
  it.skipIf(process.platform === 'win32')('P8 is what the process itself counts, both ways', async () => {
    const child = spawn('true');
    const { pid = 0 } = child;
    await once(child, 'exit');
    for (const platform of new Set([process.platform, 'darwin' as const])) {
      const memory = await processMeter(platform).memory([process.pid, pid]);
      const own = memory.get(process.pid) ?? 0;
      const rss = process.memoryUsage().rss;
      expect(own / rss).toBeGreaterThan(0.7);
      expect(own / rss).toBeLessThan(1.4);
      expect(memory.has(pid)).toBe(false);
      expect(await processMeter(platform).memory([])).toEqual(new Map());
      expect(await processMeter(platform).memory([pid])).toEqual(new Map());
    }
  });

  it('P8 is read from what Windows says, in any country’s numbers', () => {
    expect(parseTasklist('"claude.exe","4242","Console","1","207,132 K"\r\n')).toEqual(
      new Map([[4242, 207132 * 1024]]),
    );
    expect(parseTasklist('"claude.exe","7","Konsole","1","207.132 K"\r\n')).toEqual(new Map([[7, 207132 * 1024]]));
    expect(parseTasklist('INFO: No tasks are running which match the specified criteria.\r\n')).toEqual(new Map());
  });
});
