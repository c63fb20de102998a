import { apiError, contextOverflow, next, say, toolUse } from '../../support/model/answers.js';
import type { Conversation } from '../conversation.js';

function failing(status: number, failure: string): Conversation {
  return {
    id: `error${status}`,
    title: `T5 HTTP ${status} after the program's own retry: the turn failed, the conversation goes on`,
    group: 'failures',
    script: { steps: [{ times: 2, answer: apiError(status) }, next(say('Works again.'))] },
    actions: [
      { do: 'send', text: `please ${status}` },
      { do: 'awaitTurns', count: 1 },
      { do: 'send', text: 'again' },
      { do: 'awaitTurns', count: 2 },
    ],
    expected: [
      { outcome: 'failed', failure, statuses: [`retrying ${status}`], blocks: [] },
      { outcome: 'completed', prompt: 'again', blocks: [{ text: 'Works again.' }], statuses: [] },
    ],
  };
}

/** Turns that fail, and what the program does about it. */
export const failures: readonly Conversation[] = [
  // The first of its group: in a longer conversation the program would try compaction.
  {
    id: 'overflowAlways',
    title: 'T5 a prompt that is too long even after compaction: the turn failed',
    group: 'failures',
    script: { steps: [{ times: 9, answer: contextOverflow() }] },
    actions: [
      { do: 'send', text: 'too long' },
      { do: 'awaitTurns', count: 1 },
    ],
    expected: [{ outcome: 'failed', failure: 'contextOverflow' }],
  },
  failing(401, 'signInRequired'),
  failing(429, 'rateLimited'),
  failing(500, 'apiError'),
  failing(529, 'overloaded'),
  {
    id: 'dropped',
    title: 'T5 a connection that is dropped before any answer, twice: the turn failed',
    group: 'failures',
    script: { steps: [{ times: 3, answer: { blocks: [{ type: 'drop' }] } }] },
    actions: [
      { do: 'send', text: 'drop' },
      { do: 'awaitTurns', count: 1 },
    ],
    expected: [{ outcome: 'failed', failure: 'connectionLost', blocks: [] }],
  },
  {
    id: 'droppedMidway',
    title: 'T3 T5 a connection that is dropped in the middle of a text: what the retry says is said once',
    group: 'failures',
    script: {
      steps: [
        next({ blocks: [{ type: 'text', text: ['Half of it', { pauseMs: 100 }, { drop: true }] }] }),
        next(say('The whole of it.')),
      ],
    },
    actions: [
      { do: 'send', text: 'drop midway' },
      { do: 'awaitTurns', count: 1 },
    ],
    expected: [{ outcome: 'completed', blocks: [{ text: 'The whole of it.' }] }],
  },
  {
    id: 'droppedAfterBlock',
    title:
      'T3 T5 a connection that is dropped behind a whole block and a tool that ran: both stay, nothing is said twice',
    group: 'failures',
    script: {
      steps: [
        next({
          blocks: [
            { type: 'text', text: 'I call it.' },
            toolUse('Bash', { command: 'echo once >> once.txt; cat once.txt' }),
            { type: 'text', text: ['Half of a second text', { pauseMs: 300 }, { drop: true }] },
          ],
        }),
        next(say('It was called.')),
      ],
    },
    actions: [
      { do: 'send', text: 'drop behind a tool' },
      { do: 'awaitTurns', count: 1 },
    ],
    expected: [
      {
        outcome: 'completed',
        blocks: [
          { text: 'I call it.' },
          { tool: 'Bash', result: { text: 'once', isError: false } },
          { text: 'It was called.' },
        ],
      },
    ],
    files: { 'once.txt': 'once\n' },
  },
  {
    id: 'compaction',
    title: 'T2 compaction on request',
    group: 'talk',
    script: {
      steps: [
        next(say('I will remember the word walnut.')),
        next(say('Go on.')),
        { when: { compaction: true }, answer: say('<summary>The word is walnut.</summary>') },
        { when: { text: 'what was it' }, answer: say('Walnut.') },
      ],
    },
    actions: [
      { do: 'send', text: 'the word is walnut' },
      { do: 'awaitTurns', count: 1 },
      { do: 'send', text: 'and more' },
      { do: 'awaitTurns', count: 2 },
      { do: 'send', text: '/compact' },
      { do: 'awaitTurns', count: 3 },
      { do: 'send', text: 'what was it' },
      { do: 'awaitTurns', count: 4 },
    ],
    expected: [
      { outcome: 'completed' },
      { outcome: 'completed' },
      { outcome: 'completed', statuses: ['compacted manual'] },
      { outcome: 'completed', blocks: [{ text: 'Walnut.' }] },
    ],
  },
  {
    id: 'overflow',
    title: 'T5 a conversation too long for the model is compacted by the program, and goes on',
    group: 'talk',
    script: {
      steps: [
        next(say('One.')),
        next(say('Two.')),
        next(contextOverflow()),
        { when: { compaction: true }, answer: say('<summary>One and two were said.</summary>') },
        next(say('Three, after the summary.')),
      ],
    },
    actions: [
      { do: 'send', text: 'one' },
      { do: 'awaitTurns', count: 1 },
      { do: 'send', text: 'two' },
      { do: 'awaitTurns', count: 2 },
      { do: 'send', text: 'three' },
      { do: 'awaitTurns', count: 3 },
    ],
    expected: [
      { outcome: 'completed' },
      { outcome: 'completed' },
      { outcome: 'completed', blocks: [{ text: 'Three, after the summary.' }], statuses: ['compacted auto'] },
    ],
  },
];
