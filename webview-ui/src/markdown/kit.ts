import type { CodeBlocks } from './codeBlock.js';
import { createMarkdown } from './engine.js';
import type { MarkdownKit } from './prosePainter.js';
import { createSanitizer } from './sanitize.js';

/**
 * Puts together what rendering Markdown needs; loaded after the first paint.
 * @param codeBlocks where code blocks are registered
 * @param onCode told of code that is complete
 */
export function createMarkdownKit(codeBlocks: CodeBlocks, onCode: (element: HTMLElement) => void): MarkdownKit {
  return { md: createMarkdown(), sanitize: createSanitizer(window), codeBlocks, onCode };
}
