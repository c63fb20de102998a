import { makeVisible } from '../../../src/base/visibleText.js';

/** A run of text, or a character that cannot be seen, with what it is. */
export type VisiblePart = string | { readonly mark: string; readonly name: string };

const names: Readonly<Record<string, string>> = {
  '0000': 'null',
  '0007': 'bell',
  '0008': 'backspace',
  '000D': 'carriage return',
  '001B': 'escape',
  '00AD': 'soft hyphen',
  '061C': 'Arabic letter mark',
  '200B': 'zero width space',
  '200C': 'zero width non-joiner',
  '200D': 'zero width joiner',
  '200E': 'left-to-right mark',
  '200F': 'right-to-left mark',
  '202A': 'left-to-right embedding',
  '202B': 'right-to-left embedding',
  '202C': 'end of embedding or override',
  '202D': 'left-to-right override',
  '202E': 'right-to-left override',
  '2060': 'word joiner',
  '2066': 'left-to-right isolate',
  '2067': 'right-to-left isolate',
  '2068': 'first strong isolate',
  '2069': 'end of isolate',
  FEFF: 'byte order mark',
};

/**
 * Splits a text so that each character which cannot be seen, or which turns the order of the others, stands by itself
 * and can be shown as a mark. What a command or a path really holds can then be read.
 */
export function visibleParts(text: string): readonly VisiblePart[] {
  const shown = makeVisible(text);
  if (shown === text) return [text];
  return shown
    .split(/(⟨U\+[0-9A-F]{4,6}⟩)/u)
    .filter((part) => part !== '')
    .map((part) => {
      const code = /^⟨U\+([0-9A-F]+)⟩$/u.exec(part)?.[1];
      return code === undefined ? part : { mark: part, name: names[code] ?? 'invisible character' };
    });
}

/** A program's output as it is shown: without the colour codes of terminals, and with one kind of line break. */
export function plainOutput(text: string): string {
  return text.replace(/\u001b\[[\d;:]*m/gu, '').replace(/\r\n?/gu, '\n');
}
