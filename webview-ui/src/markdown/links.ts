/** Where a link of the model's leads: out to the browser or mail program, or to a file of the folder. */
export type LinkTarget =
  { readonly kind: 'web'; readonly href: string } | { readonly kind: 'file'; readonly path: string };

const scheme = /^[a-z][a-z0-9+.-]*:/iu;
const position = /:\d+(?:[:-]\d+)?$/u;
const windowsDrive = /^[a-z]:[\\/]/iu;
const forbidden = /[\u0000-\u001f\u007f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;
const maxLength = 4096;

/**
 * Says where a link leads; null for everything that is no link here, which is then shown as text: any scheme but http,
 * https, mailto and file, anchors, links without a scheme but with a host, and what holds invisible characters.
 * @param href the link's target as the model wrote it
 */
export function linkTarget(href: string): LinkTarget | null {
  const trimmed = href.trim();
  if (trimmed === '' || trimmed.length > maxLength || forbidden.test(trimmed)) return null;
  const found = scheme.exec(trimmed)?.[0].toLowerCase();
  if (found === 'http:' || found === 'https:' || found === 'mailto:') return webTarget(trimmed);
  if (found === 'file:') return fileTarget(trimmed.replace(/^file:(?:\/\/(?:localhost)?(?=\/))?/iu, ''));
  if (found !== undefined && !windowsDrive.test(trimmed) && !isFileWithPosition(trimmed)) return null;
  if (/^(?:#|[\\/]{2})/u.test(trimmed)) return null;
  return fileTarget(trimmed);
}

function webTarget(href: string): LinkTarget | null {
  if (!URL.canParse(href)) return null;
  const url = new URL(href);
  if (url.protocol !== 'mailto:' && url.hostname === '') return null;
  return { kind: 'web', href: url.href };
}

function fileTarget(href: string): LinkTarget | null {
  const path = decode(href.replace(/#L(\d+).*$/u, ':$1').replace(/[?#].*$/u, ''));
  return path === '' || forbidden.test(path) || /^[\\/]{2}/u.test(path) ? null : { kind: 'file', path };
}

/** `main.ts:12` looks like a scheme and is none. */
function isFileWithPosition(href: string): boolean {
  const end = position.exec(href);
  return end !== null && !href.slice(0, end.index).includes(':');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const codeFile = new RegExp(
  `^(?:~|\\.{1,2})?/?(?:[\\w@.+-]+/)*[\\w@.+-]*[\\w@+-]\\.(?:${[
    'ts|tsx|mts|cts|js|jsx|mjs|cjs|json|jsonc|jsonl|css|scss|less|html|vue|svelte|md|mdx|txt|yml|yaml|toml|ini|cfg|conf',
    'py|pyi|rb|php|java|kt|kts|scala|go|rs|c|h|cc|cpp|hpp|cs|fs|swift|m|mm|dart|lua|pl|r|jl|ex|exs|erl|hs|clj|zig',
    'sh|bash|zsh|fish|ps1|bat|sql|graphql|proto|xml|svg|gradle|cmake|mk|lock|env|ipynb|tf',
  ].join('|')})(?::\\d+(?::\\d+)?)?$`,
  'u',
);

/** Whether inline code names a file, such as `src/main.ts:12`, so that it can be opened with a click. */
export function looksLikeFile(code: string): boolean {
  return code.length <= 300 && codeFile.test(code);
}
