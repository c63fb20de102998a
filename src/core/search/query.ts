/** What is looked for in the sessions' messages. All that is given must hold. */
export interface SearchQuery {
  /** Text as it stands in a message; empty when only the filters count. Ignores case unless it holds a capital letter. */
  readonly text: string;
  /** Part of a path that a tool's input names, in either kind of slash, whatever the case; null for any. */
  readonly file: string | null;
  /** A tool's name, whatever the case; with `*` at its end the beginning of one; null for any. */
  readonly tool: string | null;
  /** Not before this time, in milliseconds since 1970; null for no limit. */
  readonly from: number | null;
  /** Before this time, in milliseconds since 1970; null for no limit. */
  readonly until: number | null;
}

/** What a user typed, as a query. */
export interface ParsedQuery {
  readonly query: SearchQuery;
  /** What could not be understood, for the user; null when all was. */
  readonly problem: string | null;
}

const filterWord = /(^|\s)(\\?)(file|tool|after|before):(?:"([^"]*)"|(\S+))/g;

/**
 * Reads what a user typed: text, with `file:`, `tool:`, `after:` and `before:` anywhere in it. Values with spaces are put
 * in double quotes. A backslash before a filter makes it plain text (`\tool:x` looks for `tool:x`). Days count from their
 * midnight, local time: `after:` holds its day, `before:` does not.
 * @param input what was typed
 */
export function parseQuery(input: string): ParsedQuery {
  const found: Record<string, string> = {};
  const text = input.replaceAll(
    filterWord,
    (whole: string, space: string, escape: string, name: string, quoted?: string, bare?: string) => {
      if (escape !== '') {
        return `${space}${whole.slice(space.length + 1)}`;
      }
      found[name] = quoted ?? bare ?? '';
      return '';
    },
  );
  const from = readDay(found['after']);
  const until = readDay(found['before']);
  const wrong = [from === undefined ? 'after:' : '', until === undefined ? 'before:' : ''].find((name) => name !== '');
  return {
    query: {
      text: text.trim(),
      file: found['file'] || null,
      tool: found['tool'] || null,
      from: from ?? null,
      until: until ?? null,
    },
    problem: wrong === undefined ? null : `“${wrong}” takes a day such as 2026-03-31.`,
  };
}

/** Whether a query asks for anything that can be searched for; a date alone would be every message of that time. */
export function isSearchable(query: SearchQuery): boolean {
  return Array.from(query.text).length >= shortestText || ((query.tool ?? query.file) !== null && query.text === '');
}

/** Shorter texts are in nearly every message. */
export const shortestText = 2;

/** @returns null when there is none, undefined when it is no day */
function readDay(value: string | undefined): number | null | undefined {
  if (value === undefined) return null;
  const [, year, month, day] = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(value) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const date = new Date(Number(year), Number(month) - 1, Number(day));
  return date.getMonth() === Number(month) - 1 ? date.getTime() : undefined;
}
