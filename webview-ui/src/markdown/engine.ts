import MarkdownParser, { type MarkdownIt, type RendererRule, type Token } from 'markdown-it';
import { languageOf } from './language.js';
import { linkTarget, looksLikeFile } from './links.js';

/*
 * The one configuration of markdown-it. What the model writes can become no attribute but those made here: links carry
 * their target in `data-href` or `data-file` and have no `href`, so that not even a middle click or the editor's own
 * click handler can follow them past the host; images are shown as links and never loaded.
 */

/** A parser and renderer of Claude's Markdown. Its HTML still goes through the sanitiser. */
export function createMarkdown(): MarkdownIt {
  const md = new MarkdownParser({ html: false, linkify: true, breaks: false, typographer: false });
  md.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
  md.linkify.add('ftp:', null).add('//', null);
  md.validateLink = (url) => linkTarget(url) !== null;
  md.core.ruler.after('inline', 'arbor_tasks', (state) => {
    markTasks(state.tokens);
  });
  const { rules } = md.renderer;
  rules['link_open'] = (tokens, index) => linkStart(attribute(tokens[index], 'href'));
  rules['link_close'] = () => '</a>';
  rules['image'] = (tokens, index) => {
    const token = tokens[index];
    const source = attribute(token, 'src');
    return `${linkStart(source)}${md.utils.escapeHtml(token?.content === '' ? source : (token?.content ?? ''))}</a>`;
  };
  rules['code_inline'] = (tokens, index) => {
    const code = tokens[index]?.content ?? '';
    const html = `<code>${md.utils.escapeHtml(code)}</code>`;
    return looksLikeFile(code) ? `${linkStart(code)}${html}</a>` : html;
  };
  rules['fence'] = (tokens, index) => {
    const token = tokens[index];
    return `<pre data-lang="${languageOf(token?.info ?? '')}"><code>${md.utils.escapeHtml(token?.content ?? '')}</code></pre>\n`;
  };
  rules['code_block'] = (tokens, index) =>
    `<pre data-lang=""><code>${md.utils.escapeHtml(tokens[index]?.content ?? '')}</code></pre>\n`;
  for (const name of ['th_open', 'td_open']) rules[name] = alignedCell;
  return md;
}

function linkStart(href: string): string {
  const target = linkTarget(href);
  if (!target) return '<a>';
  const [name, value] = target.kind === 'web' ? ['data-href', target.href] : ['data-file', target.path];
  const escaped = escapeAttribute(value);
  return `<a role="link" tabindex="0" title="${escaped}" ${name}="${escaped}">`;
}

function escapeAttribute(text: string): string {
  return text.replace(/&/gu, '&amp;').replace(/"/gu, '&quot;').replace(/</gu, '&lt;').replace(/>/gu, '&gt;');
}

function attribute(token: Token | undefined, name: string): string {
  return String(token?.attrGet(name) ?? '');
}

const alignedCell: RendererRule = (tokens, index, options, _env, self) => {
  const token = tokens[index];
  const align = /text-align:(left|right|center)/u.exec(attribute(token, 'style'))?.[1];
  if (token) token.attrs = align === undefined ? null : [['data-align', align]];
  return self.renderToken(tokens, index, options);
};

/** Turns `[ ]` and `[x]` at the start of a list item into boxes. */
function markTasks(tokens: readonly Token[]): void {
  tokens.forEach((token, index) => {
    if (token.type !== 'inline' || tokens[index - 2]?.type !== 'list_item_open') return;
    const first = token.children?.[0];
    const box = first?.type === 'text' ? /^\[([ xX])\] /u.exec(first.content) : null;
    if (first && box) first.content = `${box[1] === ' ' ? '☐' : '☑'} ${first.content.slice(4)}`;
  });
}
