import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeLineVisible, makeVisible } from '../../../src/base/visibleText.js';

const hidden: readonly (readonly [string, number])[] = [
  ['a terminal escape', 0x1b],
  ['a carriage return, which overwrites a line', 0x0d],
  ['a C1 control', 0x9b],
  ['a right-to-left override', 0x202e],
  ['a left-to-right isolate', 0x2066],
  ['a right-to-left mark', 0x200f],
  ['a zero-width space', 0x200b],
  ['a zero-width joiner between Latin letters', 0x200d],
  ['a zero-width no-break space', 0xfeff],
  ['a soft hyphen', 0xad],
  ['a Hangul filler', 0x3164],
  ['a tag character', 0xe0041],
  ['a variation selector without an emoji', 0xfe0f],
  ['a supplementary variation selector', 0xe0101],
  ['a line separator', 0x2028],
  ['a blank Braille pattern', 0x2800],
  ['a combining grapheme joiner', 0x34f],
];

describe('makeVisible', () => {
  it.each(hidden)('A1 shows %s', (_, code) => {
    const name = code.toString(16).toUpperCase().padStart(4, '0');
    expect(makeVisible(`rm${String.fromCodePoint(code)}x`)).toBe(`rm⟨U+${name}⟩x`);
  });

  it('A1 shows a lone surrogate', () => {
    expect(makeVisible('a\ud800b')).toBe('a⟨U+D800⟩b');
  });

  it.each(['👨‍👩‍👧', '🧑🏽‍🚀', '❤️', '1️⃣', '#️⃣', '👍🏽', '🇩🇪'])('A1 leaves the emoji %s whole', (emoji) => {
    expect(makeVisible(emoji)).toBe(emoji);
  });

  it.each(['می‌خواهم', 'क्‍ष', 'שלום', '日本語', 'naïve', 'e\u0301', '\u0601١٢'])(
    'A1 leaves the word %s as it is',
    (word) => {
      expect(makeVisible(word)).toBe(word);
    },
  );

  it('A1 shows tags after a flag, since they can carry hidden text', () => {
    expect(makeVisible('🏴\u{e0067}\u{e007f}')).toBe('🏴⟨U+E0067⟩⟨U+E007F⟩');
  });

  it('A1 shows a keycap sign that belongs to no keycap', () => {
    expect(makeVisible('rm 1\ufe0f')).toBe('rm 1⟨U+FE0F⟩');
  });

  it('leaves printable ASCII, tabs and line feeds as they are, and nothing else that is a control', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), (text) => {
        const plain = text.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '');
        expect(makeVisible(plain)).toBe(plain);
        expect(makeVisible(text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/);
      }),
    );
  });

  it('A1 never leaves a character that reorders text, whatever is around it', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('\u202e', '\u2067', 'a', '👩', '\u200d', '\ufe0f', '‌', 'م')), (parts) => {
        expect(makeVisible(parts.join(''))).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });

  it('takes time in proportion to the text', () => {
    const text = '👩\u200d\u202ea'.repeat(100_000);
    expect(makeVisible(text)).toContain('⟨U+202E⟩');
  });
});

describe('makeLineVisible', () => {
  it('A1 shows line feeds and tabs as well, since a name with them could pass for more than one line', () => {
    expect(makeLineVisible('a\nContent:\tharmless\u202e')).toBe('a⟨U+000A⟩Content:⟨U+0009⟩harmless⟨U+202E⟩');
  });
});
