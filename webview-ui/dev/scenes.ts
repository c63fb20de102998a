import type { ToView } from '../../src/protocol/chat/toView.js';
import { appState, card, claude, prose, sceneParent, snapshot, tool, user } from './build.js';
import { longCode, markdownTour, rightToLeft } from './texts.js';

/** What the view is sent, by the name of what it then shows. */
export const scenes: Readonly<Record<string, () => readonly ToView[]>> = {
  noFolder: () => [
    appState({
      folders: 0,
      blocked: {
        code: 'folderMissing',
        what: 'No folder is open.',
        next: 'Open a folder to work in.',
        actions: ['openFolder'],
      },
    }),
  ],

  empty: () => [appState({ demo: true }), snapshot([], { name: '', state: 'idle' })],

  answer: () => [
    appState(),
    snapshot([
      user(1, 'Why is the search slow?\nPlease look at `src/search.ts` first.'),
      claude(2, [prose('a', markdownTour)]),
      user(3, 'Thanks!'),
      claude(4, [prose('b', 'You are welcome. Ask me when the index grows.')]),
    ]),
  ],

  streaming: () => [
    appState({ demo: true }),
    snapshot(
      [
        user(1, 'Why is the search slow?'),
        claude(
          2,
          [
            prose('t', 'The user asks about the search.', { type: 'thinking' }),
            tool('t1', 'Read', { file_path: '/home/ada/sample-workspace/src/search.ts' }, { result: '1\timport fs' }),
            prose(
              'a',
              'The index is **read from disk** for every query. What I would do:\n\n1. Keep it in memory.\n2. Watch the',
              {
                streaming: true,
              },
            ),
          ],
          { state: 'streaming' },
        ),
      ],
      { state: 'running', queue: [{ id: 'q1', text: 'And write a test for it, please.' }] },
    ),
  ],

  thinking: () => [
    appState(),
    snapshot(
      [
        user(1, 'Plan the change.'),
        claude(2, [prose('t', 'Let me see what is there…', { type: 'thinking', streaming: true })], {
          state: 'streaming',
        }),
      ],
      { state: 'running' },
    ),
  ],

  tools: () => [appState(), snapshot([user(1, 'Make the tests pass.'), claude(2, toolStates())], { state: 'waiting' })],

  subagent: () => [
    appState(),
    snapshot(
      [
        user(1, 'Look for slow queries.'),
        claude(
          2,
          [
            tool(
              's1',
              'Task',
              {
                description: 'Find slow queries',
                prompt: 'Look through src/ for queries in loops.',
                subagent_type: 'explore',
              },
              {
                state: 'running',
                elapsedSeconds: 14,
                children: [
                  prose('sa', 'I will search for loops first.'),
                  tool(
                    's2',
                    'Grep',
                    { pattern: 'for .* await query', path: 'src' },
                    { result: 'src/a.ts:12\nsrc/b.ts:40' },
                  ),
                  tool('s3', 'Bash', { command: 'rg -n "SELECT" src | head' }, { state: 'running', elapsedSeconds: 3 }),
                ],
              },
            ),
            tool('p1', 'ExitPlanMode', { plan: '## Plan\n\n1. Cache the index\n2. Add a test' }, { state: 'awaiting' }),
            tool(
              'q1',
              'AskUserQuestion',
              {
                questions: [
                  {
                    question: 'Which cache shall I use?',
                    header: 'Cache',
                    options: [
                      { label: 'Memory', description: 'Fast, gone after a restart' },
                      { label: 'Disk', description: 'Slower, stays' },
                    ],
                  },
                ],
              },
              { state: 'done', result: 'Memory' },
            ),
            tool('w1', 'TodoWrite', {
              todos: [
                { content: 'Read the index', status: 'completed' },
                { content: 'Keep it in memory', status: 'in_progress' },
                { content: 'Test it', status: 'pending' },
              ],
            }),
          ],
          { state: 'streaming' },
        ),
      ],
      { state: 'waiting' },
    ),
  ],

  errors: () => [
    appState(),
    snapshot(
      [
        user(1, 'Go on.'),
        claude(
          2,
          [
            prose('a', 'I begin with the'),
            card('e1', 'error', {
              what: 'The connection to the model was lost.',
              kept: 'What Claude had said until then is kept above.',
              next: 'Try again when you are online.',
              detail: 'ECONNRESET read 127.0.0.1:443',
              actions: ['retry', 'showLog'],
            }),
          ],
          { state: 'failed' },
        ),
        user(3, 'Again.'),
        claude(
          4,
          [
            card('n1', 'warning', {
              what: 'Claude Code is older than 2.0; some things may not work.',
              next: 'Update it.',
            }),
            card('n2', 'info', { what: 'The conversation was compacted: Claude goes on from a summary of it.' }),
            prose('b', 'Where were we'),
          ],
          { state: 'canceled' },
        ),
      ],
      {
        queueHeld: true,
        queue: [
          { id: 'q1', text: 'Then run the linter, and fix what it finds; do not touch the tests.' },
          { id: 'q2', text: 'Commit.' },
        ],
      },
    ),
  ],

  queue: () => [
    appState(),
    snapshot(
      [
        user(1, 'Run the whole test suite.'),
        claude(2, [tool('t1', 'Bash', { command: 'npm test' }, { state: 'running' })], { state: 'streaming' }),
      ],
      {
        state: 'running',
        queueHeld: true,
        queue: [
          { id: 'q1', text: 'Leave out the slow ones.', priority: 'next', state: 'sent' },
          {
            id: 'q2',
            text: 'Then run the linter, and fix what it finds; do not touch the tests, and say what you changed.',
            state: 'waiting',
          },
          { id: 'q3', text: 'Commit.\nWith a short message.', state: 'edited' },
          { id: 'q4', text: 'Push it, but only when all is green.', held: true, state: 'held' },
        ],
      },
    ),
  ],

  blocked: () => [
    appState({
      blocked: {
        code: 'workspaceUntrusted',
        what: 'This workspace is not trusted, so Arbor starts no program.',
        next: 'Trust the workspace to chat with Claude.',
        actions: ['manageTrust'],
      },
    }),
    snapshot([], { name: '', state: 'idle' }),
  ],

  refused: () => [
    appState(),
    snapshot([user(1, 'Hello'), claude(2, [prose('a', 'Hello! What can I do?')])]),
    {
      type: 'refused',
      session: snapshot([]).header.id,
      text: 'My long question',
      reason: {
        code: 'diskFull',
        what: 'The message could not be kept: the disk is full.',
        next: 'Free some space, then send it again.',
      },
    },
  ],

  fork: () => [
    appState(),
    snapshot([user(1, 'Why is the search slow?'), claude(2, [prose('a', 'It reads the index for every query.')])], {
      lineage: { kind: 'fork', parent: { id: sceneParent, name: 'Speed up the search index' } },
    }),
  ],

  aside: () => [
    appState({ demo: true }),
    snapshot([user(1, 'Why is the search slow?'), claude(2, [prose('a', 'It reads the index for every query.')])], {
      lineage: {
        kind: 'aside',
        parent: { id: sceneParent, name: 'Speed up the search index, which is read from the disk for every query' },
      },
    }),
  ],

  orphan: () => [appState(), snapshot([], { name: '', lineage: { kind: 'fork', parent: null } })],

  longCode: () => [
    appState(),
    snapshot([
      user(1, 'Show me all of it.'),
      claude(2, [prose('a', `Here it is:\n\n\`\`\`ts\n${longCode}\n\`\`\`\n\nThat is all.`)]),
    ]),
  ],

  rightToLeft: () => [appState(), snapshot([user(1, 'اشرح لي البحث'), claude(2, [prose('a', rightToLeft)])])],

  long: () => [
    appState(),
    snapshot(
      Array.from({ length: 100 }, (_, index) =>
        index % 2 === 0
          ? user(index + 901, `Question ${String(index + 901)}`)
          : claude(index + 901, [prose(`p${String(index)}`, markdownTour)]),
      ),
      {},
      { earlier: 900 },
    ),
  ],
};

