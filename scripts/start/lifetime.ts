import { Deferred } from '../../src/base/deferred.js';
import { isAlive, listProcesses } from '../editor/processes.js';
import { errorText } from '../tools/toolError.js';

type Release = () => Promise<void>;

const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const parentPollMs = 1000;

/**
 * What runs until somebody says stop: a signal, npm's end, or the end of one of its parts. Then everything it owns is
 * released, the last first.
 */
export class Lifetime {
  private readonly releases: Release[] = [];
  private readonly asked = new Deferred<'signal' | 'failure'>();
  private timer: NodeJS.Timeout | undefined;
  private ending: Promise<void> | undefined;

  /** @param say shows the user why it ends */
  constructor(private readonly say: (text: string) => void) {
    for (const signal of signals) {
      // Kept to the end: a second Ctrl-C must not leave half of it running.
      process.on(signal, () => {
        this.ask('signal', `\n${signal}: ending everything …`);
      });
    }
    for (const stream of [process.stdout, process.stderr]) {
      // A terminal that was closed takes no more words; ending in order matters more.
      stream.on('error', () => undefined);
    }
  }

  /**
   * Ends as well when npm is gone, if it was npm that started us: who kills npm hard expects everything to be gone, and
   * no signal tells us, because a shell stands between.
   */
  async watchNpm(): Promise<void> {
    const npm = process.env['npm_lifecycle_event'] === undefined ? undefined : await npmAbove();
    if (npm !== undefined) {
      this.timer = setInterval(() => {
        if (!isAlive(npm)) {
          this.ask('signal', 'npm is gone: ending everything …');
        }
      }, parentPollMs);
    }
  }

  /** Takes over something to release at the end. When the end has come already, it is released at once. */
  async owns(release: Release): Promise<void> {
    this.releases.push(release);
    if (this.ending !== undefined) {
      await this.releaseAll();
    }
  }

  /** Ends with a part that ends by itself. */
  endsWith(part: Promise<unknown>, why: string): void {
    part.then(
      () => {
        this.ask('failure', why);
      },
      (error: unknown) => {
        this.ask('failure', `${why} ${errorText(error)}`);
      },
    );
  }

  /** Resolves when it is to end: because it was told to, or because a part has ended by itself. */
  untilAskedToEnd(): Promise<'signal' | 'failure'> {
    return this.asked.promise;
  }

  /** Releases everything. May be called again. */
  end(): Promise<void> {
    return (this.ending ??= this.releaseAll());
  }

  private ask(cause: 'signal' | 'failure', why: string): void {
    if (!this.asked.settled) {
      this.say(why);
      this.asked.resolve(cause);
    }
  }

  private async releaseAll(): Promise<void> {
    clearInterval(this.timer);
    for (let release = this.releases.pop(); release !== undefined; release = this.releases.pop()) {
      await release();
    }
  }
}

/** The nearest process above us that is npm. */
async function npmAbove(): Promise<number | undefined> {
  const all = await listProcesses();
  let above = all.find((each) => each.pid === process.ppid);
  while (above !== undefined && !/\bnpm\b/.test(above.command)) {
    const { parent } = above;
    above = all.find((each) => each.pid === parent);
  }
  return above?.pid;
}
