import { markdownTour, rightToLeft } from '../../../webview-ui/dev/texts.js';

/** Markdown with what is hard to render piece by piece: what a later character changes, and what it must not. */
export const samples: readonly string[] = [
  markdownTour,
  rightToLeft,
  'text\n***bold*** and on\n\n***\n\nnext',
  'title\n===\n\nother\n---\n\ntext\n- item\n- item\n\n  more of it\n\n\n  and more\n\nafter',
  '1. one\n2. two\n\n   loose\n3. three\n\ntext\n2. no list\n',
  '```js\nlet a = 1;\n\n```js\nnot closed by that\n``\n```\nafter\n~~~\ncode\n```\n~~~~\nend',
  '````md\n```js\nx\n```\n````\n\n```\nnever closed\n  indented\n',
  '   ```ts\n   indented\n     more\n   ```\ntext',
  '- item\n  ```js\n  in a list\n  ```\n- next\n\n> quote\n> more\nlazy\n\n> ```\n> code in quote\n\nend',
  '    indented code\n\n    more of it\n\ntext\n    not code',
  'a | b\n--- | ---\n1 | 2\n3 | 4\n\nx | y\n---|\n',
  'see [the docs][d] and [more][m]\n\ntext\n\n[d]: https://example.com/d\n[m]: https://example.com/m "title"\n',
  '[a]: https://example.com/first\n\n[a] and [b]\n\n[b]: /src/file.ts\n[b]: https://example.com/second',
  'one\r\ntwo\r\n\r\n- a\r\n- b\r\n\r\n```\r\ncode\r\n```\r\nend',
  'tab\tin text\n\n\tcode by tab\n\n* a\n*\tb\n+ c\n',
  'hard  \nbreak\\\nand `code with \\` and ``a ` b`` and *em*, **strong**, ***both***, ~~gone~~, _a_b_c_, 2*3*4',
  'http://example.com/a,b. And https://example.com/x_y_z? (https://example.com) <https://example.com/é> mailto:a@example.com',
  '&amp; &lt; &#x41; &nope; \\& <b>no html</b> <script>alert(1)</script> <!-- no -->',
  '# a\n## b ##\n### c #\n#### d\n####### no\n#no\n\n+ x\n- y\n* z\n1) a\n1. b',
  '🙂 emoji 👩‍👩‍👧 and e\u0301 and \u202eturned\u202c and nul \u0000 end',
  '- [ ] open\n- [x] done\n- [] none\n\n1. [X] done\n',
  '',
  '\n\n\n',
  'no end',
];

/** Numbers that look random and are the same in every run. @returns a number from 0 up to but not including `below` */
export function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Cuts a text into pieces of 1 to `longest` characters. */
export function pieces(text: string, longest: number, random: (below: number) => number): string[] {
  const cut: string[] = [];
  for (let at = 0; at < text.length;) {
    const length = 1 + random(longest);
    cut.push(text.slice(at, at + length));
    at += length;
  }
  return cut;
}
