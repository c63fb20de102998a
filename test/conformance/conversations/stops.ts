import { callTool, next, say } from '../../support/model/answers.js';
import type { Conversation } from '../conversation.js';

const runsLong = 'echo running > running.txt; sleep 60; echo late > late.txt';

/** Turns that are stopped, and messages that are sent while a turn runs. */
export const stops: readonly Conversation[] = [
  {
    id: 'stopStreaming',
    title: 'T5 T6 stop while text streams: the text is kept, the next turn works',
    group: 'stops',
    script: {
      steps: [
        next({
          blocks: [{ type: 'text', text: ['Partial text', { gate: 'never' }, ' and more'], chunk: { size: 4 } }],
        }),
        next(say('Here again.')),
      ],
    },
    actions: [
      { do: 'send', text: 'talk' },
      { do: 'awaitText', text: 'Partial text' },
      { do: 'interrupt' },
      { do: 'awaitTurns', count: 1 },
      { do: 'send', text: 'go on' },
      { do: 'awaitTurns', count: 2 },
    ],
    expected: [
      { outcome: 'canceled', prompt: 'talk', blocks: [{ text: 'Partial text' }] },
      { outcome: 'completed', prompt: 'go on', blocks: [{ text: 'Here again.' }] },
    ],
  },
  {
    id: 'stopTool',
    title: 'T6 stop while a tool runs: the tool is closed, the next turn works',
    group: 'stops',
    script: { steps: [next(callTool('Bash', { command: runsLong })), next(say('Stopped it.'))] },
    actions: [
      { do: 'send', text: 'run' },
      { do: 'awaitFile', file: 'running.txt' },
      { do: 'interrupt' },
      { do: 'awaitTurns', count: 1 },
      { do: 'send', text: 'go on' },
      { do: 'awaitTurns', count: 2 },
    ],
    expected: [
      { outcome: 'canceled', blocks: [{ tool: 'Bash', input: { command: runsLong }, result: { isError: true } }] },
      { outcome: 'completed', blocks: [{ text: 'Stopped it.' }] },
    ],
    files: { 'late.txt': null },
  },
  {
    id: 'stopPermission',
    title: 'T6 A4 stop while a permission is open: the request is taken back, the tool does not run',
    group: 'stops',
    script: { steps: [next(callTool('Bash', { command: 'touch held.txt' })), next(say('Never mind.'))] },
    permissions: [{ tool: 'Bash', answer: 'hold' }],
    actions: [
      { do: 'send', text: 'touch' },
      { do: 'awaitPermission', tool: 'Bash' },
      { do: 'interrupt' },
      { do: 'awaitTurns', count: 1 },
      { do: 'send', text: 'go on' },
      { do: 'awaitTurns', count: 2 },
    ],
    expected: [
      {
        outcome: 'canceled',
        blocks: [{ tool: 'Bash', result: { isError: true } }],
        permissions: ['Bash: touch held.txt'],
      },
      { outcome: 'completed', blocks: [{ text: 'Never mind.' }] },
    ],
    files: { 'held.txt': null },
  },
  {
    id: 'queuedNext',
    title: 'T7 a message with priority next is delivered at the next tool boundary',
    group: 'queue',
    script: {
      steps: [
        next({ gate: 'first', ...callTool('Bash', { command: 'echo first' }) }),
        { when: { anyText: 'and also this' }, answer: say('Both.') },
      ],
    },
    actions: [
      { do: 'send', text: 'do this' },
      { do: 'awaitGate', gate: 'first' },
      { do: 'send', text: 'and also this', priority: 'next' },
      { do: 'release', gate: 'first' },
      { do: 'awaitTurns', count: 1 },
    ],
    expected: [
      {
        outcome: 'completed',
        prompt: 'do this',
        blocks: [{ tool: 'Bash', result: { text: 'first', isError: false } }, { text: 'Both.' }],
        delivered: ['and also this'],
      },
    ],
  },
  {
    id: 'queuedLater',
    title: 'T7 a message with priority later is a turn of its own after the running one',
    group: 'queue',
    script: {
      steps: [
        next({ gate: 'later', ...callTool('Bash', { command: 'echo one' }) }),
        { when: { toolResult: 'one' }, answer: say('First is done.') },
        { when: { text: 'afterwards' }, answer: say('Second is done.') },
      ],
    },
    actions: [
      { do: 'send', text: 'do this' },
      { do: 'awaitGate', gate: 'later' },
      { do: 'send', text: 'afterwards', priority: 'later' },
      { do: 'release', gate: 'later' },
      { do: 'awaitTurns', count: 2 },
    ],
    expected: [
      { outcome: 'completed', prompt: 'do this', delivered: [] },
      { outcome: 'completed', prompt: 'afterwards', blocks: [{ text: 'Second is done.' }] },
    ],
    modelSaw: [['do this'], [], ['afterwards']],
  },
  {
    id: 'queuedNow',
    title:
      'T7 a message with priority now: the running tool ends, Claude is not asked about it, the message is the next turn',
    group: 'queue',
    script: {
      steps: [
        next(callTool('Bash', { command: 'echo running > now.txt; sleep 1; echo done' })),
        { when: { text: 'at once' }, answer: say('At once.') },
      ],
    },
    actions: [
      { do: 'send', text: 'run' },
      { do: 'awaitFile', file: 'now.txt' },
      { do: 'send', text: 'this at once', priority: 'now' },
      { do: 'awaitTurns', count: 2 },
    ],
    expected: [
      { outcome: 'completed', blocks: [{ tool: 'Bash', result: { text: 'done', isError: false } }], delivered: [] },
      { outcome: 'completed', prompt: 'this at once', blocks: [{ text: 'At once.' }] },
    ],
    modelSaw: [['run'], ['this at once']],
  },
  {
    id: 'queuedNowStreaming',
    title: 'T7 a message with priority now while text streams: the text is cut off, the message is the next turn',
    group: 'queue',
    script: {
      steps: [
        next({ blocks: [{ type: 'text', text: ['Cut off', { gate: 'never' }, ' here'] }] }),
        { when: { text: 'at once' }, answer: say('At once.') },
      ],
    },
    actions: [
      { do: 'send', text: 'talk' },
      { do: 'awaitText', text: 'Cut off' },
      { do: 'send', text: 'this at once', priority: 'now' },
      { do: 'awaitTurns', count: 2 },
    ],
    expected: [
      { outcome: 'completed', blocks: [{ text: 'Cut off' }] },
      { outcome: 'completed', prompt: 'this at once', blocks: [{ text: 'At once.' }] },
    ],
  },
];
