import type { Env, MarkdownIt, Token } from 'markdown-it';
import { heal } from './heal.js';
import { languageOf } from './language.js';

/** What changed since the last step. */
export type Step =
  /** HTML of blocks that are final from now on, and HTML of what follows them for now. */
  | { readonly kind: 'blocks'; readonly final: string; readonly tail: string }
  /** As before, but what follows is code in a fence that is still open; the next step says what is in it. */
  | { readonly kind: 'fence'; readonly final: string; readonly language: string }
  /** Lines to add to the open code, and the line that is not complete yet. */
  | { readonly kind: 'code'; readonly lines: string; readonly partial: string }
  /** All is to be drawn again, because a link was defined somewhere. */
  | { readonly kind: 'restart'; readonly final: string };

interface OpenFence {
  /** Finds the line that closes it. */
  readonly closing: RegExp;
  /** Takes the fence's own indentation from the start of lines. */
  readonly indent: RegExp | null;
  /** Where the part of the text begins that was not handed out yet; always the start of a line. */
  taken: number;
}

/**
 * Renders Markdown that grows at its end. Whatever can no longer change is handed out once and never parsed again, so
 * that the whole costs what its length costs: a top-level block is final when a later one has begun on a line that is
 * complete, or when its own end is certain. Code in a fence that is still open is handed out line by line, unparsed.
 * At the end the result is the same as if all had been rendered at once.
 */
export class MarkdownSplitter {
  readonly #md: MarkdownIt;
  /** Where the part of the text begins that is not final. */
  #start = 0;
  #fence: OpenFence | null = null;
  #defines = false;
  #altered = false;

  /** @param md what parses and renders */
  constructor(md: MarkdownIt) {
    this.#md = md;
  }

  /**
   * Whether the last step showed the text so far as it would be if nothing came after it. Not so where the beginning of
   * a line was left out, because one cannot know yet what it begins, where something was closed that the text leaves
   * open, or where a link was defined.
   */
  get isSettled(): boolean {
    return !this.#altered && !this.#defines;
  }

  /** How much of a text is not final and is parsed again at the next step, in characters. */
  openLength(text: string): number {
    return this.#fence ? 0 : text.length - this.#start;
  }

