import { stat } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import type { CancellationToken } from '../../base/cancellation.js';
import { ArborError } from '../../base/errors.js';
import { stringAt, type JsonObject } from '../../base/json.js';
import { LineMatcher } from '../../core/search/lineMatcher.js';
import { linePatterns } from '../../core/search/pattern.js';
import { isSearchable, type SearchQuery } from '../../core/search/query.js';
import type { SearchHit, SearchItem, SessionSearch } from '../../core/search/search.js';
import { RipgrepProcess, type PrintedLine } from './ripgrepProcess.js';
import { readRipgrepLine } from './ripgrepLine.js';

/** What a search needs. */
export interface SessionSearchOptions {
  /** Whether the workspace is trusted; in one that is not, no process is started. */
  readonly isTrusted: () => boolean;
  /** Absolute path of ripgrep. @throws ArborError `ripgrepNotFound` */
  readonly ripgrep: () => Promise<string>;
  /** Absolute paths of the folders with the transcripts; one that is not there counts as empty. */
  readonly folders: () => Promise<readonly string[]>;
}

/** Searches transcripts with ripgrep, without an index: what is on the disk at this moment is what is searched. */
export function createSessionSearch(options: SessionSearchOptions): SessionSearch {
  return { search: (query, token, limit) => search(options, query, token, limit) };
}

async function* search(
  options: SessionSearchOptions,
  query: SearchQuery,
  token: CancellationToken,
  limit: number,
): AsyncGenerator<SearchItem, undefined> {
  if (!options.isTrusted()) throw untrusted();
  const [program, folders] = await Promise.all([options.ripgrep(), presentFolders(await options.folders())]);
  if (token.isCancelled) return;
  if (folders.length === 0 || !isSearchable(query)) {
    yield { kind: 'end', skipped: 0, truncated: false };
    return;
  }
  const process = new RipgrepProcess({ program, folders, patterns: linePatterns(query) });
  const subscription = token.onCancelled(() => {
    process.dispose();
  });
  const reading = new HitReader(query, folders);
  let left = limit;
  try {
    for await (const batch of process.lines) {
      if (isCancelled(token)) return;
      const hits = reading.read(batch);
      if (hits.length > 0 && left > 0) yield { kind: 'hits', hits: hits.slice(0, left) };
      if (isCancelled(token)) return;
      left -= hits.length;
      if (left < 0) break;
    }
    if (!isCancelled(token)) yield { kind: 'end', skipped: reading.skipped, truncated: left < 0 };
  } finally {
    subscription.dispose();
    process.dispose();
  }
}

/** Asked anew each time: others cancel while this waits. */
function isCancelled(token: CancellationToken): boolean {
  return token.isCancelled;
}

/** Makes hits of what ripgrep prints. It prints each file's lines together and in order. */
class HitReader {
  readonly #query: SearchQuery;
  readonly #folders: readonly string[];
  #matcher: LineMatcher;
  skipped = 0;

  constructor(query: SearchQuery, folders: readonly string[]) {
    this.#query = query;
    this.#folders = folders;
    this.#matcher = new LineMatcher(query);
  }

  read(batch: readonly PrintedLine[]): readonly SearchHit[] {
    const hits: SearchHit[] = [];
    for (const printed of batch) {
      const said = printed.kind === 'line' ? readRipgrepLine(printed.text) : ({ kind: 'unreadable' } as const);
      if (said.kind === 'begin') this.#matcher = new LineMatcher(this.#query);
      else if (said.kind === 'unreadable') this.skipped += 1;
      else if (said.kind === 'match') {
        const { path, line } = said;
        const owner = this.#owner(path, line);
        if (owner) for (const hit of this.#matcher.match(line)) hits.push({ ...hit, ...owner, path });
      }
    }
    return hits;
  }

  /** The session that a file belongs to: `<id>.jsonl`, or a subagent's in `<id>/subagents/`; null for other files. */
  #owner(path: string, line: JsonObject): Pick<SearchHit, 'sessionId' | 'subagent'> | null {
    const folder = this.#folders.find((one) => path.startsWith(one.endsWith(sep) ? one : `${one}${sep}`));
    const [first = '', ...rest] = folder === undefined ? [] : relative(folder, path).split(sep);
    const name = (rest.at(-1) ?? first).replace(/\.jsonl$/, '');
    const subagent = name.startsWith('agent-') ? name.slice('agent-'.length) : null;
    // Earlier releases kept subagents' files beside the sessions'; each line says whose it is.
    const sessionId = rest.length > 0 ? first : subagent === null ? name : (stringAt(line, 'sessionId') ?? '');
    return /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(sessionId) ? { sessionId, subagent } : null;
  }
}

function untrusted(): ArborError {
  return new ArborError({
    code: 'workspaceUntrusted',
    what: 'This workspace is not trusted, so the search, which runs a program (ripgrep), is not started in it.',
    next: 'Trust the workspace if you know where its files come from.',
    actions: ['manageTrust'],
  });
}

async function presentFolders(folders: readonly string[]): Promise<readonly string[]> {
  const present = await Promise.all(
    [...new Set(folders)].map(async (folder) => {
      try {
        return (await stat(folder)).isDirectory() ? [folder] : [];
      } catch {
        // The program has not worked in that workspace folder yet, or its folder cannot be read: nothing to search.
        return [];
      }
    }),
  );
  return present.flat();
}
