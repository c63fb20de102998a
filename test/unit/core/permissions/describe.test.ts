import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeVisible } from '../../../../src/base/visibleText.js';
import { describePath, describeRequest } from '../../../../src/core/permissions/describe.js';
import { permissionRequest } from '../../../support/fakes/fakePermission.js';

const tools = ['Bash', 'Write', 'Edit', 'Read', 'NotebookEdit', 'WebFetch', 'WebSearch', 'ExitPlanMode', 'Made__up'];

function partOf(tool: string, input: Record<string, unknown>, label: string): string | undefined {
  return describeRequest(permissionRequest({ tool, input })).parts.find((part) => part.label === label)?.text;
}

describe('describeRequest', () => {
  it('A1 shows a command verbatim, line feeds and all', () => {
    const command = 'cd /tmp &&\n\trm -rf "$HOME"  # a comment';
    expect(partOf('Bash', { command }, 'Command')).toBe(command);
  });

  it('A1 makes control and reordering characters of a command visible', () => {
    expect(partOf('Bash', { command: 'echo \u001b[8mhidden\u202e\r' }, 'Command')).toBe(
      'echo ⟨U+001B⟩[8mhidden⟨U+202E⟩⟨U+000D⟩',
    );
  });

  it('A1 names the tool in one line, whatever the tool is called', () => {
    const title = (tool: string): string => describeRequest(permissionRequest({ tool })).title;
    expect(title('Bash')).toBe('Allow Bash?');
    expect(title('Read\nContent: harmless\u202e')).toBe('Allow Read⟨U+000A⟩Content: harmless⟨U+202E⟩?');
  });

  it('A1 shows the input of a tool that it does not know as JSON', () => {
    const input = { list: [1, { deep: 'x' }], none: null };
    expect(describeRequest(permissionRequest({ tool: 'mcp__a__b', input })).parts).toEqual([
      { label: 'Input', text: JSON.stringify(input, null, 2) },
    ]);
  });

  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'A1 takes a tool named %s as any other',
    (tool) => {
      expect(describeRequest(permissionRequest({ tool, input: { a: 1 } })).parts).toEqual([
        { label: 'Input', text: '{\n  "a": 1\n}' },
      ]);
    },
  );

  it('A1 shows a member that is not of the type that the tool takes', () => {
    const parts = describeRequest(permissionRequest({ tool: 'Bash', input: { command: ['rm', '-rf', '/'] } })).parts;
    expect(parts).toEqual([{ label: 'Input', text: JSON.stringify({ command: ['rm', '-rf', '/'] }, null, 2) }]);
    expect(partOf('Edit', { file_path: '/ws/a', replace_all: 'true' }, 'Input')).toContain('"replace_all": "true"');
  });

  it('A1 shows members beside those that the tool is known for', () => {
    expect(partOf('Bash', { command: 'ls', run_in_background: true }, 'Input')).toBe(
      '{\n  "run_in_background": true\n}',
    );
    expect(
      partOf('Bash', JSON.parse('{"command":"ls","__proto__":{"a":1}}') as Record<string, unknown>, 'Input'),
    ).toContain('__proto__');
  });

  it('A1 says where an edit applies', () => {
    const input = { file_path: '/ws/a.ts', old_string: 'a', new_string: 'b' };
    expect(partOf('Edit', { ...input, replace_all: true }, 'Where')).toBe('Everywhere in the file');
    expect(partOf('Edit', { ...input, replace_all: false }, 'Where')).toBe('The one place where it is found');
    expect(partOf('Edit', input, 'Replace')).toBe('a');
    expect(partOf('Edit', input, 'With')).toBe('b');
  });

  it('A1 an empty input is shown as empty, not as nothing', () => {
    expect(describeRequest(permissionRequest({ tool: 'Bash', input: {} })).parts).toEqual([
      { label: 'Input', text: '{}' },
    ]);
    expect(partOf('Write', { file_path: '/ws/a', content: '' }, 'Content')).toBe('');
  });

  it('A1 gives the reason, the path outside, and that a subagent asks, without terminal colours', () => {
    const { remarks } = describeRequest(
      permissionRequest({ reason: '\u001b[1mrule\u001b[0m\u0007', blockedPath: '/etc/passwd', agentId: 'a1' }),
    );
    expect(remarks).toEqual(['Reason: rule⟨U+0007⟩', 'Path: /etc/passwd (outside the folder)', 'A subagent asks.']);
  });

  it('A1 hides no member of an input, whatever tool it is for and whatever its type is', () => {
    const names = fc.constantFrom(
      ...['command', 'description', 'file_path', 'content', 'old_string', 'new_string', 'replace_all', 'url', 'prompt'],
      ...['query', 'plan', 'notebook_path', 'new_source', 'timeout', 'toString', '__proto__'],
    );
    const marks = fc.stringMatching(/^[a-z]{12}$/);
    const value = fc.oneof(
      marks,
      fc.array(marks, { minLength: 1, maxLength: 2 }),
      marks.map((mark) => ({ deep: mark })),
      fc.integer({ min: 100_000_000_000, max: 999_999_999_999 }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...tools), fc.array(fc.tuple(names, value)), (tool, members) => {
        const input = Object.fromEntries(members);
        const shown = describeRequest(permissionRequest({ tool, input }))
          .parts.map(({ text }) => text)
          .join('\n');
        for (const member of Object.values(input)) {
          for (const mark of JSON.stringify(member).match(/[a-z]{12}|\d{12}/g) ?? []) expect(shown).toContain(mark);
        }
        expect(makeVisible(shown)).toBe(shown);
      }),
      { numRuns: 500 },
    );
  });
});

