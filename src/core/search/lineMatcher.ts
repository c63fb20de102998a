import { stringAt, type JsonObject } from '../../base/json.js';
import { excerptOf } from './excerpt.js';
import { messageParts, type MessagePart } from './messageParts.js';
import { textFinder, type TextRange } from './pattern.js';
import type { SearchQuery } from './query.js';
import type { SearchHit } from './search.js';

/** What a line of a transcript has of a hit. */
export type LineHit = Pick<SearchHit, 'messageUuid' | 'role' | 'tool' | 'at' | 'excerpt' | 'ranges'>;

const mostRanges = 20;

/** What a tool use said, by its id, for the result that comes later. */
type KnownTool = Pick<MessagePart, 'tool' | 'files'>;

/**
 * Looks at the lines of one transcript file that ripgrep found, in their order, and says what of them is a hit. Keeps
 * the tool uses it has seen, because a result does not name its tool.
 */
export class LineMatcher {
  readonly #query: SearchQuery;
  readonly #find: ((haystack: string, most: number) => readonly TextRange[]) | null;
  readonly #tools = new Map<string, KnownTool>();

  /** @param query what is looked for */
  constructor(query: SearchQuery) {
    this.#query = query;
    this.#find = query.text === '' ? null : textFinder(query.text);
  }

  /** The hits in a line: one for each part of the message that matches. */
  match(line: JsonObject): readonly LineHit[] {
    const at = timeOf(line);
    const { from, until } = this.#query;
    const isInTime = (from === null || at >= from) && (until === null || at < until);
    return messageParts(line).flatMap((part) => {
      const known = this.#known(part);
      if (!isInTime || !this.#passes(known)) return [];
      const hit = this.#hit(part);
      return hit === null ? [] : [{ messageUuid: part.uuid, role: part.role, tool: known.tool, at, ...hit }];
    });
  }

  #known(part: MessagePart): KnownTool {
    if (part.toolUseId === null) return part;
    if (part.role !== 'tool') {
      this.#tools.set(part.toolUseId, { tool: part.tool, files: part.files });
      return part;
    }
    return this.#tools.get(part.toolUseId) ?? part;
  }

  #passes({ tool, files }: KnownTool): boolean {
    const { tool: wantedTool, file } = this.#query;
    if (wantedTool !== null && (tool === null || !isNamed(tool, wantedTool))) return false;
    return file === null || files.some((path) => plainPath(path).includes(plainPath(file)));
  }

  #hit(part: MessagePart): Pick<SearchHit, 'excerpt' | 'ranges'> | null {
    if (!this.#find) {
      // Filters alone find tool uses; their results would only say it twice.
      return part.role === 'tool' ? null : excerptOf(part.files[0] ?? part.texts[0] ?? '', []);
    }
    for (const text of part.texts) {
      const ranges = this.#find(text, mostRanges);
      if (ranges.length > 0) return excerptOf(text, ranges);
    }
    return null;
  }
}

function isNamed(tool: string, wanted: string): boolean {
  const name = tool.toLowerCase();
  const looked = wanted.toLowerCase();
  return looked.endsWith('*') ? name.startsWith(looked.slice(0, -1)) : name === looked;
}

function plainPath(path: string): string {
  return path.replaceAll('\\', '/').toLowerCase();
}

function timeOf(line: JsonObject): number {
  const at = Date.parse(stringAt(line, 'timestamp') ?? '');
  return Number.isNaN(at) ? 0 : at;
}
