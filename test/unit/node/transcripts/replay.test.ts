import { describe, expect, it } from 'vitest';
import type { ToolBlock } from '../../../../src/protocol/session/transcript.js';
import { comparable, lived, outline, replayed, sessionFile } from './recording.js';

/*
 * Conversations of the real program, recorded on both sides: what it printed, and the transcript it wrote. Each must look
 * the same after a reload as it did live.
 */

const rejected = "The user doesn't want to proceed with th";

const conversations: readonly (readonly [title: string, name: string, outline: readonly string[]])[] = [
  [
    'T2 thinking, text and a second turn',
    'plain',
    [
      '> Hi\nsecond line',
      'Claude: complete',
      '  (Let me think about it.)',
      '  Hello **there**. 👋 שלום',
      '> Again',
      'Claude: complete',
      '  Second.',
    ],
  ],
  [
    'T3 four tools in one message, each with its own result',
    'fourTools',
    [
      '> four',
      'Claude: complete',
      '  Running four.',
      '  Bash done: 1',
      '  Bash done: 2',
      '  Bash failed: Exit code 3',
      '  Bash done: 4',
      '  Done.',
    ],
  ],
  [
    'T2 tools that write, read and fail',
    'files',
    [
      '> do',
      'Claude: complete',
      '  Write done: File created successfully at: WS/a.txt (',
      '  Read done: 1\tone',
      '  Read failed: File does not exist. Note: your current',
      '  ok',
    ],
  ],
  ['A3 a tool that was denied', 'denied', ['> do', 'Claude: complete', '  Bash denied: not now', '  Fine.']],
  [
    'T6 stop while two tools run',
    'interruptTool',
    [
      '> sleep',
      'Claude: canceled',
      '  Sleeping.',
      `  Bash canceled: ${rejected}`,
      `  Bash canceled: ${rejected}`,
      '> again',
      'Claude: complete',
      '  After.',
    ],
  ],
  [
    'T6 stop while a permission is open',
    'interruptPermission',
    [
      '> sleep',
      'Claude: canceled',
      '  Asking.',
      `  Bash canceled: ${rejected}`,
      `  Bash canceled: ${rejected}`,
      '> again',
      'Claude: complete',
      '  After.',
    ],
  ],
  [
    'T7 a message that was delivered between two tools',
    'steerNext',
    [
      '> work',
      'Claude: complete',
      '  Working.',
      '  Bash done: (Bash completed with no output)',
      '> also this',
      'Claude: complete',
      '  Saw it.',
    ],
  ],
  [
    'T7 a message that waited for the end of the turn',
    'steerLater',
    [
      '> work',
      'Claude: complete',
      '  Working.',
      '  Bash done: (Bash completed with no output)',
      '  First done.',
      '> afterwards',
      'Claude: complete',
      '  Later done.',
    ],
  ],
  ['T5 a refused key', 'error401', ['> fail', 'Claude: failed', '  error signInRequired']],
  ['T5 an error of the service', 'error500', ['> fail', 'Claude: failed', '  error apiError']],
  ['T5 a conversation that is too long', 'overflow', ['> fail', 'Claude: failed', '  error contextOverflow']],
  [
    'T5 a service that breaks off every answer',
    'midError',
    ['> fail', 'Claude: failed', ...Array<string>(4).fill('  Partial text here'), '  error apiError'],
  ],
  [
    'T5 a limit of rounds',
    'maxTurns',
    ['> go', 'Claude: failed', '  Bash done: 1', '  Bash done: 1', '  error limitReached'],
  ],
  [
    'T2 a compaction that the user asked for',
    'compact',
    [
      '> first',
      'Claude: complete',
      '  One.',
      '> second',
      'Claude: complete',
      '  Two.',
      '> /compact',
      'Claude: complete',
      '  notice contextOverflow',
      '  Compacted',
      '> third',
      'Claude: complete',
      '  Three.',
    ],
  ],
  [
    'T2 a compaction in the middle of a turn',
    'autoCompact',
    [
      '> first',
      'Claude: complete',
      '  One.',
      '> second',
      'Claude: complete',
      '  Two.',
      '  Bash done: big',
      '  notice contextOverflow',
      '  Three.',
      '> third',
      'Claude: complete',
      '  Four.',
    ],
  ],
  [
    'A11 a question',
    'question',
    ['> ask', 'Claude: complete', '  AskUserQuestion done: Your questions have been answered: "Whic', '  ok'],
  ],
  ['C2 a prompt with a picture', 'image', ['> look', 'Claude: complete', '  A picture.']],
  [
    'T2 a turn that the program began by itself',
    'background',
    [
      '> bg',
      'Claude: complete',
      '  Bash done: Command running in background with ID: b',
      '  Started.',
      'Claude: complete',
      '  Noticed.',
    ],
  ],
];

