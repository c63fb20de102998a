import { createHighlighterCore, type GrammarState, type LanguageRegistration, type ThemedToken } from 'shiki/core';
import { createJavaScriptRawEngine } from 'shiki/engine/javascript';
import darkPlus from 'shiki/themes/dark-plus.mjs';
import lightPlus from 'shiki/themes/light-plus.mjs';
import { IdleMoment } from '../idle.js';
import { grammarFor } from './languages.js';

/** Colours the code of elements. */
export interface Painter {
  /**
   * @param element a code block whose `pre` names the language
   * @param code what it shows
   */
  paint(element: HTMLElement, code: string): Promise<void>;
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
    engine: createJavaScriptRawEngine(),
  });
  const classes = new ColourClasses(document);
  return {
    paint: async (element, code) => {
      const grammar = grammarFor(element.querySelector<HTMLElement>('pre')?.dataset['lang'] ?? '');
      if (!grammar || code.length > maxLength) return;
      if (!highlighter.getLoadedLanguages().includes(grammar.name)) {
        await highlighter.loadLanguage(...complete((await grammar.load()).default));
      }
      const states: Record<Scheme, GrammarState | undefined> = { dark: undefined, light: undefined };
      const tokens = (line: string, scheme: Scheme): readonly ThemedToken[] => {
        const state = states[scheme];
        const lines = highlighter.codeToTokensBase(line, {
          lang: grammar.name,
          theme: themes[scheme],
          tokenizeMaxLineLength: maxLineLength,
          ...(state ? { grammarState: state } : {}),
        });
        states[scheme] = highlighter.getLastGrammarState(lines);
        return lines[0] ?? [];
      };
      let moment = await IdleMoment.next();
      for (const chunk of element.querySelectorAll<HTMLElement>('.code-chunk')) {
        const nodes: (Node | string)[] = [];
        for (const [index, line] of chunk.textContent.split('\n').entries()) {
          if (index > 0) nodes.push('\n');
          nodes.push(...merge(tokens(line, 'dark'), tokens(line, 'light'), classes));
          if (!moment.lasts) moment = await IdleMoment.next();
        }
        if (!element.isConnected) return;
        chunk.replaceChildren(...nodes);
      }
    },
  };
}

/** The grammars of a language, without what they would embed that is not in the bundle, such as C++ in Ruby. */
function complete(grammars: readonly LanguageRegistration[]): LanguageRegistration[] {
  const names = new Set(grammars.map(({ name }) => name));
  return grammars.map((grammar) =>
    grammar.embeddedLangs
      ? { ...grammar, embeddedLangs: grammar.embeddedLangs.filter((name) => names.has(name)) }
      : grammar,
  );
}

type Scheme = 'dark' | 'light';
const themes: Readonly<Record<Scheme, string>> = { dark: 'dark-plus', light: 'light-plus' };

/** Text and spans for a line's tokens of both themes, whose borders may differ. */
function merge(
  dark: readonly ThemedToken[],
  light: readonly ThemedToken[],
  classes: ColourClasses,
): readonly (Node | string)[] {
  const nodes: (Node | string)[] = [];
  const others = light.values();
  let other = others.next().value;
  let used = 0;
  for (const token of dark) {
    let content = token.content;
    while (content !== '') {
      const length = other ? Math.min(content.length, other.content.length - used) : content.length;
      nodes.push(piece(content.slice(0, length), classes.nameFor(token, other)));
      content = content.slice(length);
      used += length;
      if (other && used >= other.content.length) {
        other = others.next().value;
        used = 0;
      }
    }
  }
  return nodes;
}

function piece(text: string, className: string | null): Node | string {
  if (className === null) return text;
  const span = document.createElement('span');
  span.className = className;
  span.textContent = text;
  return span;
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
