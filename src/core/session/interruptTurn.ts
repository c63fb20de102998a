import { detach } from '../../base/detach.js';
import type { ClaudeProcess } from '../ports.js';
import { settlesWithin } from '../wait.js';
import type { SessionServices } from './services.js';
import type { Steering } from './steering.js';

/** Milliseconds that an interrupted program has to end its turn before it is ended itself. */
export const interruptGraceMs = 3000;

/**
 * Asks a program to end its turn.
 * @param process the program
 * @param done settles when the turn has ended
 * @param steering what the program was given beside the turn's prompt
 * @returns whether the turn ended in time
 */
export function interruptTurn(
  process: ClaudeProcess,
  done: Promise<unknown>,
  steering: Steering,
  { clock, logger }: Pick<SessionServices, 'clock' | 'logger'>,
): Promise<boolean> {
  // Before the interrupt, after which the program would begin a turn with what it still has. A message of priority `now` would
  // be no help: it waits for a command that runs, and an interrupt that follows it does nothing.
  detach(steering.recallAll(), (error) => {
    logger.error('Messages could not be asked back', error);
  });
  detach(process.interrupt(), (error) => {
    logger.info(`The program did not take the interrupt: ${String(error)}`);
  });
  return settlesWithin(done, interruptGraceMs, clock);
}