describe('S6 a conversation is after a reload what it was live', () => {
  it.each(conversations)('%s', async (_, name, expected) => {
    const transcript = await replayed(sessionFile(name));
    expect(outline(transcript)).toEqual(expected);
    expect(comparable(transcript)).toEqual(comparable(lived(name)));
  });
});

describe('S6 where a transcript holds less or more than was seen live', () => {
  it('T6 a stop in the middle of a text keeps the text', async () => {
    const transcript = await replayed(sessionFile('interruptText'));
    expect(outline(transcript)).toEqual(outline(lived('interruptText')));
    expect(outline(transcript).slice(0, 3)).toEqual(['> talk', 'Claude: canceled', '  Beginning of an answer']);
  });

  it('T6 a stop in the middle of thinking: the program does not write thinking that was not finished', async () => {
    const [prompt, state, thinking, ...rest] = outline(lived('interruptThinking'));
    expect(thinking).toBe('  (Hm hm)');
    expect(outline(await replayed(sessionFile('interruptThinking')))).toEqual([prompt, state, ...rest]);
  });

  it('A3 a denial that stopped the turn is written like any stop', async () => {
    const live = outline(lived('deniedStop'));
    expect(live[2]).toBe(`  Bash denied: ${rejected}`);
    const wanted = live.map((line) => line.replace('Bash denied', 'Bash canceled'));
    expect(outline(await replayed(sessionFile('deniedStop')))).toEqual(wanted);
  });

  it('C2 local commands are there with their output, under the name the program gives them', async () => {
    const wanted = outline(lived('local')).map((line) => (line === '> /cost' ? '> /usage' : line));
    expect(outline(await replayed(sessionFile('local')))).toEqual(wanted);
    expect(wanted).toContain('  ## Context Usage');
  });

  it('A11 a plan is there; the mode that its approval led to is not', async () => {
    const transcript = await replayed(sessionFile('plan'));
    expect(outline(transcript)).toEqual(outline(lived('plan')));
    expect(comparable({ ...transcript, mode: 'default' })).toEqual(comparable(lived('plan')));
  });

  it('T3 broken tool input is flagged and shown as it came; an empty one is `{}` like one without parameters', async () => {
    const [live, replay] = [lived('badInput'), await replayed(sessionFile('badInput'))];
    expect(outline(replay)).toEqual(outline(live));
    const tools = replay.messages.flatMap((message) => (message.role === 'assistant' ? message.blocks : []));
    expect(tools[0]).toMatchObject({ inputInvalid: true, input: {}, inputText: '{"command": "ec' });
    expect(tools[1]).toMatchObject({ inputInvalid: false, input: {} });
  });

  it.each(['subagent', 'subagentFg'])('U2 what a subagent said and did stands under its tool (%s)', async (name) => {
    const transcript = await replayed(sessionFile(name));
    const tools = transcript.messages
      .flatMap((message) => (message.role === 'assistant' ? message.blocks : []))
      .filter((block): block is ToolBlock => block.type === 'tool');
    expect(tools).toHaveLength(name === 'subagent' ? 1 : 2);
    for (const tool of tools) {
      expect(tool.children).toMatchObject([
        { type: 'thinking', text: 'sub thinks' },
        { type: 'text', text: 'Sub text.' },
        { type: 'tool', name: 'Bash', state: 'done', result: 'sub' },
        { type: 'text', text: 'Sub done.' },
      ]);
    }
    const own = (line: string): boolean => !line.startsWith('    ');
    expect(outline(transcript).filter(own)).toEqual(outline(lived(name)).filter(own));
  });
});

describe('S6 a transcript with several branches', () => {
  it('F1 only the current branch is shown after a rewind', async () => {
    expect(outline(await replayed(sessionFile('rewound')))).toEqual([
      '> first',
      'Claude: complete',
      '  One.',
      '> other second',
      'Claude: complete',
      '  Other two.',
      '> third',
      'Claude: complete',
      '  Three.',
    ]);
  });

  it('F1 a fork holds the messages up to the fork and its own', async () => {
    expect(outline(await replayed(sessionFile('forked')))).toEqual([
      '> first',
      'Claude: complete',
      '  One.',
      '> forked second',
      'Claude: complete',
      '  Forked two.',
    ]);
  });
});
