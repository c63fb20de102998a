/*
 * Characters that cannot be seen or that change the order of what is read: controls (but not tab and line feed), format
 * characters such as the bidirectional overrides and zero-width spaces (Unicode categories Cc and Cf), line and paragraph
 * separators, and lone surrogates.
 */
const invisible = /(?![\t\n])[\p{Cc}\p{Cf}\u2028\u2029\p{Cs}]/gu;

/**
 * Makes every character of a text visible that could hide or reorder others, as `⟨U+202E⟩`. For hostile text in places that
 * show plain text only.
 */
export function makeVisible(text: string): string {
  return text.replace(invisible, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
  });
}
