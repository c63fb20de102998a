import { makeLineVisible } from '../../base/visibleText.js';

/*
 * Texts of a conversation in a Markdown document (https://spec.commonmark.org/0.31.2): none may end, or swallow, what
 * comes after it.
 */

/**
 * A code block that holds any text: its fence is longer than every run of backticks in it.
 * @param text what it holds, as it is
 * @param language the info string; anything but a plain word is left out
 */
export function fenced(text: string, language = ''): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const info = /^[\w+-]+$/.test(language) ? language : '';
  return `${fence}${info}\n${text}${text.endsWith('\n') ? '' : '\n'}${fence}`;
}

/** Any Markdown as a block quote, which ends whatever the text leaves open. */
export function quoted(text: string): string {
  return lines(text)
    .map((line) => (line === '' ? '>' : `> ${line}`))
    .join('\n');
}

/** A text of one line that stands for itself, whatever Markdown or HTML is in it. */
export function plainLine(text: string): string {
  return makeLineVisible(text.trim()).replaceAll(/[\\`*_{}[\]<>#|~&]/g, String.raw`\$&`);
}

/**
 * Markdown that somebody wrote, such as Claude's answer, made safe to be followed by more: a code block that is open at
 * its end is closed. Where only a whole Markdown parser could tell what is open, such as with HTML, the text becomes a
 * block quote, whose end is the end of everything in it.
 */
export function contained(text: string): string {
  let open: string | null = null;
  for (const line of lines(text)) {
    const [, indent = '', mark = '', rest = ''] = /^( {0,3})(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (open !== null) {
      if (mark.startsWith(open) && rest.trim() === '') open = null;
    } else if (mark !== '' && !(mark.startsWith('`') && rest.includes('`'))) {
      // Indented, it can belong to a list and end with that, or not.
      if (indent !== '') return quoted(text);
      open = mark;
    } else if (/^ {0,3}<[!?/a-z]/i.test(line)) return quoted(text);
  }
  return open === null ? text : `${text}\n${open}`;
}

function lines(text: string): string[] {
  return text.split(/\r\n|\r|\n/);
}
