import type { MarkdownIt } from 'markdown-it';
import type { Disposable } from '../../../src/base/disposable.js';
import { isRightToLeft, rightToLeft } from '../text/direction.js';
import { createCodeBlock, type CodeBlock, type CodeBlocks } from './codeBlock.js';
import type { Sanitize } from './sanitize.js';
import { Rest } from './rest.js';
import { MarkdownSplitter } from './splitter.js';

/** What painting Markdown needs. */
export interface MarkdownKit {
  readonly md: MarkdownIt;
  readonly sanitize: Sanitize;
  readonly codeBlocks: CodeBlocks;
  /** Told of code that is complete, so that it can be coloured when there is time. */
  readonly onCode: (element: HTMLElement) => void;
}

/**
 * Characters that cannot change how the text before them is read, within a line that has words already: they close
 * nothing, open no link and start no block.
 */
const plain = /^[\p{L}\p{M}\p{N} .,:?!'"(=+-]*$/u;

/** A block of more characters is drawn less often while it grows, as each time all of it is parsed. */
const longBlock = 16_000;

/**
 * Keeps an element in step with Markdown that grows. What is final stays untouched; of the rest, plain words are added
 * to the text node at the end, and only what may change the reading is parsed again.
 */
export class ProsePainter implements Disposable {
  readonly #element: HTMLElement;
  readonly #kit: MarkdownKit;
  #splitter: MarkdownSplitter;
  /** Nodes that the next step replaces. */
  #tail: ChildNode[] = [];
  #open: CodeBlock | null = null;
  /** How much of the text the element shows. */
  #shown = '';
  #done = false;
  readonly #rest = new Rest();

  /** @param element becomes the text's element; must be empty */
  constructor(element: HTMLElement, kit: MarkdownKit) {
    this.#element = element;
    this.#kit = kit;
    this.#splitter = new MarkdownSplitter(kit.md);
  }

  /**
   * Shows the text as it is now, or soon when showing it has become costly.
   * @param text usually begins with what the last call got; if not, all is drawn again
   * @param done nothing will be added
   */
  update(text: string, done: boolean): void {
    this.#rest.cancel();
    if (text === this.#shown && done === this.#done) return;
    if (this.#done || !text.startsWith(this.#shown)) this.#reset();
    if (rightToLeft.test(text.slice(this.#shown.length))) this.#element.classList.add('bidi');
    if (done ? this.#finish(text) : this.#appendPlain(text)) return;
    if (
      !done &&
      this.#rest.wait(() => {
        this.update(text, done);
      })
    ) {
      return;
    }
    const before = performance.now();
    this.#shown = text;
    this.#done = done;
    this.#step(text, done);
    if (this.#splitter.openLength(text) > longBlock) this.#rest.worked(performance.now() - before);
  }

  /** Stops what waits. */
  dispose(): void {
    this.#rest.cancel();
  }

  #reset(): void {
    this.#element.replaceChildren();
    this.#splitter = new MarkdownSplitter(this.#kit.md);
    this.#tail = [];
    this.#open = null;
    this.#shown = '';
    this.#done = false;
  }

  /** Keeps what is shown as final if it is the text's final form already. @returns whether it is */
  #finish(text: string): boolean {
    if (text !== this.#shown || this.#open || !this.#splitter.isSettled) return false;
    this.#done = true;
    for (const node of this.#tail) {
      const codes = node instanceof HTMLElement ? [node, ...node.querySelectorAll<HTMLElement>('.code')] : [];
      for (const code of codes) if (code.classList.contains('code')) this.#kit.onCode(code);
    }
    this.#tail = [];
    return true;
  }

  #step(text: string, done: boolean): void {
    const step = this.#splitter.advance(text, done);
    switch (step.kind) {
      case 'code':
        this.#open?.append(step.lines, step.partial);
        return;
      case 'restart':
        this.#element.replaceChildren(...this.#build(step.final, true));
        this.#tail = [];
        return;
      case 'fence':
        this.#replaceTail(this.#build(step.final, true));
        this.#tail = [];
        this.#open = createCodeBlock(step.language, this.#kit.codeBlocks);
        this.#element.append(this.#open.element);
        this.#tail = [this.#open.element];
        this.#step(text, done);
        return;
      case 'blocks':
        this.#open = null;
        this.#replaceTail(this.#build(step.final, true));
        this.#tail = this.#build(step.tail, false);
        this.#element.append(...this.#tail);
        return;
    }
  }

  #replaceTail(nodes: readonly ChildNode[]): void {
    for (const node of this.#tail) node.remove();
    this.#element.append(...nodes);
  }

  /** Adds words to the last text node if that is certain to be right. @returns whether it was */
  #appendPlain(text: string): boolean {
    if (this.#open || !this.#splitter.isSettled) return false;
    const before = this.#shown.trimEnd();
    const added = text.slice(before.length).trimEnd();
    const word = / \S+$/u.exec(before.slice(-64))?.[0];
    if (word === undefined || !plain.test(word) || !plain.test(text.slice(before.length))) return false;
    const node = lastText(this.#tail.at(-1));
    if (!node?.data.endsWith(word) || node.parentElement?.closest('a, code')) return false;
    if (rightToLeft.test(added) && node.parentElement?.closest('[dir]') === null) return false;
    node.appendData(added);
    this.#shown = text;
    return true;
  }

  #build(html: string, final: boolean): ChildNode[] {
    if (html === '') return [];
    const fragment = this.#kit.sanitize(html);
    for (const pre of fragment.querySelectorAll('pre')) {
      const block = createCodeBlock(pre.dataset['lang'] ?? '', this.#kit.codeBlocks);
      const code = pre.textContent;
      block.append(code === '' || code.endsWith('\n') ? code : `${code}\n`, '');
      pre.replaceWith(block.element);
      if (final) this.#kit.onCode(block.element);
    }
    for (const table of fragment.querySelectorAll('table')) {
      const scroller = document.createElement('div');
      scroller.className = 'table-scroll';
      scroller.tabIndex = 0;
      scroller.setAttribute('role', 'group');
      scroller.setAttribute('aria-label', 'Table');
      table.replaceWith(scroller);
      scroller.append(table);
    }
    const elements = [...fragment.children];
    for (const each of elements) {
      // `dir="auto"` would make the browser read the whole block again for every change in it.
      if (each instanceof HTMLElement && isRightToLeft(each.textContent)) each.dir = 'rtl';
    }
    return elements;
  }
}

/** The last text of a tree in reading order. */
function lastText(root: ChildNode | undefined): Text | null {
  let node: Node | null | undefined = root;
  while (node && !(node instanceof Text)) {
    let last: ChildNode | null = node.lastChild;
    while (last instanceof Text && last.data.trim() === '') last = last.previousSibling;
    node = last;
  }
  return node ?? null;
}
