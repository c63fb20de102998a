/**
 * Closes what the text so far leaves open at its end, so that bold text, code and links look right from their first
 * letter instead of flashing as signs. Works on the last paragraph only; never used for a text that is complete.
 */
export function heal(text: string): string {
  const start = lastParagraph(text);
  const paragraph = text.slice(start);
  if (!/[`*[]/u.test(paragraph) || /^[ \t>]*(?:[-*+]|\d+[.)])?[ \t]*(?:`{3}|~{3})/mu.test(paragraph)) return text;
  const code = openCode(paragraph);
  if (code) {
    const inside = paragraph.slice(code.end);
    return inside.trim() === '' ? text.slice(0, start + code.start) : text + code.sign;
  }
  return text.slice(0, start) + healLink(healStrong(paragraph));
}

function lastParagraph(text: string): number {
  let start = 0;
  for (const match of text.matchAll(/\n[ \t]*\r?\n/gu)) start = match.index + match[0].length;
  return start;
}

/** The signs that open a code span which is not closed, or null. */
function openCode(text: string): { readonly start: number; readonly end: number; readonly sign: string } | null {
  let open: { start: number; end: number; sign: string } | null = null;
  for (const { 0: sign, index } of text.matchAll(/(?<!\\)`+/gu)) {
    if (open === null) open = { start: index, end: index + sign.length, sign };
    else if (open.sign === sign) open = null;
  }
  return open;
}

function healStrong(text: string): string {
  const signs = [...text.replace(/`+[^`]*`+/gu, (code) => ' '.repeat(code.length)).matchAll(/(?<![\\*])\*\*(?!\*)/gu)];
  const last = signs.at(-1);
  if (!last || signs.length % 2 === 0) return text;
  const inside = text.slice(last.index + 2);
  if (inside.trim() === '' || /^\s/u.test(inside)) return inside.trim() === '' ? text.slice(0, last.index) : text;
  // Half of the closing sign may be there already.
  return /[^*]\*$/u.test(inside) ? `${text}*` : `${text.trimEnd()}**`;
}

function healLink(text: string): string {
  return text.replace(/!?\[([^\]\n]*)\]\([^)\n]*$/u, '$1');
}
