import { describe, expect, it } from 'vitest';
import { answerDemo } from '../../support/model/demo/demo.js';
import { parseScript } from '../../support/model/parseScript.js';
import { wholeText } from '../../support/model/play.js';
import { readModelRequest } from '../../support/model/request.js';
import type { Answer } from '../../support/model/script.js';
import { viewTurn } from '../../support/model/turn.js';

const toolNames = ['Agent', 'Bash', 'Read', 'Edit', 'Write'];

function demo(...messages: object[]): { answer: Answer; by: string } {
  const tools = toolNames.map((name) => ({ name, input_schema: { properties: { run_in_background: {} } } }));
  const system = [{ type: 'text', text: 'x\n - Primary working directory: /work space\n' }];
  const request = readModelRequest({ model: 'm', tools, system, messages });
  return answerDemo(request, viewTurn(request));
}

const user = (content: unknown): object => ({ role: 'user', content });
const assistant = (...content: object[]): object => ({ role: 'assistant', content });
const call = (name: string, input: object): object => ({ type: 'tool_use', id: 't1', name, input });
const result = (content: string, isError = false): object =>
  user([{ type: 'tool_result', tool_use_id: 't1', content, is_error: isError }]);

function tools({ blocks }: Answer): [string, unknown][] {
  return (blocks ?? []).flatMap((block): [string, unknown][] =>
    block.type === 'toolUse' ? [[block.name, block.input]] : [],
  );
}

function words({ blocks }: Answer): string {
  return (blocks ?? []).flatMap((block) => (block.type === 'text' ? [wholeText(block.text)] : [])).join('\n');
}

describe('the demo model', () => {
  it.each([
    ['hello', 'chat'],
    ['think about it', 'think'],
    ['show me some code', 'code'],
    ['list files', 'command'],
    ['run `git status`', 'command'],
    ['read src/greeting.ts', 'read'],
    ['create notes.md', 'write'],
    ['please write a function', 'code'],
    ['edit README.md', 'edit'],
    ['propose an edit', 'edit'],
    ['ask me a question', 'question'],
    ['make a plan', 'plan'],
    ['four tools at once', 'parallel'],
    ['use a subagent', 'subagent'],
    ['error 429', 'error'],
    ['overloaded', 'error'],
    ['drop the connection', 'drop'],
    ['answer slowly', 'slow'],
    ['a long answer', 'long'],
    ['unicode and emoji', 'unicode'],
    ['what did I say first?', 'recall'],
  ])('takes "%s" for %s', (prompt, skill) => {
    expect(demo(user(prompt)).by).toBe(`demo:${skill}`);
  });

  it.each([
    ['error 401', 401],
    ['fail with 529', 529],
    ['overloaded', 529],
    ['fail', 500],
  ])('fails on "%s" with %i', (prompt, status) => {
    expect(demo(user(prompt)).answer.error?.status).toBe(status);
  });

  it('answers the newest words when earlier ones stayed without an answer', () => {
    const blocks = ['error 500', 'hello'].map((text) => ({ type: 'text', text }));
    expect(demo(user(blocks)).by).toBe('demo:chat');
  });

  it('takes the command from backticks and the folder from the request', () => {
    expect(tools(demo(user('run `echo 1`')).answer)).toEqual([
      ['Bash', expect.objectContaining({ command: 'echo 1' })],
    ]);
    expect(tools(demo(user('read a/notes.md')).answer)).toEqual([['Read', { file_path: '/work space/a/notes.md' }]]);
  });

  it('calls the subagent by the name that the request offers, in the foreground', () => {
    expect(tools(demo(user('use a subagent')).answer)).toEqual([
      ['Agent', expect.objectContaining({ run_in_background: false })],
    ]);
  });

  it('edits after reading, with a text that stands once in the file', () => {
    const read = call('Read', { file_path: '/w/a.md' });
    const { answer } = demo(user('edit a.md'), assistant(read), result('1\t\n2\t# Title\n3\ttext'));
    expect(tools(answer)).toEqual([
      [
        'Edit',
        { file_path: '/w/a.md', old_string: '# Title', new_string: '# Title\n<!-- Edited by the demo model. -->' },
      ],
    ]);
    const replaced = demo(user('replace "x" with "y" in a.md'), assistant(read), result('     1→x x\n     2→z'));
    expect(tools(replaced.answer)).toEqual([['Edit', expect.objectContaining({ old_string: 'x', new_string: 'y' })]]);
  });

  it('tells success, failure and denial apart', () => {
    const start = [user('run `x`'), assistant(call('Bash', { command: 'x' }))];
    expect(words(demo(...start, result('fine')).answer)).toContain('is done');
    expect(words(demo(...start, result('Exit code 1', true)).answer)).toContain('did not work');
    expect(words(demo(...start, result('The user denied this.', true)).answer)).toContain('did not allow');
  });

  it('writes the plan to the file that the program names, then shows it', () => {
    const active = { role: 'system', content: 'Plan mode is active. Create your plan at /c/plans/a-b.md using Write.' };
    expect(tools(demo(user('plan it')).answer)).toEqual([['EnterPlanMode', {}]]);
    expect(tools(demo(user('plan it'), active).answer)).toEqual([
      ['Write', expect.objectContaining({ file_path: '/c/plans/a-b.md' })],
    ]);
    const write = assistant(call('Write', { file_path: '/c/plans/a-b.md' }));
    expect(tools(demo(user('plan it'), active, write, result('written')).answer)[0]?.[0]).toBe('ExitPlanMode');
  });

  it('remembers what was said, without what the program added', () => {
    const reminder = { type: 'text', text: '<system-reminder>\nnot the user\n</system-reminder>' };
    const first = user([reminder, { type: 'text', text: 'the very first' }]);
    const { answer } = demo(first, assistant({ type: 'text', text: 'yes' }), user('what did I say first?'));
    expect(words(answer)).toContain('**the very first**');
    expect(words(answer)).not.toContain('not the user');
  });

  it('sees a message that was sent while it worked', () => {
    const steering = {
      role: 'system',
      content: 'The user sent a new message while you were working:\nshow me code\n\nThis is how',
    };
    const { by } = demo(user('run `x`'), assistant(call('Bash', { command: 'x' })), result('fine'), steering);
    expect(by).toBe('demo:code');
  });
});

describe('a script as a file', () => {
  it('is read with all it can say', () => {
    const script = {
      steps: [
        {
          name: 's',
          when: { text: 'a', subagent: false },
          times: 2,
          answer: {
            blocks: [
              {
                type: 'text',
                text: ['a', { pauseMs: 1 }, { gate: 'g' }, { repeat: 'x', count: 2 }],
                chunk: { size: 1 },
              },
              { type: 'toolUse', name: 'Bash', rawJson: '{"bad' },
              { type: 'drop' },
            ],
            usage: { inputTokens: 1 },
          },
        },
        { answer: { error: { status: 429, retryAfter: 1, body: { own: true } } } },
      ],
      otherwise: 'fail',
    };
    expect(parseScript(JSON.stringify(script))).toEqual(script);
  });

  it.each([
    ['{"steps": 1}', 'script.steps'],
    ['{"steps": [{}]}', 'script.steps[0]'],
    ['{"steps": [{"answer": {"blocks": [{"type": "song"}]}}]}', 'script.steps[0].answer.blocks[0].type'],
    ['{"steps": [], "other": 1}', 'script.other'],
  ])('names the place that is wrong in %s', (json, place) => {
    expect(() => parseScript(json)).toThrow(place);
  });
});
