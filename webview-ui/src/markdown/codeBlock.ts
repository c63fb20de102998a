import { makeVisible } from '../../../src/base/visibleText.js';

/** Lines of code that share one element; the browser lays out again only the element that grows. */
const linesPerChunk = 50;

/** The parts of a code block. */
export interface CodeBlock {
  /** The whole, with its bar. */
  readonly element: HTMLElement;
  /** Adds complete lines, and replaces the line that is not complete. */
  append(lines: string, partial: string): void;
  /** The code as Claude wrote it. */
  text(): string;
}

/** Finds the code block that an element of the page is in, or undefined. */
export type CodeBlocks = WeakMap<Element, CodeBlock>;

/**
 * Makes a code block: a bar with the language and a button that copies, and the code in pieces of some lines each.
 * @param language as the fence names it, or empty
 * @param blocks where the block is registered, for the copy button and the highlighter
 */
export function createCodeBlock(language: string, blocks: CodeBlocks): CodeBlock {
  const element = document.createElement('div');
  element.className = 'code';
  const bar = element.appendChild(document.createElement('div'));
  bar.className = 'code-bar';
  const label = bar.appendChild(document.createElement('span'));
  label.textContent = language;
  const copy = bar.appendChild(document.createElement('button'));
  copy.type = 'button';
  copy.className = 'icon-button';
  copy.title = 'Copy';
  copy.dataset['copy'] = 'code';
  copy.setAttribute('aria-label', 'Copy code');
  copy.appendChild(document.createElement('span')).className = 'icon icon-copy';
  const pre = element.appendChild(document.createElement('pre'));
  pre.dataset['lang'] = language;
  pre.tabIndex = 0;
  pre.dir = 'ltr';
  pre.setAttribute('role', 'group');
  pre.setAttribute('aria-label', language === '' ? 'Code' : `Code, ${language}`);
  const code = pre.appendChild(document.createElement('code'));

  let whole = '';
  let unfinished = '';
  let lines = 0;
  let chunk: HTMLElement | null = null;
  const last = document.createElement('span');
  last.className = 'code-chunk';

  const block: CodeBlock = {
    element,
    append: (added, partial) => {
      whole += added;
      for (const line of added === '' ? [] : makeVisible(added.slice(0, -1)).split('\n')) {
        if (!chunk || lines % linesPerChunk === 0) {
          chunk = document.createElement('span');
          chunk.className = 'code-chunk';
          code.insertBefore(chunk, last.parentNode ? last : null);
          chunk.append(line);
        } else chunk.append(`\n${line}`);
        lines += 1;
      }
      if (partial !== unfinished) {
        unfinished = partial;
        last.textContent = makeVisible(partial);
        if (partial === '') last.remove();
        else if (!last.parentNode) code.appendChild(last);
      }
    },
    text: () => whole + unfinished,
  };
  blocks.set(element, block);
  return block;
}
