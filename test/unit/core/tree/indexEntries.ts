import { Emitter } from '../../../../src/base/event.js';
import type { SessionIndexChange, SessionIndexEntry } from '../../../../src/core/sessionIndex.js';
import type { SessionIndex } from '../../../../src/core/storePorts.js';

/** A session of the program's own in the folder `/ws`. */
export function indexEntry(id: string, change: Partial<SessionIndexEntry> = {}): SessionIndexEntry {
  return {
    id,
    folder: '/ws',
    cwd: '/ws',
    isWorktree: false,
    path: `/projects/ws/${id}.jsonl`,
    size: 1,
    modifiedAt: 10,
    createdAt: 5,
    bornAt: 5,
    activeAt: 10,
    title: `Title of ${id}`,
    titleSource: 'prompt',
    firstPrompt: `Title of ${id}`,
    branch: null,
    forkedFrom: null,
    origin: `first-${id}`,
    also: [],
    ...change,
  };
}

/** An index that holds what a test puts there. */
export class FakeIndex implements SessionIndex {
  readonly #changes = new Emitter<SessionIndexChange>((error) => {
    throw error;
  });
  readonly known = new Map<string, SessionIndexEntry>();
  readonly onChange = this.#changes.event;
  refreshed = 0;

  constructor(entries: readonly SessionIndexEntry[] = []) {
    for (const entry of entries) this.known.set(entry.id, entry);
  }

  /** Some transcripts came or changed. */
  put(...entries: readonly SessionIndexEntry[]): void {
    for (const entry of entries) this.known.set(entry.id, entry);
    this.#changes.fire({ changed: entries.map(({ id }) => id), removed: [] });
  }

  /** Some transcripts went. */
  take(...ids: readonly string[]): void {
    for (const id of ids) this.known.delete(id);
    this.#changes.fire({ changed: [], removed: ids });
  }

  entries(): readonly SessionIndexEntry[] {
    return [...this.known.values()];
  }

  get(id: string): SessionIndexEntry | undefined {
    return this.known.get(id);
  }

  refresh(): Promise<void> {
    this.refreshed += 1;
    return Promise.resolve();
  }

  settled(): Promise<void> {
    return Promise.resolve();
  }

  start(): void {
    // Nothing is read here.
  }

  setFolders(): void {
    // Whatever a test puts here belongs to the workspace.
  }

  dispose(): void {
    this.#changes.dispose();
  }
}
