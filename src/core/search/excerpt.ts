import { makeLineVisible } from '../../base/visibleText.js';
import type { TextRange } from './pattern.js';

const before = 40;
const after = 120;
const longest = 300;

/**
 * One line of a text around the first of some places in it. Runs of white space are one space, and characters that could
 * hide others are visible.
 * @param text any text
 * @param found places in it, in their order; without any the excerpt is of its beginning
 */
export function excerptOf(
  text: string,
  found: readonly TextRange[],
): { readonly excerpt: string; readonly ranges: readonly TextRange[] } {
  const first = found[0] ?? { start: 0, end: 0 };
  const start = wholeCharacter(text, Math.max(0, first.start - before));
  const end = wholeCharacter(
    text,
    Math.min(text.length, first.start + Math.min(longest, Math.max(first.end - first.start, after))),
  );
  let excerpt = start > 0 ? '…' : '';
  const ranges: TextRange[] = [];
  let at = start;
  for (const range of found) {
    if (range.start >= end) break;
    excerpt += shown(text.slice(at, range.start));
    const from = excerpt.length;
    at = Math.min(range.end, end);
    excerpt += shown(text.slice(range.start, at));
    ranges.push({ start: from, end: excerpt.length });
  }
  excerpt += shown(text.slice(at, end));
  return { excerpt: end < text.length ? `${excerpt}…` : excerpt, ranges };
}

function shown(text: string): string {
  return makeLineVisible(text.replaceAll(/\s+/g, ' '));
}

/** The place, or the one before it where that is in the middle of a surrogate pair. */
function wholeCharacter(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return at > 0 && code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}