describe('describePath', () => {
  const outside = (path: string): string => `${path} (outside the folder)`;

  it.each([
    ['/ws/src/a.ts', 'src/a.ts'],
    ['/ws', '.'],
    ['/ws/./x//y', 'x/y'],
    ['/ws/a/../b', 'b'],
    ['src/a.ts', 'src/a.ts'],
    ['./a', 'a'],
    ['.//a', 'a'],
    ['a/../b', 'b'],
    ['~a/b', '~a/b'],
    ['a/~', 'a/~'],
    ['..a', '..a'],
    ['C:/x', 'C:/x'],
  ])('A1 shows %s relative to the folder', (path, shown) => {
    expect(describePath(path, '/ws')).toBe(shown);
  });

  it.each([
    ['/etc/passwd'],
    ['/wsx/a'],
    ['/'],
    ['..'],
    ['../a'],
    ['a/../../b'],
    ['/ws/../etc/passwd'],
    ['/ws/a/../../ws2'],
    ['/../ws2/a'],
    ['~'],
    ['~/.ssh/authorized_keys'],
    ['./~/../../x'],
    ['/ws\\a'],
  ])('A1 marks %s as outside of the folder', (path) => {
    expect(describePath(path, '/ws')).toBe(outside(path));
  });

  it.each([
    ['c:\\Work\\src\\a.ts', 'src/a.ts'],
    ['C:\\Work\\src\\a.ts', 'src/a.ts'],
    ['C:/Work/a', 'a'],
    ['src\\a.ts', 'src/a.ts'],
    ['src\\..\\a.ts', 'a.ts'],
  ])('A1 takes %s as inside of a Windows folder', (path, shown) => {
    expect(describePath(path, 'c:\\Work')).toBe(shown);
  });

  it.each([
    ['D:\\Work\\a'],
    ['c:\\Work\\..\\a'],
    ['c:\\Workshop\\a'],
    ['..\\a'],
    ['\\\\server\\share\\a'],
    ['\\a'],
    ['c:..\\a'],
    ['c:\\..\\x'],
  ])('A1 marks %s as outside of a Windows folder', (path) => {
    expect(describePath(path, 'c:\\Work')).toBe(outside(path));
  });

  it('A1 knows what is inside of a root, a share, and a folder named with a slash at its end', () => {
    expect(describePath('/etc/x', '/')).toBe('etc/x');
    expect(describePath('\\\\server\\share\\a', '\\\\server\\share')).toBe('a');
    expect(describePath('/ws/a', '/ws/')).toBe('a');
  });

  it('A1 shows a path in one line', () => {
    expect(describePath('/ws/a\nContent: x\u202e', '/ws')).toBe('a⟨U+000A⟩Content: x⟨U+202E⟩');
    expect(describePath('/etc/\n', '/ws')).toBe('/etc/⟨U+000A⟩ (outside the folder)');
  });

  it('A1 never takes a path as inside that leaves the folder', () => {
    const steps = fc.array(fc.constantFrom('..', '.', 'a', 'ws', '', 'b'), { maxLength: 8 });
    fc.assert(
      fc.property(steps, fc.boolean(), (parts, absolute) => {
        const path = absolute ? `/${parts.join('/')}` : parts.join('/');
        const stack: string[] = absolute ? [] : ['ws'];
        for (const part of parts) {
          if (part === '..') stack.pop();
          else if (part !== '.' && part !== '') stack.push(part);
        }
        // A relative path that leaves and comes back is outside at least on its way; it may be marked.
        const isInside = stack[0] === 'ws';
        if (!isInside) expect(describePath(path, '/ws')).toBe(outside(path));
        else if (absolute) expect(describePath(path, '/ws')).toBe(stack.slice(1).join('/') || '.');
      }),
      { numRuns: 1000 },
    );
  });
});
