import { createHighlighterCore, type GrammarState, type ThemedToken } from 'shiki/core';
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript';
import darkPlus from 'shiki/themes/dark-plus.mjs';
import lightPlus from 'shiki/themes/light-plus.mjs';
import { grammarFor } from './languages.js';

/** Colours the code of elements. */
export interface Painter {
  /**
   * @param element a code block whose `pre` names the language
   * @param code what it shows
   * @param idle waits for the next idle moment
   */
  paint(element: HTMLElement, code: string, idle: () => Promise<IdleDeadline>): Promise<void>;
}

/** Longer code stays as it is. */
const maxLength = 400_000;
/** Longer lines are not coloured; they are data. */
const maxLineLength = 2000;

/** Makes the highlighter; its regular expressions run in the browser's own engine. */
export async function createPainter(): Promise<Painter> {
  const highlighter = await createHighlighterCore({
    themes: [darkPlus, lightPlus],
    langs: [],
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  });
  const classes = new ColourClasses(document);
  return {
    paint: async (element, code, idle) => {
      const grammar = grammarFor(element.querySelector<HTMLElement>('pre')?.dataset['lang'] ?? '');
      if (!grammar || code.length > maxLength) return;
      if (!highlighter.getLoadedLanguages().includes(grammar.name)) {
        await highlighter.loadLanguage(await grammar.load());
      }
      const states: Record<Scheme, GrammarState | undefined> = { dark: undefined, light: undefined };
      for (const chunk of element.querySelectorAll<HTMLElement>('.code-chunk')) {
        await idle();
        if (!element.isConnected) return;
        const text = chunk.textContent;
        const tokens = (scheme: Scheme, theme: string): ThemedToken[][] => {
          const state = states[scheme];
          const lines = highlighter.codeToTokensBase(text, {
            lang: grammar.name,
            theme,
            tokenizeMaxLineLength: maxLineLength,
            ...(state ? { grammarState: state } : {}),
          });
          states[scheme] = highlighter.getLastGrammarState(lines);
          return lines;
        };
        chunk.replaceChildren(...merge(tokens('dark', 'dark-plus'), tokens('light', 'light-plus'), classes));
      }
    },
  };
}

type Scheme = 'dark' | 'light';

/** Text and spans for the tokens of both themes, whose borders may differ. */
function merge(dark: ThemedToken[][], light: ThemedToken[][], classes: ColourClasses): (Node | string)[] {
  const nodes: (Node | string)[] = [];
  dark.forEach((line, index) => {
    if (index > 0) nodes.push('\n');
    const other = [...(light[index] ?? [])];
    let rest = other.shift();
    let used = 0;
    for (const token of line) {
      let content = token.content;
      while (content !== '') {
        const length = rest ? Math.min(content.length, rest.content.length - used) : content.length;
        const name = classes.nameFor(token, rest);
        const piece = content.slice(0, length);
        if (name === null) nodes.push(piece);
        else {
          const span = document.createElement('span');
          span.className = name;
          span.textContent = piece;
          nodes.push(span);
        }
        content = content.slice(length);
        used += length;
        if (rest && used >= rest.content.length) {
          rest = other.shift();
          used = 0;
        }
      }
    }
  });
  return nodes;
}

/**
 * Classes for pairs of a dark and a light colour, in a style sheet made through the object model: the content security
 * policy allows no inline styles, and a change of theme needs no new colouring.
 */
class ColourClasses {
  readonly #sheet: CSSStyleSheet;
  readonly #names = new Map<string, string>();

  constructor(target: Document) {
    this.#sheet = new CSSStyleSheet();
    target.adoptedStyleSheets = [...target.adoptedStyleSheets, this.#sheet];
  }

  /** The class for a token, or null when it has the text's own colour. */
  nameFor(dark: ThemedToken, light: ThemedToken | undefined): string | null {
    const darkColour = colour(dark.color);
    const lightColour = colour(light?.color);
    const style = dark.fontStyle ?? 0;
    const key = `${darkColour}/${lightColour}/${String(style)}`;
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name = `colour-${String(this.#names.size)}`;
    this.#names.set(key, name);
    const font = [
      ...((style & 1) !== 0 ? ['font-style: italic'] : []),
      ...((style & 2) !== 0 ? ['font-weight: bold'] : []),
      ...((style & 4) !== 0 ? ['text-decoration: underline'] : []),
    ];
    this.#sheet.insertRule(`.${name} { ${[`color: ${darkColour}`, ...font].join('; ')} }`);
    this.#sheet.insertRule(
      `:is(.vscode-light, .vscode-high-contrast-light) .${name} { color: ${lightColour} }`,
      this.#sheet.cssRules.length,
    );
    return name;
  }
}

function colour(value: string | undefined): string {
  return value !== undefined && /^#[0-9a-f]{3,8}$/iu.test(value) ? value : 'inherit';
}
