import type { Chunking } from '../script.js';

/** A pace that looks like a model at work. */
export const lively: Chunking = { size: 8, delayMs: 8 };

export const help = `I am the **scripted demo model**: a small program on this machine that plays the part of Claude. I do not understand
what you write, I only look for a few words in it. Everything around me is real: the \`claude\` program, its tools, and the questions before they run.

Things you can ask for:

- \`hello\`, or *what did I say first*: chat
- *think about it*: a thinking block, then an answer
- *show me some code*, *a long answer*, *unicode and emoji*
- *list files*, *run \`date\`*, *run the tests*: a command
- *read README.md*, *create notes.md*, *edit README.md*: files
- *four tools at once*, *use a subagent*
- *ask me a question*, *make a plan*
- *answer slowly*: time to try Stop
- *fail*, *error 429*, *error 401*, *drop the connection*: things that go wrong
`;

export const codeAnswer = `Here is a queue that turns pushed values into an async iterable:

\`\`\`ts
/** A queue between someone who pushes and someone who waits. */
export class AsyncQueue<T> implements AsyncIterable<T> {
  private readonly items: T[] = [];
  private wake: (() => void) | undefined;

  push(item: T): void {
    this.items.push(item);
    this.wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    for (;;) {
      for (let item = this.items.shift(); item !== undefined; item = this.items.shift()) yield item;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}
\`\`\`

How it works:

1. \`push\` stores the item and wakes the reader.
2. The reader drains what is there, then sleeps.

- [x] No timers
- [ ] No end: that is left to you
`;

export const thoughts = `The user wants me to think. First, what is the question? There may be none. \
Then I weigh what I know: I am a scripted model, and my answer is fixed. \
So the honest thing is to think for a moment, visibly, and give the answer that is written down for me.`;

export const longStory = `Slowly, then. I will take about twenty seconds for this, so that you can try what happens when you press Stop while I \
am speaking. Nothing I say here matters much. Once upon a time there was a tree that grew a new branch whenever somebody asked \
it a question. Some branches grew long and bore fruit; some ended after a single leaf. The gardener cut none of them, because a \
branch that looks dead in winter may be the one you need in spring. When a visitor asked which of the branches was the right \
one, the gardener said: that depends on where you want to sit. And that is the end of the story, if you let me come this far.`;

function section(number: number): string {
  return `## ${number}. Section ${number}

A paragraph with **bold**, *italic*, \`code\` and a [link](https://example.com/section-${number}). It goes on for a while, so that lines have to wrap in a
narrow side bar, and so that scrolling has something to scroll over.

| measure | value | unit |
| --- | ---: | --- |
| first text | ${number * 7} | ms |
| deltas | ${number * 1000} | |

\`\`\`ts
export const section${number} = { number: ${number}, title: 'Section ${number}' } as const;
\`\`\`

> A quotation, with a list inside:
>
> - one
> - two
`;
}

export const longAnswer = `# A long answer

${Array.from({ length: 12 }, (_, index) => section(index + 1)).join('\n')}
## The end

That was long.
`;

export const unicodeAnswer = `Text from many places:

- Emoji: 😀 👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇪🇺
- Combining: é (e + ́), ñ, Z͑ͫ̓a̴l̷g̶o̸
- Hebrew: שלום עולם
- Arabic: مرحبا بالعالم، كيف الحال؟
- Mixed: the word \`שלום\` stands in the middle, and 123 behind it
- Chinese, Japanese, Korean: 你好，世界 · こんにちは · 안녕하세요
- Beyond the first plane: 𝒳 𠜎 🀄
- Zero width: a\u200bb, soft\u00adhyphen
`;

export const planDocument = `# Plan: a greeting for the sample

## Context

You asked for a plan. This one is always the same, because the demo model wrote it.

## Steps

1. Read \`README.md\` and the sample's source.
2. Add a function \`greet(name)\` with a docstring.
3. Add a test that calls it.

## How to check

- \`npm test\` passes.
- The greeting names the person.
`;
