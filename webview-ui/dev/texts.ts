/** Markdown of every kind that Claude writes. */
export const markdownTour = `## What I found

The index is read from disk **for every query**, see \`src/search.ts:42\` and [the reader](src/reader.ts). Two things help:

1. Keep the index in memory
2. Read it again only when the file changed
   - with a watcher
   - or by its *modification time*

| Query | Before | After |
|:------|-------:|:-----:|
| \`tree\` | 410 ms | 3 ms |
| \`leaf\` | 380 ms | 2 ms |

\`\`\`ts
let cache: Index | undefined;

/** Reads the index once. */
export async function load(path: string): Promise<Index> {
  cache ??= parse(await readFile(path, 'utf8')); // 12 MB
  return cache;
}
\`\`\`

> Memory use grows by about 40 MB.

- [x] read the code
- [ ] write a test

More on this at https://example.com/search and ![a chart](https://example.com/chart.png).`;

/** Code that is longer and wider than the view. */
export const longCode = Array.from(
  { length: 240 },
  (_, line) =>
    `export function step${String(line)}(input: readonly number[]): number { return input.reduce((sum, each) => sum + each * ${String(line)}, 0); } // line ${String(line)}`,
).join('\n');

/** Arabic and Hebrew with code and English in it. */
export const rightToLeft = `## البحث بطيء

يُقرأ الفهرس من القرص **في كل استعلام**، انظر \`src/search.ts\`:

1. احتفظ بالفهرس في الذاكرة
2. راقب الملف

\`\`\`py
print("مرحبا")
\`\`\`

החיפוש איטי כי האינדקס נקרא מהדיסק.

And this line is English again.`;
