import { isRecord } from './request.js';
import type { Answer, AnswerBlock, Chunking, Condition, HttpError, Part, Script, Step, Usage } from './script.js';

/** Reads one value; `path` says where it stands, for the error. */
type Reader<T> = (value: unknown, path: string) => T;

function refuse(path: string, expected: string): never {
  throw new Error(`The script is not right at ${path}: expected ${expected}.`);
}

const text: Reader<string> = (value, path) => (typeof value === 'string' ? value : refuse(path, 'a text'));
const count: Reader<number> = (value, path) =>
  typeof value === 'number' && value >= 0 ? value : refuse(path, 'a number that is not negative');
const flag: Reader<boolean> = (value, path) => (typeof value === 'boolean' ? value : refuse(path, 'true or false'));
const anything: Reader<unknown> = (value) => value;
const object: Reader<Record<string, unknown>> = (value, path) => (isRecord(value) ? value : refuse(path, 'an object'));

function list<T>(reader: Reader<T>): Reader<T[]> {
  return (value, path) =>
    Array.isArray(value) ? value.map((item, index) => reader(item, `${path}[${index}]`)) : refuse(path, 'a list');
}

type Readers<T> = { readonly [Key in keyof T]-?: Reader<Exclude<T[Key], undefined>> };

/** An object with just these keys; the `required` ones must be there. A key that is not known is a mistake, and said so. */
function shape<T extends object>(readers: Readers<T>, required: readonly (keyof T & string)[]): Reader<T> {
  const known = new Map<string, Reader<unknown>>(Object.entries<Reader<unknown>>(readers));
  return (value, path) => {
    const source = object(value, path);
    for (const key of required) if (source[key] === undefined) refuse(path, `"${key}"`);
    const result: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(source)) {
      const reader = known.get(key) ?? refuse(`${path}.${key}`, `one of ${[...known.keys()].join(', ')}`);
      result[key] = reader(item, `${path}.${key}`);
    }
    // Each key was read by its own reader and the required ones are there: this is a T.
    return result as T;
  };
}

const part: Reader<Part> = (value, path) => {
  if (typeof value === 'string') return value;
  const source = object(value, path);
  if ('pauseMs' in source) return { pauseMs: count(source['pauseMs'], `${path}.pauseMs`) };
  if ('gate' in source) return { gate: text(source['gate'], `${path}.gate`) };
  if ('drop' in source) return { drop: true };
  if ('repeat' in source) {
    return { repeat: text(source['repeat'], `${path}.repeat`), count: count(source['count'], `${path}.count`) };
  }
  return refuse(path, 'a text, or an object with pauseMs, gate, drop or repeat');
};

const content: Reader<string | readonly Part[]> = (value, path) =>
  typeof value === 'string' ? value : list(part)(value, path);
const chunk = shape<Chunking>({ size: count, count, delayMs: count }, []);

function literal<T extends string>(wanted: T): Reader<T> {
  return (value, path) => (value === wanted ? wanted : refuse(path, `"${wanted}"`));
}

type BlockOf<T extends AnswerBlock['type']> = Extract<AnswerBlock, { type: T }>;

const blocks: { readonly [T in AnswerBlock['type']]: Reader<BlockOf<T>> } = {
  text: shape<BlockOf<'text'>>({ type: literal('text'), text: content, chunk }, ['text']),
  thinking: shape<BlockOf<'thinking'>>({ type: literal('thinking'), thinking: content, signature: text, chunk }, [
    'thinking',
  ]),
  toolUse: shape<BlockOf<'toolUse'>>(
    { type: literal('toolUse'), name: text, input: object, rawJson: content, id: text, chunk },
    ['name'],
  ),
  pause: shape<BlockOf<'pause'>>({ type: literal('pause'), ms: count }, ['ms']),
  gate: shape<BlockOf<'gate'>>({ type: literal('gate'), name: text }, ['name']),
  drop: shape<BlockOf<'drop'>>({ type: literal('drop') }, []),
  errorEvent: shape<BlockOf<'errorEvent'>>({ type: literal('errorEvent'), errorType: text, message: text }, [
    'errorType',
    'message',
  ]),
};

const block: Reader<AnswerBlock> = (value, path) => {
  const type = text(object(value, path)['type'], `${path}.type`);
  const reader = new Map<string, Reader<AnswerBlock>>(Object.entries<Reader<AnswerBlock>>(blocks)).get(type);
  return (reader ?? refuse(`${path}.type`, `one of ${Object.keys(blocks).join(', ')}`))(value, path);
};

const usage = shape<Usage>(
  { inputTokens: count, outputTokens: count, cacheReadTokens: count, cacheWriteTokens: count },
  [],
);
const error = shape<HttpError>({ status: count, errorType: text, message: text, body: anything, retryAfter: count }, [
  'status',
]);
const answer = shape<Answer>({ blocks: list(block), usage, stopReason: text, delayMs: count, gate: text, error }, []);
const condition = shape<Condition>(
  { text, anyText: text, toolResult: text, system: text, subagent: flag, compaction: flag },
  [],
);
const step = shape<Step>({ name: text, when: condition, times: count, answer }, ['answer']);
const script = shape<Script>(
  {
    steps: list(step),
    otherwise: (value, path) => (value === 'demo' || value === 'fail' ? value : refuse(path, '"demo" or "fail"')),
  },
  ['steps'],
);

/**
 * Reads a script from JSON text.
 * @throws Error that names the place, when the text is no JSON or no script
 */
export function parseScript(json: string): Script {
  return script(JSON.parse(json), 'script');
}
