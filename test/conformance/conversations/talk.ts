import { next, say } from '../../support/model/answers.js';
import type { Conversation } from '../conversation.js';

const strange = [
  'Emoji: 😀 👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽',
  'Hebrew: שלום, Arabic: مرحبا بالعالم',
  'Beyond the first plane: 𝒳 𠜎; combining: e\u0301',
  'Zero width: a\u200bb; line separators: \u2028 \u2029; quotes: "\\ / \\n',
].join('\n');

const huge = `HUGE ${'0123456789 abcdef 😀\n'.repeat(16_000)}END`;

/** Text and thinking. */
export const talk: readonly Conversation[] = [
  {
    id: 'plain',
    title: 'T2 T3 M1 a plain answer, streamed, and its tokens',
    group: 'talk',
    script: {
      steps: [next({ ...say('Hello from the script.', { size: 3 }), usage: { inputTokens: 123, outputTokens: 45 } })],
    },
    actions: [
      { do: 'send', text: 'hello' },
      { do: 'awaitTurns', count: 1 },
    ],
    expected: [
      { outcome: 'completed', prompt: 'hello', blocks: [{ text: 'Hello from the script.' }], permissions: [] },
    ],
    modelSaw: [['hello']],
  },
  {
    id: 'thinking',
    title: 'T3 thinking and text are kept apart',
    group: 'talk',
    script: {
      steps: [
        next({
          blocks: [
            { type: 'thinking', thinking: 'Let me see.', chunk: { size: 4 } },
            { type: 'text', text: 'First.', chunk: { size: 2 } },
            { type: 'text', text: 'Second.' },
          ],
        }),
      ],
    },
    actions: [
      { do: 'send', text: 'think' },
      { do: 'awaitTurns', count: 1 },
    ],
    expected: [
      { outcome: 'completed', blocks: [{ thinking: 'Let me see.' }, { text: 'First.' }, { text: 'Second.' }] },
    ],
  },
  {
    id: 'twoTurns',
    title: 'T1 two turns on one process, the same text twice',
    group: 'talk',
    script: { steps: [next(say('same')), next(say('same'))] },
    actions: [
      { do: 'send', text: 'once' },
      { do: 'awaitTurns', count: 1 },
      { do: 'send', text: 'once' },
      { do: 'awaitTurns', count: 2 },
    ],
    expected: [
      { outcome: 'completed', blocks: [{ text: 'same' }] },
      { outcome: 'completed', blocks: [{ text: 'same' }] },
    ],
    modelSaw: [['once'], ['once']],
  },
  {
    id: 'unicode',
    title: 'T3 emoji, right-to-left text and odd separators, both ways, cut anywhere',
    group: 'talk',
    script: { steps: [next(say(strange, { size: 1 }))] },
    actions: [
      { do: 'send', text: strange },
      { do: 'awaitTurns', count: 1 },
    ],
    expected: [{ outcome: 'completed', prompt: strange, blocks: [{ text: strange }] }],
    modelSaw: [[strange]],
  },
  {
    id: 'deltas',
    title: 'T3 4,000 deltas without a pause',
    group: 'talk',
    script: { steps: [next({ blocks: [{ type: 'text', text: [{ repeat: 'word ', count: 4000 }] }] })] },
    actions: [
      { do: 'send', text: 'fast' },
      { do: 'awaitTurns', count: 1 },
    ],
    expected: [{ outcome: 'completed', blocks: [{ text: 'word '.repeat(4000) }] }],
  },
  {
    id: 'hugePrompt',
    title: 'P2 a prompt of 350 KB arrives whole',
    group: 'talk',
    script: { steps: [next(say('That was long.'))] },
    actions: [
      { do: 'send', text: huge },
      { do: 'awaitTurns', count: 1 },
    ],
    expected: [{ outcome: 'completed', prompt: huge, blocks: [{ text: 'That was long.' }] }],
    modelSaw: [[huge]],
  },
  {
    id: 'odd prompt',
    title: 'P2 a prompt that begins with a dash is a prompt',
    group: 'talk',
    script: { steps: [next(say('Fine.'))] },
    actions: [
      { do: 'send', text: '--help' },
      { do: 'awaitTurns', count: 1 },
    ],
    expected: [{ outcome: 'completed', prompt: '--help', blocks: [{ text: 'Fine.' }] }],
    modelSaw: [['--help']],
  },
];