function toolStates(): ReturnType<typeof tool>[] {
  return [
    tool(
      't1',
      'Read',
      { file_path: '/home/ada/sample-workspace/src/search.ts' },
      { result: '1\timport fs from "node:fs"' },
    ),
    tool(
      't2',
      'Bash',
      { command: 'npm test -- --run', description: 'Run the tests', timeout: 60000 },
      {
        state: 'failed',
        result: `${Array.from({ length: 40 }, (_, line) => `✗ search.test.ts > case ${String(line)} failed`).join('\n')}\n\u001b[31mExit code 1\u001b[0m`,
      },
    ),
    tool(
      't3',
      'Edit',
      {
        file_path: '/home/ada/sample-workspace/src/search.ts',
        old_string: 'function load() {\n  return fs.readFileSync(path);\n}',
        new_string: 'function load() {\n  cache ??= fs.readFileSync(path);\n  return cache;\n}',
      },
      { result: 'The file was changed.' },
    ),
    tool(
      't4',
      'Write',
      { file_path: '/home/ada/sample-workspace/notes.md', content: '# Notes\n\n- cache\n' },
      { state: 'running', elapsedSeconds: 3 },
    ),
    tool('t5', 'Bash', { command: 'echo safe \u202e; rm -rf / #\u0007' }, { state: 'awaiting' }),
    tool(
      't6',
      'WebFetch',
      { url: 'https://example.com', prompt: 'What is it?' },
      { state: 'denied', deniedReason: 'No network today, please.' },
    ),
    tool('t7', 'Grep', { pattern: 'readFileSync', path: 'src' }, { state: 'canceled' }),
    tool(
      't8',
      'mcp__tracker__create_issue',
      { title: 'Slow search', labels: ['bug', 'speed'] },
      { result: '', resultAttachments: 1 },
    ),
    tool(
      't9',
      'Write',
      {},
      {
        state: 'input',
        input: null,
        inputText: '{"file_path":"/home/ada/a.ts","content":"export const a = 1;\\nexport',
      },
    ),
  ];
}
