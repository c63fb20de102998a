/** A run of text, or a character that cannot be seen, with its name. */
export type VisiblePart = string | { readonly mark: string; readonly name: string };

const names: Readonly<Record<string, string>> = {
  '\u200b': 'zero width space',
  '\u200c': 'zero width non-joiner',
  '\u200e': 'left-to-right mark',
  '\u200f': 'right-to-left mark',
  '\u061c': 'Arabic letter mark',
  '\u2028': 'line separator',
  '\u2029': 'paragraph separator',
  '\u202a': 'left-to-right embedding',
  '\u202b': 'right-to-left embedding',
  '\u202c': 'pop directional formatting',
  '\u202d': 'left-to-right override',
  '\u202e': 'right-to-left override',
  '\u2060': 'word joiner',
  '\u2066': 'left-to-right isolate',
  '\u2067': 'right-to-left isolate',
  '\u2068': 'first strong isolate',
  '\u2069': 'pop directional isolate',
  '\ufeff': 'byte order mark',
  '\u00ad': 'soft hyphen',
};

const hidden =
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

/** Whether a text holds control characters or others that cannot be seen (line feed and tab left out). */
export function hasHidden(text: string): boolean {
  return text.search(hidden) >= 0;
}

/**
 * Splits a text so that each character which cannot be seen, or which turns the order of the others, stands by itself
 * and can be shown as a mark. What a command or a path really holds can then be read.
 */
export function visibleParts(text: string): readonly VisiblePart[] {
  const parts: VisiblePart[] = [];
  let end = 0;
  for (const match of text.matchAll(hidden)) {
    if (match.index > end) parts.push(text.slice(end, match.index));
    parts.push(markOf(match[0]));
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push(text.slice(end));
  return parts;
}

function markOf(character: string): { readonly mark: string; readonly name: string } {
  const code = character.codePointAt(0) ?? 0;
  const hex = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  if (code < 0x20) return { mark: String.fromCharCode(0x2400 + code), name: `${hex}, control character` };
  if (code === 0x7f) return { mark: '\u2421', name: `${hex}, delete` };
  return { mark: `⟨${hex}⟩`, name: `${hex}, ${names[character] ?? 'invisible character'}` };
}

/** Takes out the colour codes of terminals, which mean nothing here. All else stays. */
export function withoutColours(text: string): string {
  // eslint-disable-next-line no-control-regex -- the escape character begins them
  return text.includes('\u001b') ? text.replace(/\u001b\[[\d;:]*m/gu, '') : text;
}
