import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { describe, expect, it } from 'vitest';
import { markdownExport } from '../../../../src/core/export/markdownExport.js';
import { contained, fenced, plainLine, quoted } from '../../../../src/core/export/markdownText.js';
import type { SessionToExport } from '../../../../src/core/export/sessionToExport.js';
import { noTurnUsage } from '../../../../src/protocol/session/events.js';
import type { Block, Message, ToolBlock } from '../../../../src/protocol/session/transcript.js';

const parser = new MarkdownIt({ html: true });
const at = Date.UTC(2026, 2, 1, 9, 30);

function tool(more: Partial<ToolBlock> = {}): ToolBlock {
  return {
    type: 'tool',
    key: 't',
    id: 'toolu_1',
    name: 'Bash',
    state: 'done',
    inputText: '',
    input: { command: 'ls' },
    inputInvalid: false,
    elapsedSeconds: 0,
    result: 'a\nb',
    resultAttachments: 0,
    resultCutFrom: null,
    deniedReason: null,
    children: [],
    ...more,
  };
}

function text(value: string): Block {
  return { type: 'text', key: 'x', text: value, streaming: false };
}

function user(number: number, value: string): Message {
  return { role: 'user', number, uuid: 'u', text: value, at };
}

function claude(number: number, blocks: Block[]): Message {
  const fields = { turn: 't', uuid: 'a', model: 'claude-x', state: 'complete', usage: noTurnUsage, at } as const;
  return { role: 'assistant', number, ...fields, blocks };
}

function session(messages: readonly Message[], unreadable = 0): SessionToExport {
  return {
    head: {
      id: '00000000-0000-4000-8000-000000000001',
      name: 'A *name*\n# and more',
      folder: '/work/a_b',
      model: 'claude-x',
      costUsd: 0.5,
      exportedAt: at,
    },
    messages,
    unreadable,
    raw: {
      lines: { read: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error()) }) }) },
      subagents: [],
    },
  };
}

function exported(messages: readonly Message[], unreadable = 0): string {
  return [...markdownExport(session(messages, unreadable))].map((piece) => piece.text).join('');
}

/** The texts of the document's own headings of the second level. */
function headings(document: string): string[] {
  const tokens = parser.parse(document, {});
  return tokens.flatMap((token, index) =>
    token.type === 'heading_open' && token.tag === 'h2' && token.level === 0 ? [tokens[index + 1]?.content ?? ''] : [],
  );
}

describe('a session as Markdown', () => {
  it('S5 has a head with model, time and cost, then prompts, answers and tools', () => {
    const answer = claude(2, [
      { type: 'thinking', key: 'y', text: 'hm', streaming: false },
      text('Here it is.'),
      tool(),
      tool({ name: 'Read', input: { file_path: 'a.ts' }, state: 'denied', deniedReason: 'no', result: 'no' }),
    ]);
    expect(exported([user(1, 'list\nfiles'), answer], 3)).toBe(`# A \\*name\\*⟨U+000A⟩\\# and more

- Session: 00000000-0000-4000-8000-000000000001
- Folder: /work/a\\_b
- Model: claude-x
- Messages: 2
- First message: 2026-03-01 09:30 UTC
- Last message: 2026-03-01 09:30 UTC
- Cost: $0.5000
- Exported: 2026-03-01 09:30 UTC
- Lines of the transcript that could not be read: 3

## 1. You · 2026-03-01 09:30 UTC

> list
> files

## 2. Claude · 2026-03-01 09:30 UTC

*Thinking:*

> hm

Here it is.

**Tool: Bash** (done)

\`\`\`sh
ls
\`\`\`

Result:

\`\`\`text
a
b
\`\`\`

**Tool: Read** (denied)

\`\`\`json
{
  "file_path": "a.ts"
}
\`\`\`

Denied: no
`);
  });

  it('S5 shows what a subagent did below its tool use', () => {
    const children: Block[] = [text('inside'), tool({ result: '```\nx' })];
    const document = exported([claude(1, [tool({ name: 'Task', input: { prompt: 'go' }, children })])]);
    expect(document).toContain('> inside\n');
    expect(document).toContain('> ````text\n> ```\n> x\n> ````');
  });

  const markdown = fc.string({
    unit: fc.constantFrom(
      '```',
      '~~~',
      '`',
      '````',
      '\n',
      '\n\n',
      '    ',
      '  ',
      ' ',
      '- ',
      '1. ',
      '> ',
      '<!--',
      '-->',
      '<div>',
      '<script>',
      '</script>',
      '<pre>',
      '<?',
      '# ',
      '## ',
      'a',
      '---',
      '===',
      '|',
      '[x]: y',
      '\t',
      '\r',
      '$',
      '<details>',
    ),
    maxLength: 25,
  });

  it('S5 no text in it ends, or swallows, the message that comes next', () => {
    const block = fc.oneof(
      markdown.map(text),
      markdown.map((value) => tool({ result: value, input: { command: value } })),
      markdown.map((value) => tool({ name: value, input: null, inputText: value, children: [text(value)] })),
      markdown.map((value): Block => ({ type: 'thinking', key: 'k', text: value, streaming: false })),
      markdown.map((what): Block => ({
        type: 'error',
        key: 'e',
        level: 'error',
        explanation: { code: 'unexpected', what },
      })),
    );
    const message = fc.oneof(markdown, fc.array(block, { maxLength: 4 }));
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), (contents) => {
        const messages = contents.map((content, index) =>
          typeof content === 'string' ? user(index + 1, content) : claude(index + 1, content),
        );
        const expected = messages.map(
          ({ number, role }) => `${String(number)}. ${role === 'user' ? 'You' : 'Claude'} · 2026-03-01 09:30 UTC`,
        );
        expect(headings(exported(messages)).filter((heading) => heading.endsWith('UTC'))).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('S5 a fence is longer than every one inside, and what is inside stays as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('`', '~', 'a', '\n', ' '), maxLength: 30 }), (value) => {
        const [token, ...rest] = parser.parse(fenced(value, 'text'), {});
        expect(rest).toEqual([]);
        expect(token?.content.replace(/\n$/, '')).toBe(value.replace(/\n$/, ''));
      }),
    );
  });

  it('S5 an answer is left as it is where nothing in it is open', () => {
    const plain = 'Hello **you**\n\n```ts\n<div>\n```\n\n- a\n- b';
    expect(contained(plain)).toBe(plain);
    expect(contained('```ts\nopen')).toBe('```ts\nopen\n```');
    expect(contained('<!-- open')).toBe('> <!-- open');
    expect(quoted('a\n\nb')).toBe('> a\n>\n> b');
    expect(plainLine(' <b>`x`\u202e ')).toBe('\\<b\\>\\`x\\`⟨U+202E⟩');
  });
});
