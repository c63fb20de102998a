import type { Clock } from '../../base/clock.js';
import { ArborError } from '../../base/errors.js';
import type { ProcessMeter } from '../ports.js';
import type { Session } from '../session/session.js';
import type { SparePool } from '../session/sparePool.js';
import { nameOf } from './machine.js';
import { processList, type ProcessAction, type ProcessFacts, type ProcessList } from './processRows.js';

/** What the list of processes is made from. */
export interface ProcessHealthParts {
  /** The window's sessions. */
  readonly sessions: { readonly live: readonly Session[] };
  readonly spares: SparePool;
  readonly meter: ProcessMeter;
  readonly clock: Clock;
}

/** All processes of the window: what they are at, and what can be done about it. */
export class ProcessHealth {
  readonly #parts: ProcessHealthParts;

  /** @param parts what the list is made from */
  constructor(parts: ProcessHealthParts) {
    this.#parts = parts;
  }

  /** The list as it is now. @throws Error when the system's tool for measuring cannot be run */
  async list(): Promise<ProcessList> {
    const { meter, clock } = this.#parts;
    const pids = this.#facts().flatMap(({ pid }) => (pid === null ? [] : [pid]));
    const memory = await meter.memory(pids);
    // What has changed while it was measured counts.
    return processList(this.#facts(), memory, clock.now());
  }

  /**
   * Does something with a row's process. A turn that runs is stopped before; the conversation can be gone on with.
   * @param id the row's
   * @throws ArborError `notFound` when there is no such process or session any more; why a process could not be started
   */
  async act(id: string, action: ProcessAction): Promise<void> {
    const { sessions, spares } = this.#parts;
    const session = sessions.live.find((each) => each.id === id);
    if (session) {
      if (action !== 'resume') await session.endProcess();
      if (action !== 'stop') await start(session);
      return;
    }
    const spare = spares.list().find(({ process }) => process.sessionId === id);
    if (!spare) {
      throw new ArborError({
        code: 'notFound',
        what: 'This process is not there any more.',
        next: 'Choose another one; the list shows those that there are.',
      });
    }
    await spares.end(spare.folder);
    if (action === 'restart') spares.plan(spare.folder, 0);
  }

  #facts(): readonly ProcessFacts[] {
    const { sessions, spares } = this.#parts;
    return [
      ...sessions.live.map(factsOf),
      ...spares.list().map(({ process, folder, startedAt }): ProcessFacts => ({
        id: process.sessionId,
        name: '',
        folder,
        state: 'spare',
        pid: process.pid,
        startedAt,
        usedAt: startedAt,
      })),
    ];
  }
}

/** @throws ArborError when the process cannot be started; not where somebody ended it while it started */
async function start(session: Session): Promise<void> {
  try {
    await session.start();
  } catch (error) {
    const { process, after } = session.lifecycle;
    if (process === 'failed' || after === 'failed') throw error;
  }
}

function factsOf({ id, record, lifecycle, running }: Session): ProcessFacts {
  const { name, folder, activeAt } = record;
  const pid = running?.process.pid ?? null;
  return { id, name, folder, state: nameOf(lifecycle), pid, startedAt: running?.startedAt ?? null, usedAt: activeAt };
}
