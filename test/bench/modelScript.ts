import type { AnswerBlock, Script, Step } from '../support/model/script.js';

/** First and last words of every answer: by these it is seen what is shown. */
export const marks = { first: 'Alpha', last: 'Omega' } as const;

/** How many deltas the long answer comes in. */
export const floodDeltas = 4000;
/** The same of the answer that comes as fast as models speak. */
export const steadyDeltas = 500;
const deltaLength = 5;

/** What is said to the model, by what it then does. */
export const prompts = {
  /** A line of text in a few deltas. */
  short: 'Bench: a short answer, please.',
  /** 20,000 characters of Markdown in {@link floodDeltas} deltas without a pause. */
  flood: 'Bench: the long answer, please.',
  /** A screenful of Markdown in a few deltas, to make a long conversation of quickly. */
  page: 'Bench: a page, please.',
  /** Deltas for a minute, so that the program is at work when its host is killed. */
  endless: 'Bench: an endless answer, please.',
  /** A hundred deltas a second for some seconds, as fast as models speak. */
  steady: 'Bench: a steady answer, please.',
  /** Thinking, two tools with their results, and text: the mix that is recorded. */
  mixed: 'Bench: a bit of everything, please.',
} as const;

const sections = [
  '## What happens here\n\nThe parser reads one token at a time, **never** looks back, and keeps `state` in one place.',
  '- the first point, with a [link](https://example.com/a)\n- the second point, in *italics*\n- the third point',
  '```ts\nexport function add(left: number, right: number): number {\n  return left + right;\n}\n```',
  'A longer paragraph comes now, since most of an answer is plain words. It has several sentences, some of them long and ' +
    'winding, some short. None of them holds anything that Markdown would care about, which is how people write.',
  '| name | value |\n|---|---|\n| one | 1 |\n| two | 2 |',
  '1. Open the file.\n2. Change the line.\n3. Run the tests again, and look at the output.',
];

/** Far more often than it is asked. */
const always = 1_000_000;

function step(name: keyof typeof prompts, blocks: readonly AnswerBlock[]): Step {
  // The results of the mixed answer's tools come with the same prompt before them: that is asked by `toolResult`.
  return { name, when: { text: prompts[name] }, times: always, answer: { blocks, usage } };
}

/** Small and the same for every answer, so that a long conversation is never compacted. */
const usage = { inputTokens: 11, outputTokens: 7 };

/** Everything the model says in the benchmark, for the program whoever drives it. */
export const benchScript: Script = {
  otherwise: 'fail',
  steps: [
    {
      name: 'mixed, after its tools',
      when: { toolResult: '' },
      times: always,
      answer: {
        usage,
        blocks: [
          { type: 'thinking', thinking: longText(400), chunk: { size: deltaLength } },
          { type: 'text', text: longText(1500), chunk: { size: deltaLength } },
        ],
      },
    },
    step('short', [
      {
        type: 'text',
        text: `${marks.first} is the first word of this short answer, and the last one is ${marks.last}`,
        chunk: { size: deltaLength },
      },
    ]),
    step('flood', [{ type: 'text', text: longText(floodDeltas * deltaLength), chunk: { size: deltaLength } }]),
    step('page', [{ type: 'text', text: longText(1000), chunk: { size: 100 } }]),
    step('endless', [{ type: 'text', text: longText(30_000), chunk: { size: deltaLength, delayMs: 10 } }]),
    step('steady', [
      { type: 'text', text: longText(steadyDeltas * deltaLength), chunk: { size: deltaLength, delayMs: 10 } },
    ]),
    step('mixed', [
      { type: 'thinking', thinking: longText(600), chunk: { size: deltaLength } },
      { type: 'text', text: longText(300), chunk: { size: deltaLength } },
      { type: 'toolUse', name: 'Read', input: { file_path: 'notes.md' }, chunk: { size: deltaLength } },
      { type: 'toolUse', name: 'Glob', input: { pattern: '**/*.md' }, chunk: { size: deltaLength } },
    ]),
  ],
};

/** Markdown as models write it, with the first and the last mark, exactly so many characters long. */
function longText(length: number): string {
  const end = `\n\nThe end is ${marks.last}`;
  const room = length - end.length;
  let text = `${marks.first} begins.`;
  for (let index = 0; ; index++) {
    const longer = `${text}\n\n${sections[index % sections.length] ?? ''}`;
    if (longer.length > room - 2) break;
    text = longer;
  }
  return `${text}\n\n${'and so on '.repeat(length).slice(0, room - text.length - 2)}${end}`;
}