  /**
   * Takes the text as it is now.
   * @param text begins with what the last call got
   * @param done nothing will be added
   */
  advance(text: string, done: boolean): Step {
    const closed = this.#fence !== null;
    if (this.#fence && !done) {
      const code = moreCode(this.#fence, text);
      if (code) return code;
    }
    this.#fence = null;
    if (done && this.#defines) return this.#whole(text);
    const tail = text.slice(this.#start);
    const env: Env = {};
    const sure = done ? tail : heal(withoutStart(tail));
    this.#altered = sure !== tail;
    const tokens = this.#md.parse(sure, env);
    if (env.references && Object.keys(env.references).length > 0) {
      this.#defines = true;
      if (done && this.#start > 0) return this.#whole(text);
    }
    if (done) {
      this.#start = text.length;
      return { kind: 'blocks', final: this.#render(tokens, env), tail: '' };
    }
    const lines = lineStarts(tail);
    const blocks = topLevel(tokens);
    const count = finalCount(blocks, lines, tail);
    const cut = blocks[count];
    const before = blocks[count - 1];
    const cutToken = cut?.first ?? tokens.length;
    const cutLine = cut?.from ?? before?.to ?? 0;
    const offset = lines[cutLine] ?? tail.length;
    this.#start += offset;
    const final = this.#render(tokens.slice(0, cutToken), env);
    const fence = cut && count === blocks.length - 1 ? tokens[cut.first] : undefined;
    const second = lines[cutLine + 1];
    if (fence?.type === 'fence' && second !== undefined && !closed) {
      this.#fence = openFence(fence, this.#start - offset + second, tail.slice(offset, second));
      return { kind: 'fence', final, language: languageOf(fence.info) };
    }
    return { kind: 'blocks', final, tail: this.#render(tokens.slice(cutToken), env) };
  }

  #whole(text: string): Step {
    this.#start = text.length;
    return { kind: 'restart', final: this.#md.render(text) };
  }

  #render(tokens: Token[], env: Env): string {
    return tokens.length === 0 ? '' : this.#md.renderer.render(tokens, this.#md.options, env);
  }
}

function openFence(token: Token, taken: number, line: string): OpenFence {
  const indent = /^ */u.exec(line)?.[0].length ?? 0;
  return {
    closing: new RegExp(`^ {0,3}${token.markup.charAt(0)}{${String(token.markup.length)},}[ \\t]*$`, 'mu'),
    indent: indent === 0 ? null : new RegExp(`^ {1,${String(indent)}}`, 'gmu'),
    taken,
  };
}

/** The code that was added to an open fence, or null when the fence may have been closed. */
function moreCode(fence: OpenFence, text: string): Step | null {
  const added = text.slice(fence.taken);
  const complete = added.lastIndexOf('\n') + 1;
  const lines = normalize(added.slice(0, complete));
  if (fence.closing.test(lines)) return null;
  fence.taken += complete;
  const partial = normalize(added.slice(complete)).replace(/^ {0,3}[`~]+$/u, '');
  const dedent = (code: string): string => (fence.indent ? code.replace(fence.indent, '') : code);
  return { kind: 'code', lines: dedent(lines), partial: dedent(partial) };
}

/** As markdown-it does it. */
function normalize(code: string): string {
  return code.replace(/\r\n?/gu, '\n').replace(/\0/gu, '\ufffd');
}

interface TopBlock {
  /** Index of its first token. */
  readonly first: number;
  /** Its lines: from, and the first one after it. */
  readonly from: number;
  readonly to: number;
  readonly type: string;
}

function topLevel(tokens: readonly Token[]): TopBlock[] {
  const blocks: TopBlock[] = [];
  tokens.forEach((token, first) => {
    if (token.level === 0 && token.nesting >= 0 && token.map) {
      blocks.push({ first, from: token.map[0], to: token.map[1], type: token.type });
    }
  });
  return blocks;
}

/** Offsets at which lines begin; the last one is that of the line that is not complete (it may be empty). */
function lineStarts(text: string): number[] {
  const starts = [0];
  // A carriage return at the very end may be the first half of a line break.
  for (const match of text.matchAll(/\r\n|\n|\r(?!$)/gu)) starts.push(match.index + match[0].length);
  return starts;
}

/** How many of the blocks can no longer change, whatever follows. */
function finalCount(blocks: readonly TopBlock[], lines: readonly number[], tail: string): number {
  const complete = lines.length - 1;
  for (let count = blocks.length; count > 0; count--) {
    const block = blocks[count - 1];
    const next = blocks[count];
    if (!block) return 0;
    if (next ? next.from < complete : endsForSure(block, complete, lines, tail)) return count;
  }
  return 0;
}

function endsForSure(block: TopBlock, complete: number, lines: readonly number[], tail: string): boolean {
  switch (block.type) {
    case 'heading_open':
    case 'hr':
      return block.to <= complete;
    case 'paragraph_open':
    case 'table_open':
      return block.to < complete && tail.slice(lines[block.to], lines[block.to + 1]).trim() === '';
    case 'fence':
      return block.to <= complete && lineIsFence(tail, lines, block);
    default:
      return false;
  }
}

function lineIsFence(tail: string, lines: readonly number[], block: TopBlock): boolean {
  const opening = /^ {0,3}(`{3,}|~{3,})/u.exec(tail.slice(lines[block.from], lines[block.from + 1]))?.[1];
  const last = /^ {0,3}(`{3,}|~{3,})[ \t]*\r?\n?$/u.exec(tail.slice(lines[block.to - 1], lines[block.to]))?.[1];
  return (
    opening !== undefined &&
    last !== undefined &&
    block.to - 1 > block.from &&
    last.startsWith(opening.charAt(0)) &&
    last.length >= opening.length
  );
}

/**
 * Leaves out an unfinished last line that would flash as something else: the first characters of a rule, a list, a
 * heading, a fence or a table.
 */
function withoutStart(tail: string): string {
  const start = tail.lastIndexOf('\n') + 1;
  return /^[ \t]*(?:[-=*_#>+|`~: ]+|\d{1,9}[.)]?)[ \t]*$/u.test(tail.slice(start)) ? tail.slice(0, start) : tail;
}
