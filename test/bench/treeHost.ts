// Fills the tree of sessions in a process of its own, as a window does that has just been opened, and prints how long that
// took, as JSON. Bundled and started by the benchmark.
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Emitter } from '../../src/base/event.js';
import { silentLogger } from '../../src/base/logger.js';
import type { SessionIndexEntry } from '../../src/core/sessionIndex.js';
import { Forest, type ForestDiff } from '../../src/core/tree/forest.js';
import type { TreeNode } from '../../src/core/tree/nodes.js';
import { present } from '../../src/core/tree/presentation.js';
import { pageSize } from '../../src/core/tree/section.js';
import { sameList } from '../../src/core/tree/summary.js';
import { WorkspaceDirectory } from '../../src/core/tree/workspaceDirectory.js';
import { systemClock } from '../../src/node/systemClock.js';
import { TranscriptIndex } from '../../src/node/transcriptIndex/transcriptIndex.js';
import { CoreWindow } from './coreWindow.js';
import { ownTask, taskStage, taskText, tell } from './ownTask.js';

const neverMs = 600_000;
/** The sessions that change stand so far apart. */
const changedEvery = 20;

/** The tree of sessions as the extension puts it together, but for the editor that draws it. */
class Tree {
  readonly #owned = new Emitter<undefined>(fail);
  readonly #window: CoreWindow;
  readonly #forest = new Forest();
  readonly #count: number;
  readonly #start = performance.now();
  readonly index: TranscriptIndex;
  /** Milliseconds from the start until all sessions were there. */
  all = NaN;
  /** The lists that the top had, and when each was presented. */
  readonly #pages: { readonly at: number; readonly nodes: readonly TreeNode[] }[] = [];
  /** Called when what changed is presented. */
  onShown: () => void = () => undefined;

  constructor(task: ReturnType<typeof ownTask>) {
    const storage = taskText(task, 'storage');
    const configFolder = taskText(task, 'configFolder');
    this.#count = Number(task['count']);
    this.index = new TranscriptIndex({
      configFolder: () => configFolder,
      storage: path.join(storage, 'index'),
      clock: systemClock,
      logger: silentLogger,
      newUuid: randomUUID,
    });
    const stage = taskStage(task, 'stage');
    const limits = { idleMs: neverMs, maxLive: 8 };
    this.#window = new CoreWindow(stage, { limits, folder: storage, index: this.index });
  }

  async fill(workspace: string): Promise<void> {
    const { index } = this;
    const { sessions, leases } = this.#window;
    index.setFolders([workspace]);
    index.start();
    await sessions.load();
    const folders = [{ path: workspace, name: 'work', branch: null, worktrees: [] }];
    const directory = new WorkspaceDirectory({
      ...{ sessions, index, leases, logger: silentLogger },
      folders: () => folders,
      onFolders: this.#owned.event,
      showChat: () => Promise.resolve(),
    });
    this.#forest.setFolders(folders);
    this.#show(this.#forest.replace(directory.summaries()));
    directory.onChange((change) => {
      const ids = change === 'all' ? directory.summaries().map(({ id }) => id) : change.sessions;
      this.#show(this.#forest.update(ids.map((id) => [id, directory.summary(id)])));
    });
    await index.settled();
  }

  /** What is known of the session at a place of the tree, from 0 at its top. */
  sessionAt(place: number): SessionIndexEntry {
    const node = this.#forest.roots[place];
    const entry = node?.kind === 'session' ? this.index.get(node.id) : undefined;
    if (!entry) throw new Error(`There is no session at place ${place}`);
    return entry;
  }

  /** When the tree showed its first sessions, and when its first page was what it is now that all are known. */
  pageTimes(): { readonly first: number; readonly usable: number } {
    const last = this.#pages.at(-1)?.nodes ?? [];
    const other = this.#pages.findLastIndex(({ nodes }) => !sameList(nodes, last));
    const first = this.#pages.find(({ nodes }) => nodes.length > 0)?.at ?? NaN;
    return { first, usable: this.#pages[other + 1]?.at ?? NaN };
  }

  /** Does what the editor asks for: all of what is shown at first, later what changed. */
  #show(diff: ForestDiff): void {
    const forest = this.#forest;
    for (const node of diff.roots ? forest.roots : diff.nodes) {
      const content = forest.content(node);
      if (content) present(content, systemClock.now());
      forest.children(node);
    }
    const now = performance.now() - this.#start;
    if (diff.roots) this.#pages.push({ at: now, nodes: forest.roots.slice(0, pageSize) });
    if (Number.isNaN(this.all) && forest.size === this.#count) this.all = now;
    this.onShown();
  }
}

function fail(error: unknown): void {
  throw error;
}

/** Adds a message to a transcript, as the program does, and waits until the tree shows the session at the top. */
async function change(tree: Tree, number: number): Promise<{ readonly work: number; readonly shown: number }> {
  const entry = tree.sessionAt(number * changedEvery + changedEvery);
  const shown = new Promise<void>((resolve) => {
    tree.onShown = resolve;
  });
  const before = process.cpuUsage();
  const start = performance.now();
  // What waits for changes keeps no process alive.
  const alive = setInterval(() => undefined, neverMs);
  appendFileSync(entry.path, `${newMessage(entry)}\n`);
  await shown;
  clearInterval(alive);
  const { user, system } = process.cpuUsage(before);
  if (tree.sessionAt(0).id !== entry.id) throw new Error('The session that changed is not at the top');
  return { work: (user + system) / 1000, shown: performance.now() - start };
}

function newMessage({ id, cwd }: SessionIndexEntry): string {
  const content = [{ type: 'text', text: 'One more message.' }];
  const message = { id: `msg_${randomUUID()}`, type: 'message', role: 'assistant', model: 'claude-sample', content };
  const about = { uuid: randomUUID(), timestamp: new Date().toISOString(), sessionId: id, cwd, version: '2.1.329' };
  return JSON.stringify({ parentUuid: null, isSidechain: false, message, type: 'assistant', ...about });
}

const task = ownTask();
const delays = monitorEventLoopDelay({ resolution: 1 });
delays.enable();
// It compares with the time before, which there is not at first.
await delay(20);
delays.reset();
const begin = performance.now();
const tree = new Tree(task);
await tree.fill(taskText(task, 'workspace'));
const settled = performance.now() - begin;
await delay(5);
delays.disable();
const { all } = tree;
const pageTimes = tree.pageTimes();
if (Number.isNaN(all)) throw new Error(`Only ${tree.index.entries().length} sessions were found`);
await tree.index.save();
const changes = [];
for (let number = 0; number < Number(task['changes']); number++) changes.push(await change(tree, number));
tell({
  ...pageTimes,
  ...{ all, settled },
  blocked: Math.max(0, delays.max / 1e6 - 1),
  work: changes.map(({ work }) => work),
  shown: changes.map(({ shown }) => shown),
});
process.exit();
