import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { editorProgram } from '../../../../scripts/tools/editor.js';
import { lineProgress } from '../../../../scripts/tools/progress.js';
import { neverCancelled, type CancellationToken } from '../../../../src/base/cancellation.js';
import type { JsonObject } from '../../../../src/base/json.js';
import type { SearchQuery } from '../../../../src/core/search/query.js';
import type { SearchHit, SessionSearch } from '../../../../src/core/search/search.js';
import { locateRipgrep } from '../../../../src/node/search/locateRipgrep.js';
import { createSessionSearch } from '../../../../src/node/search/sessionSearch.js';

/** A search that asks for nothing. */
export const noQuery: SearchQuery = { text: '', file: null, tool: null, from: null, until: null };

/** The ripgrep of the real editor. */
export async function editorRipgrep(): Promise<string> {
  return locateRipgrep({ ...(await editorPlaces()), searchPath: '' });
}

/** The folder of the real editor, and this machine. */
export async function editorPlaces(): Promise<{ appRoot: string; platform: NodeJS.Platform; arch: string }> {
  const { entry } = await editorProgram(lineProgress());
  return {
    appRoot: path.resolve(entry, '../../../lib/vscode'),
    platform: process.platform,
    arch: process.arch,
  };
}

/** A folder of transcripts, and a search over it with the real ripgrep. */
export class TranscriptFolder {
  readonly path = mkdtempSync(path.join(realpathSync(tmpdir()), 'arbor-search-'));
  readonly search: SessionSearch;
  trusted = true;

  constructor(ripgrep: string) {
    this.search = createSessionSearch({
      isTrusted: () => this.trusted,
      ripgrep: () => Promise.resolve(ripgrep),
      folders: () => Promise.resolve([this.path]),
    });
  }

  /** Writes a file, relative to the folder. */
  write(name: string, lines: readonly string[]): string {
    const file = path.join(this.path, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
    return file;
  }

  /** All that a search finds. */
  async find(
    query: Partial<SearchQuery>,
    { token = neverCancelled, limit = 1000 }: { token?: CancellationToken; limit?: number } = {},
  ): Promise<{ hits: SearchHit[]; skipped: number; truncated: boolean }> {
    const hits: SearchHit[] = [];
    for await (const item of this.search.search({ ...noQuery, ...query }, token, limit)) {
      if (item.kind === 'hits') hits.push(...item.hits);
      else return { hits, skipped: item.skipped, truncated: item.truncated };
    }
    throw new Error('The search ended without saying so');
  }

  dispose(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A session's id. */
export function sessionId(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

/** A line as the program writes it. */
export function line(number: number, type: 'user' | 'assistant', content: unknown, more: JsonObject = {}): JsonObject {
  return {
    parentUuid: null,
    isSidechain: false,
    type,
    message: { role: type, content },
    uuid: sessionId(900_000 + number),
    timestamp: new Date(Date.UTC(2026, 0, 1 + number)).toISOString(),
    cwd: '/home/needle',
    sessionId: sessionId(1),
    ...more,
  };
}

/** The other way to write JSON: nothing but ASCII. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
