import { Deferred } from '../../src/base/deferred.js';
import type { Conversation } from './conversation.js';
import type { Driver } from './driver.js';
import { Stage, type ConversationRecord } from './stage.js';

/** How many programs run at once: each takes 200 MB, and most of them wait most of the time. */
const atOnce = 4;

/** What came of each conversation of a group. */
type Results = ReadonlyMap<string, ConversationRecord | Error>;

interface Job {
  readonly driver: Driver;
  readonly program: string;
  readonly conversations: readonly Conversation[];
  readonly results: Deferred<Results>;
}

/** Conversations that share a process, in their order; the others each alone. */
function grouped(conversations: readonly Conversation[]): Conversation[][] {
  const groups = new Map<string, Conversation[]>();
  for (const conversation of conversations) {
    const name = conversation.group ?? `alone ${conversation.id}`;
    groups.set(name, [...(groups.get(name) ?? []), conversation]);
  }
  return [...groups.values()];
}

async function playGroup({ driver, program, conversations }: Job): Promise<Results> {
  const results = new Map<string, ConversationRecord | Error>();
  let stage: Stage | undefined;
  for (const conversation of conversations) {
    try {
      stage ??= await Stage.open(driver, program);
      results.set(conversation.id, await stage.play(conversation));
    } catch (error) {
      results.set(conversation.id, error instanceof Error ? error : new Error(String(error)));
      // The others of the group get a program of their own, whatever state this one is in.
      await stage?.close();
      stage = undefined;
    }
  }
  await stage?.close();
  return results;
}

/** Plays every conversation through every driver on every program, a few at a time, and hands out what came of each. */
export class Performances {
  private readonly jobs = new Map<string, Job>();
  private readonly working: readonly Promise<void>[];

  /**
   * Begins at once.
   * @param programs paths of the programs, by release
   */
  constructor(
    programs: ReadonlyMap<string, string>,
    drivers: readonly Driver[],
    conversations: readonly Conversation[],
  ) {
    const waiting: Job[] = [];
    for (const [release, program] of programs) {
      for (const group of grouped(conversations)) {
        for (const driver of drivers) {
          const job = { driver, program, conversations: group, results: new Deferred<Results>() };
          waiting.push(job);
          for (const { id } of group) this.jobs.set(`${release}/${driver.name}/${id}`, job);
        }
      }
    }
    this.working = Array.from({ length: atOnce }, async () => {
      for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
        try {
          job.results.resolve(await playGroup(job));
        } catch (error) {
          job.results.reject(error);
        }
      }
    });
  }

  /**
   * What came of a conversation, when it has been played.
   * @throws what kept it from being played to its end
   */
  async record(release: string, driver: Driver, id: string): Promise<ConversationRecord> {
    const results = await this.jobs.get(`${release}/${driver.name}/${id}`)?.results.promise;
    const record = results?.get(id);
    if (record === undefined) throw new Error(`${id} was not played`);
    if (record instanceof Error) throw record;
    return record;
  }

  /** Waits until everything was played and cleared away. */
  async finished(): Promise<void> {
    await Promise.all(this.working);
  }
}
