import { callTool, next, say, toolUse } from '../../support/model/answers.js';
import type { Conversation } from '../conversation.js';

const question = {
  question: 'Which colour?',
  header: 'Colour',
  multiSelect: false,
  options: [
    { label: 'Red', description: 'Warm' },
    { label: 'Blue', description: 'Cold' },
  ],
};

/** Tools, permissions, subagents, questions and plans. */
export const tools: readonly Conversation[] = [
  {
    id: 'oneTool',
    title: 'T3 A1 one tool: asked, run, its result read',
    group: 'tools',
    script: {
      steps: [
        next({
          blocks: [
            { type: 'text', text: 'I run it.' },
            toolUse('Bash', { command: 'echo made > one.txt && cat one.txt' }),
          ],
        }),
        { when: { toolResult: 'made' }, answer: say('It ran.') },
      ],
    },
    actions: [
      { do: 'send', text: 'run' },
      { do: 'awaitTurns', count: 1 },
    ],
    expected: [
      {
        outcome: 'completed',
        blocks: [
          { text: 'I run it.' },
          {
            tool: 'Bash',
            input: { command: 'echo made > one.txt && cat one.txt' },
            result: { text: 'made', isError: false },
          },
          { text: 'It ran.' },
        ],
        permissions: ['Bash: echo made > one.txt && cat one.txt'],
      },
    ],
    files: { 'one.txt': 'made\n' },
  },
  {
    id: 'fourTools',
    title: 'T3 four tools in one message, their inputs streamed in small pieces, never mix',
    group: 'tools',
    script: {
      steps: [
        next({
          blocks: ['1', '2', '3', '4'].map((number) => ({
            type: 'toolUse' as const,
            name: 'Bash',
            input: {
              command: `echo ${number} > four-${number}.txt; echo result ${number}`,
              description: `Write ${number}`,
            },
            chunk: { size: 5 },
          })),
        }),
        { when: { toolResult: 'result 4' }, answer: say('All four.') },
      ],
    },
    actions: [
      { do: 'send', text: 'run four' },
      { do: 'awaitTurns', count: 1 },
    ],
    expected: [
      {
        outcome: 'completed',
        blocks: [
          ...['1', '2', '3', '4'].map((number) => ({
            tool: 'Bash',
            input: {
              command: `echo ${number} > four-${number}.txt; echo result ${number}`,
              description: `Write ${number}`,
            },
            result: { text: `result ${number}`, isError: false },
          })),
          { text: 'All four.' },
        ],
      },
    ],
    files: { 'four-1.txt': '1\n', 'four-4.txt': '4\n' },
  },
  {
    id: 'subagent',
    title: 'T2 T3 a subagent: its tools belong to the tool use that started it',
    group: 'tools',
    script: {
      steps: [
        {
          when: { subagent: false },
          answer: callTool('Agent', {
            description: 'Look around',
            prompt: 'SUBAGENT look',
            subagent_type: 'general-purpose',
            run_in_background: false,
          }),
        },
        { when: { subagent: true, text: 'SUBAGENT' }, answer: callTool('Bash', { command: 'echo from the subagent' }) },
        { when: { subagent: true, toolResult: 'from the subagent' }, answer: say('I looked around.') },
        { when: { toolResult: 'I looked around.' }, answer: say('The subagent is done.') },
      ],
    },
    actions: [
      { do: 'send', text: 'use a subagent' },
      { do: 'awaitTurns', count: 1 },
    ],
    expected: [
      {
        outcome: 'completed',
        blocks: [
          { tool: 'Agent', input: { prompt: 'SUBAGENT look' }, result: { isError: false } },
          { text: 'The subagent is done.' },
          {
            of: 'Agent',
            tool: 'Bash',
            input: { command: 'echo from the subagent' },
            result: { text: 'from the subagent', isError: false },
          },
          { of: 'Agent', text: 'I looked around.' },
        ],
      },
    ],
  },
  {
    id: 'denied',
    title: 'A3 a denied tool does not run, and Claude reads the reason',
    group: 'tools',
    script: {
      steps: [
        next(callTool('Bash', { command: 'touch denied.txt' })),
        { when: { toolResult: 'not today' }, answer: say('As you wish.') },
      ],
    },
    permissions: [{ tool: 'Bash', answer: 'deny', message: 'The user said: not today' }],
    actions: [
      { do: 'send', text: 'touch' },
      { do: 'awaitTurns', count: 1 },
    ],
    expected: [
      {
        outcome: 'completed',
        blocks: [
          {
            tool: 'Bash',
            input: { command: 'touch denied.txt' },
            result: { text: 'The user said: not today', isError: true },
          },
          { text: 'As you wish.' },
        ],
        permissions: ['Bash: touch denied.txt'],
      },
    ],
    files: { 'denied.txt': null },
  },
  {
    id: 'deniedAndStopped',
    title: 'A3 deny and stop ends the turn',
    group: 'tools',
    script: { steps: [next(callTool('Bash', { command: 'touch stopped.txt' }))] },
    permissions: [{ tool: 'Bash', answer: 'deny', message: 'Stop here', interrupt: true }],
    actions: [
      { do: 'send', text: 'touch' },
      { do: 'awaitTurns', count: 1 },
    ],
    expected: [{ outcome: 'canceled', blocks: [{ tool: 'Bash', result: { isError: true } }] }],
    files: { 'stopped.txt': null },
  },
  {
    id: 'editedInput',
    title: 'A3 an input that the user edited is what runs',
    group: 'tools',
    script: {
      steps: [
        next({
          blocks: [
            {
              type: 'toolUse',
              name: 'Write',
              input: { file_path: 'edited.txt', content: 'of the model' },
              chunk: { size: 7 },
            },
          ],
        }),
        { when: { toolResult: 'edited.txt' }, answer: say('Written.') },
      ],
    },
    permissions: [{ tool: 'Write', answer: 'allow', change: { content: 'of the user' } }],
    actions: [
      { do: 'send', text: 'write' },
      { do: 'awaitTurns', count: 1 },
    ],
    expected: [
      {
        outcome: 'completed',
        blocks: [
          { tool: 'Write', input: { content: 'of the model' }, result: { isError: false } },
          { text: 'Written.' },
        ],
        permissions: ['Write: <workspace>/edited.txt'],
      },
    ],
    files: { 'edited.txt': 'of the user' },
  },
  {
    id: 'badInput',
    title: 'T3 an input that is no JSON does not run and does not end the turn',
    group: 'tools',
    script: {
      steps: [
        next({ blocks: [{ type: 'toolUse', name: 'Bash', rawJson: '{"command": "touch bad.txt' }] }),
        { when: { toolResult: '' }, answer: say('My mistake.') },
      ],
    },
    actions: [
      { do: 'send', text: 'bad' },
      { do: 'awaitTurns', count: 1 },
    ],
    expected: [
      { outcome: 'completed', blocks: [{ tool: 'Bash', result: { isError: true } }, { text: 'My mistake.' }] },
    ],
    files: { 'bad.txt': null },
  },
  {
    id: 'hugeOutput',
    title: 'T3 a tool that prints 3 MB',
    group: 'tools',
    script: {
      steps: [
        next(callTool('Bash', { command: 'seq -f "line %.0f of a long output" 100000' })),
        { when: { toolResult: 'line 1 of' }, answer: say('That was much.') },
      ],
    },
    actions: [
      { do: 'send', text: 'print' },
      { do: 'awaitTurns', count: 1 },
    ],
    expected: [
      { outcome: 'completed', blocks: [{ tool: 'Bash', result: { isError: false } }, { text: 'That was much.' }] },
    ],
  },
  {
    id: 'question',
    title: 'A11 a question is answered through its input',
    group: 'tools',
    script: {
      steps: [
        next(callTool('AskUserQuestion', { questions: [question] })),
        { when: { toolResult: '"Which colour?"="Blue"' }, answer: say('Blue it is.') },
      ],
    },
    permissions: [{ tool: 'AskUserQuestion', answer: 'allow', change: { answers: { 'Which colour?': 'Blue' } } }],
    actions: [
      { do: 'send', text: 'ask' },
      { do: 'awaitTurns', count: 1 },
    ],
    expected: [
      {
        outcome: 'completed',
        blocks: [{ tool: 'AskUserQuestion', input: { questions: [question] } }, { text: 'Blue it is.' }],
        permissions: ['AskUserQuestion'],
      },
    ],
  },
  {
    id: 'plan',
    title: 'A11 a plan is shown for approval',
    group: 'tools',
    script: {
      steps: [
        next(callTool('EnterPlanMode', {})),
        { when: { toolResult: 'plan mode' }, answer: callTool('ExitPlanMode', { plan: '# The plan' }) },
        { when: { toolResult: 'approved' }, answer: say('Now I begin.') },
      ],
    },
    actions: [
      { do: 'send', text: 'plan' },
      { do: 'awaitTurns', count: 1 },
    ],
    expected: [
      {
        outcome: 'completed',
        blocks: [
          { tool: 'EnterPlanMode' },
          { tool: 'ExitPlanMode', result: { isError: false } },
          { text: 'Now I begin.' },
        ],
      },
    ],
  },
];
