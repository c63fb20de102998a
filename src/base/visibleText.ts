/*
 * Characters that cannot be seen or that change the order of what is read: controls (but not tab and line feed), format
 * characters such as the bidirectional overrides, whatever Unicode lets a font ignore (zero-width spaces, fillers, tags,
 * variation selectors), blank Braille, line and paragraph separators, and lone surrogates.
 */
const invisible = String.raw`(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\u2028\u2029\u2800]`;

/*
 * Where such a character is seen because it changes its neighbours, and cannot be used to hide anything: between the parts
 * of an emoji, after an emoji to choose its colours, in a keycap, and in scripts whose letters it joins or parts. The last
 * are Arabic signs that the category of format characters holds although they are drawn.
 */
const joining = String.raw`[\p{sc=Arab}\p{sc=Syrc}\p{sc=Deva}\p{sc=Beng}\p{sc=Mlym}\p{sc=Sinh}]`;
const visible = [
  String.raw`(?<=\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?)\u200D(?=\p{Extended_Pictographic})`,
  String.raw`(?<=\p{Extended_Pictographic}|[0-9#*](?=\uFE0F\u20E3))\uFE0F`,
  String.raw`(?<=${joining})[\u200C\u200D](?=${joining})`,
  String.raw`[\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2]`,
].join('|');

const visibleOrInvisible = new RegExp(`(${visible})|${invisible}`, 'gu');

/**
 * Makes every character of a text visible that could hide or reorder others, as `⟨U+202E⟩`. For hostile text in places that
 * show plain text only.
 */
export function makeVisible(text: string): string {
  return text.replace(visibleOrInvisible, (character, seen?: string) => seen ?? codeOf(character));
}

/** As `makeVisible`, for what is one line, such as a name or a path: tabs and line feeds are made visible as well. */
export function makeLineVisible(text: string): string {
  return makeVisible(text).replace(/[\t\n]/g, codeOf);
}

function codeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
}
