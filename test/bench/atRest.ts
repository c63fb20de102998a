import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** A process that uses less of a processor than two hundredths of a second in this time has come to rest. */
const restMs = 500;
const limitMs = 30_000;

/** Waits until a process has come to rest, half a minute at most: what goes on for longer is its normal state. */
export async function untilAtRest(pid: number): Promise<void> {
  const end = Date.now() + limitMs;
  let before = Number.NEGATIVE_INFINITY;
  for (let now = await processorTime(pid); now - before > 1 && Date.now() < end; now = await processorTime(pid)) {
    before = now;
    await delay(restMs);
  }
}

/** Hundredths of a second that a process has used. Where the system does not tell, it seems at rest at once. */
async function processorTime(pid: number): Promise<number> {
  try {
    const status = await readFile(`/proc/${String(pid)}/stat`, 'utf8');
    const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    // No /proc on this system; a start takes well below a second.
    await delay(2 * restMs);
    return 0;
  }
}
