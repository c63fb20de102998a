import { describe, expect, it } from 'vitest';
import { createMarkdown } from '../../../webview-ui/src/markdown/engine.js';
import { MarkdownSplitter } from '../../../webview-ui/src/markdown/splitter.js';
import { pieces, samples, seeded } from './samples.js';

const md = createMarkdown();

/** What a view would show at the end that takes the splitter's steps. */
function streamed(text: string, longest: number, seed: number): string {
  const splitter = new MarkdownSplitter(md);
  let final = '';
  let so = '';
  const step = (done: boolean): void => {
    const taken = splitter.advance(so, done);
    if (taken.kind === 'restart') final = taken.final;
    else if (taken.kind !== 'code') final += taken.final;
  };
  for (const piece of pieces(text, longest, seeded(seed))) {
    so += piece;
    step(false);
  }
  step(true);
  return final;
}

describe('rendering Markdown as it grows', () => {
  it.each(samples.map((text, index) => [index, text] as const))(
    'U1 ends as if it had been rendered at once (sample %i)',
    (_, text) => {
      for (let seed = 1; seed <= 15; seed++) {
        for (const longest of [1, 3, 20]) expect(streamed(text, longest, seed)).toBe(md.render(text));
      }
    },
  );

  it('U1 ends the same for samples one after the other', () => {
    const random = seeded(7);
    for (let round = 0; round < 60; round++) {
      const text = [0, 1, 2].map(() => samples[random(samples.length)] ?? '').join(random(2) === 0 ? '\n\n' : '\n');
      expect(streamed(text, 12, round)).toBe(md.render(text));
    }
  });

  it('U1 shows at every step what the text so far says, but for a line whose kind is not certain', () => {
    const text = samples.filter((sample) => !sample.includes(']:')).join('\n\n');
    const splitter = new MarkdownSplitter(md);
    let final = '';
    let compared = 0;
    for (let end = 1; end <= text.length; end++) {
      const so = text.slice(0, end);
      const step = splitter.advance(so, false);
      if (step.kind === 'blocks') {
        final += step.final;
        if (splitter.isSettled) {
          expect(final + step.tail).toBe(md.render(so));
          compared += 1;
        }
      } else if (step.kind === 'fence') final += step.final;
    }
    expect(compared).toBeGreaterThan(1000);
  });

  it('U1 parses each part a bounded number of times', () => {
    let parsed = 0;
    const counting = createMarkdown();
    const { parse } = counting;
    counting.parse = (source, env) => {
      parsed += source.length;
      return parse.call(counting, source, env);
    };
    const text =
      'A paragraph of some words, with `code` and **more**.\n\n```ts\nconst a = 1;\nconst b = 2;\n```\n\n'.repeat(2000);
    const splitter = new MarkdownSplitter(counting);
    for (let end = 50; end < text.length; end += 50) splitter.advance(text.slice(0, end), false);
    expect(parsed).toBeLessThan(text.length * 5);
  });

  it('U1 hands out the lines of an open fence without parsing them', () => {
    let parsed = 0;
    const counting = createMarkdown();
    const { parse } = counting;
    counting.parse = (source, env) => {
      parsed += source.length;
      return parse.call(counting, source, env);
    };
    const code = 'const a = 1;\n'.repeat(10_000);
    const text = `\`\`\`ts\n${code}`;
    const splitter = new MarkdownSplitter(counting);
    let shown = '';
    for (let end = 100; end < text.length; end += 100) {
      const step = splitter.advance(text.slice(0, end), false);
      if (step.kind === 'code') shown += step.lines;
    }
    expect(code.startsWith(shown)).toBe(true);
    expect(shown.length).toBeGreaterThan(code.length - 200);
    expect(parsed).toBeLessThan(1000);
  });
});
