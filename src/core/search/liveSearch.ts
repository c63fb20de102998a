import { CancellationError, CancellationSource, type CancellationToken } from '../../base/cancellation.js';
import type { Clock } from '../../base/clock.js';
import { detach } from '../../base/detach.js';
import type { Disposable } from '../../base/disposable.js';
import { explain, type Explanation } from '../../base/errors.js';
import { Emitter, type Event } from '../../base/event.js';
import type { Logger } from '../../base/logger.js';
import { groupHits, type SessionHits } from './groups.js';
import { isSearchable, parseQuery, shortestText, type SearchQuery } from './query.js';
import type { SearchHit, SessionSearch } from './search.js';

/** What a search while typing has come to. */
export type SearchState =
  /** Nothing is looked for; `hint` says what to type. */
  | { readonly kind: 'idle'; readonly hint: string }
  | {
      readonly kind: 'searching' | 'done';
      readonly groups: readonly SessionHits[];
      readonly hits: number;
      /** Lines that could not be read. */
      readonly skipped: number;
      /** Whether there is more than is shown. */
      readonly truncated: boolean;
    }
  | { readonly kind: 'failed'; readonly explanation: Explanation };

/** What a search while typing needs. */
export interface LiveSearchServices {
  readonly search: SessionSearch;
  /** The sessions' names by id. */
  readonly names: () => Promise<ReadonlyMap<string, string>>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Milliseconds after the last keystroke at which a search begins. */
export const typingPauseMs = 150;
/** Milliseconds between two states of a search that goes on; the first hits do not wait. */
export const updateMs = 100;
/** Most hits that are shown. */
export const mostHits = 500;

const usage = 'Type what was said. Filters: tool:Bash, file:main.ts, after:2026-01-31, before:2026-02-28.';

/** Searches while the user types: waits for a pause, ends the search before, and shows what is found as it comes. */
export class LiveSearch implements Disposable {
  readonly #services: LiveSearchServices;
  readonly #changed: Emitter<SearchState>;
  #state: SearchState = { kind: 'idle', hint: usage };
  #timer: Disposable | null = null;
  #running: CancellationSource | null = null;

  /** Fires with each new state. */
  readonly onChange: Event<SearchState>;

  /** @param services what it needs */
  constructor(services: LiveSearchServices) {
    this.#services = services;
    this.#changed = new Emitter<SearchState>((error) => {
      services.logger.error('A listener of the search failed', error);
    });
    this.onChange = this.#changed.event;
  }

  /** What it has come to. */
  get state(): SearchState {
    return this.#state;
  }

  /** Takes what is typed now. What was found for the text before stays until there is something new to show. */
  type(input: string): void {
    this.#stop();
    const { query, problem } = parseQuery(input);
    if (problem !== null) this.#set({ kind: 'idle', hint: problem });
    else if (!isSearchable(query)) {
      const isShort = query.text !== '';
      this.#set({ kind: 'idle', hint: isShort ? `Type at least ${String(shortestText)} characters.` : usage });
    } else {
      const source = new CancellationSource();
      this.#running = source;
      this.#timer = this.#services.clock.after(typingPauseMs, () => {
        detach(this.#run(query, source.token), (error) => {
          if (source.token.isCancelled || error instanceof CancellationError) return;
          this.#services.logger.error('A search failed', error);
          this.#set({ kind: 'failed', explanation: explain(error, 'The sessions could not be searched.') });
        });
      });
    }
  }

  async #run(query: SearchQuery, token: CancellationToken): Promise<void> {
    const { search, names, clock } = this.#services;
    const found: SearchHit[] = [];
    const none = { groups: [], hits: 0, skipped: 0, truncated: false };
    this.#set({ kind: 'searching', ...none });
    const known = await names();
    let shownAt = Number.NEGATIVE_INFINITY;
    for await (const item of search.search(query, token, mostHits)) {
      if (token.isCancelled) return;
      if (item.kind === 'hits') {
        found.push(...item.hits);
        if (clock.now() - shownAt < updateMs) continue;
        shownAt = clock.now();
        this.#set({ ...none, kind: 'searching', groups: groupHits(found, known), hits: found.length });
      } else {
        const { skipped, truncated } = item;
        this.#set({ kind: 'done', groups: groupHits(found, known), hits: found.length, skipped, truncated });
      }
    }
  }

  #set(state: SearchState): void {
    this.#state = state;
    this.#changed.fire(state);
  }

  #stop(): void {
    this.#timer?.dispose();
    this.#timer = null;
    this.#running?.cancel();
    this.#running = null;
  }

  dispose(): void {
    this.#stop();
    this.#changed.dispose();
  }
}
