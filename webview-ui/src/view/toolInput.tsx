import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { arrayAt, isObject, stringAt, type JsonObject } from '../../../src/base/json.js';
import type { ToolBlock } from '../../../src/protocol/session/transcript.js';
import { lineDiff } from '../text/lineDiff.js';
import { pathInFolder } from '../text/paths.js';
import { useChat } from './context.js';
import { Foldable } from './foldable.js';
import { StaticProse } from './prose.js';
import { Visible } from './visible.js';

/** The part of a streaming input that is shown, in characters. */
const streamedTail = 600;

/** A tool's input, whole: what is known of it in its own form, every other member by its name. */
export function ToolInput({ tool }: { readonly tool: ToolBlock }): JSX.Element | null {
  if (!tool.input) {
    if (tool.inputText === '') return null;
    return (
      <pre class="tool-code streaming" dir="ltr">
        <Visible text={tool.inputText.slice(-streamedTail)} />
      </pre>
    );
  }
  if (tool.inputInvalid) {
    return (
      <div>
        <p class="tool-note">The input was no valid JSON; the tool got an empty one.</p>
        {tool.inputText !== '' && <Foldable text={tool.inputText} label="Input" />}
      </div>
    );
  }
  const { body, used } = bodyOf(tool.name, tool.input);
  const rest = Object.entries(tool.input).filter(([name]) => !used.includes(name));
  return (
    <>
      {body}
      {rest.length > 0 && (
        <dl class="tool-rest">
          {rest.map(([name, value]) => (
            <Member key={name} name={name} value={value} />
          ))}
        </dl>
      )}
    </>
  );
}

/** A value of so few characters stands beside its name. */
const shortValue = 60;

function Member({ name, value }: { readonly name: string; readonly value: unknown }): JSX.Element {
  const line = typeof value === 'string' ? value : JSON.stringify(value);
  const short = line.length <= shortValue && !line.includes('\n');
  return (
    <div class={short ? 'short' : ''}>
      <dt>
        <Visible text={name} />
      </dt>
      <dd>
        {short ? (
          <Visible text={line} />
        ) : (
          <Foldable text={typeof value === 'string' ? value : JSON.stringify(value, null, 2)} label={name} />
        )}
      </dd>
    </div>
  );
}

interface Body {
  readonly body: JSX.Element | null;
  /** Members that the body shows. */
  readonly used: readonly string[];
}

function bodyOf(name: string, input: JsonObject): Body {
  const text = (member: string): string => stringAt(input, member) ?? '';
  switch (name) {
    case 'Bash':
      return {
        body: <Foldable text={text('command')} label="Command" kind="command" />,
        used: ['command', ...(stringAt(input, 'description') === undefined ? [] : ['description'])],
      };
    case 'Edit':
      return {
        body: (
          <>
            <FilePath path={text('file_path')} />
            <Diff before={text('old_string')} after={text('new_string')} />
          </>
        ),
        used: ['file_path', 'old_string', 'new_string'],
      };
    case 'MultiEdit':
      return {
        body: (
          <>
            <FilePath path={text('file_path')} />
            {arrayAt(input, 'edits')
              .filter(isObject)
              .map((edit, index) => (
                <Diff
                  key={index}
                  before={stringAt(edit, 'old_string') ?? ''}
                  after={stringAt(edit, 'new_string') ?? ''}
                />
              ))}
          </>
        ),
        used: ['file_path', 'edits'],
      };
    case 'Write':
      return {
        body: (
          <>
            <FilePath path={text('file_path')} />
            <Diff before="" after={text('content')} />
          </>
        ),
        used: ['file_path', 'content'],
      };
    case 'Read':
      return { body: <FilePath path={text('file_path')} />, used: ['file_path'] };
    case 'Task':
    case 'Agent':
      return {
        body: <Foldable text={text('prompt')} label="Task" kind="text" />,
        used: ['prompt', 'description'],
      };
    case 'TodoWrite':
      return { body: <Todos todos={arrayAt(input, 'todos')} />, used: ['todos'] };
    case 'AskUserQuestion':
      return { body: <Questions questions={arrayAt(input, 'questions')} />, used: ['questions', 'answers'] };
    case 'ExitPlanMode':
      return { body: <StaticProse text={text('plan')} />, used: ['plan'] };
    default:
      return { body: null, used: [] };
  }
}

/** A file's path; opens the file. */
function FilePath({ path }: { readonly path: string }): JSX.Element | null {
  const { post, store } = useChat();
  if (path === '') return null;
  return (
    <button
      type="button"
      class="link file-path"
      title={`Open ${path}`}
      onClick={() => {
        const session = store.header.peek()?.id;
        if (session !== undefined) post({ type: 'openFile', session, path });
      }}
    >
      <bdi dir="ltr">
        <Visible text={pathInFolder(path, store.header.value?.folder.path)} />
      </bdi>
    </button>
  );
}

function Diff({ before, after }: { readonly before: string; readonly after: string }): JSX.Element {
  const lines = useMemo(() => lineDiff(withoutLastBreak(before), withoutLastBreak(after)), [before, after]);
  return <Foldable text="" label="Change" kind="diff" diff={lines} />;
}

/** The line break that ends the last line is no line of its own. */
function withoutLastBreak(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}

function Todos({ todos }: { readonly todos: readonly unknown[] }): JSX.Element {
  return (
    <ul class="todos">
      {todos.filter(isObject).map((todo, index) => {
        const status = stringAt(todo, 'status') ?? 'pending';
        const mark = status === 'completed' ? '☑' : status === 'in_progress' ? '◐' : '☐';
        return (
          <li key={index} class={`todo ${status}`}>
            <span aria-hidden="true">{mark} </span>
            <span class="for-readers">{status.replace('_', ' ')}: </span>
            <Visible text={stringAt(todo, 'content') ?? ''} />
          </li>
        );
      })}
    </ul>
  );
}

function Questions({ questions }: { readonly questions: readonly unknown[] }): JSX.Element {
  return (
    <>
      {questions.filter(isObject).map((question, index) => (
        <div key={index} class="question">
          <p>
            <Visible text={stringAt(question, 'question') ?? ''} />
          </p>
          <ul>
            {arrayAt(question, 'options')
              .filter(isObject)
              .map((option, at) => (
                <li key={at}>
                  <Visible text={stringAt(option, 'label') ?? ''} />
                  <span class="tool-note">
                    {' '}
                    <Visible text={stringAt(option, 'description') ?? ''} />
                  </span>
                </li>
              ))}
          </ul>
        </div>
      ))}
    </>
  );
}
