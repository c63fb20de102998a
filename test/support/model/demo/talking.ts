import { say } from '../answers.js';
import type { Answer } from '../script.js';
import type { DemoContext, DemoSkill } from './demo.js';
import { codeAnswer, help, lively, longAnswer, longStory, thoughts, unicodeAnswer } from './texts.js';

function recall({ turn }: DemoContext): Answer {
  const earlier = turn.prompts.slice(0, -1).map((prompt) => prompt.split('\n')[0]?.slice(0, 120) ?? '');
  const [first] = earlier;
  if (first === undefined) return say('This is the first thing you said to me in this conversation.', lively);
  const list = earlier.slice(0, 20).map((prompt, index) => `${index + 1}. ${prompt}`);
  return say(`You said first: **${first}**\n\nAll you said so far:\n\n${list.join('\n')}`, lively);
}

function chat({ prompt }: DemoContext): Answer {
  const greeting = /^\s*(hello|hi|hey|good (morning|day|evening))\b/i.test(prompt) ? 'Hello! ' : '';
  return say(`${greeting}${help}`, lively);
}

/** The demo's answers in words. The last one fits any prompt. */
export const talking: readonly DemoSkill[] = [
  { name: 'recall', words: /\bwhat did I\b|\bdo you remember\b|\bfirst (message|thing)\b/i, answer: recall },
  { name: 'slow', words: /\bslow(ly)?\b/i, answer: () => say(longStory, { count: 80, delayMs: 250 }) },
  {
    name: 'fast',
    words: /\bfast\b|\bdeltas\b/i,
    answer: () => ({ blocks: [{ type: 'text', text: [{ repeat: 'word ', count: 4000 }] }] }),
  },
  { name: 'long', words: /\blong\b/i, answer: () => say(longAnswer, { size: 24, delayMs: 8 }) },
  {
    name: 'unicode',
    words: /\bunicode\b|\bemojis?\b|\brtl\b|right.to.left/i,
    answer: () => say(unicodeAnswer, { size: 3, delayMs: 8 }),
  },
  {
    name: 'think',
    words: /\bthink(ing)?\b/i,
    answer: () => ({
      blocks: [
        { type: 'thinking', thinking: thoughts, chunk: { size: 10, delayMs: 15 } },
        { type: 'text', text: 'I thought it over. **The answer is 42**, as so often.', chunk: lively },
      ],
    }),
  },
  {
    name: 'code',
    words: /\bcode\b|\bfunction\b|\btypescript\b|\bprogram\b|\bclass\b/i,
    answer: () => say(codeAnswer, lively),
  },
  { name: 'chat', words: /^/, answer: chat },
];
