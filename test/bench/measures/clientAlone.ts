import { randomUUID } from 'node:crypto';
import { LineTranslator } from '../../../src/core/session/translate/translator.js';
import { TranscriptReducer } from '../../../src/core/session/reducer.js';
import { parseLine } from '../../../src/node/claude/cliLine.js';
import { LineSplitter } from '../../../src/node/claude/framing.js';
import { emptyTranscript } from '../../../src/protocol/session/transcript.js';
import type { BenchContext } from '../context.js';
import type { Measure } from '../finding.js';
import { prompts } from '../modelScript.js';
import { RawProgram } from '../rawProgram.js';
import { median } from '../statistics.js';

const wantedLines = 100_000;
const limitFactor = 5;
/** As much as a pipe holds. */
const chunkBytes = 64 * 1024;
const warmUps = 2;

/** Lines that the real program printed, through framing, event union and reducer, against `JSON.parse` of the same lines. */
export function clientAlone(context: BenchContext): Measure {
  return {
    name: 'client',
    title: 'Client alone: recorded lines through framing, union and reducer',
    async run() {
      const lines = replicate(await record(context), wantedLines);
      const chunks = cut(Buffer.from(`${lines.join('\n')}\n`), chunkBytes);
      const ours: number[] = [];
      const parse: number[] = [];
      const take = (): void => {
        const start = performance.now();
        for (const line of lines) JSON.parse(line);
        const middle = performance.now();
        readAll(chunks);
        parse.push(middle - start);
        ours.push(performance.now() - middle);
      };
      for (let round = 0; round < warmUps; round++) readAll(chunks);
      await context.each(() => {
        take();
        return Promise.resolve();
      });
      return [
        {
          title: `Client alone: ${lines.length} recorded lines through framing, union and reducer`,
          measured: { name: 'Arbor', unit: 'ms', samples: ours },
          reference: { name: 'JSON.parse of the same lines', unit: 'ms', samples: parse },
          limit: { value: median(parse) * limitFactor, rule: `${limitFactor} × JSON.parse` },
        },
      ];
    },
  };
}

/** One turn with a bit of everything, as the real program prints it. */
async function record({ stage }: BenchContext): Promise<string[]> {
  const raw = await RawProgram.start(stage.program, stage.environment);
  const lines: string[] = [];
  try {
    await raw.turn(prompts.mixed, (line) => lines.push(line));
  } finally {
    await raw.stop();
  }
  return lines;
}

/** The same turn over and over, every time with ids of its own, up to so many lines. */
function replicate(turn: readonly string[], count: number): string[] {
  const text = turn.join('\n');
  const ids = new Set(text.match(/\b(?:msg|toolu)_\w+|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gu));
  const pattern = new RegExp([...ids].join('|'), 'gu');
  const lines: string[] = [];
  while (lines.length < count) {
    const fresh = new Map([...ids].map((id) => [id, freshId(id)]));
    lines.push(...text.replace(pattern, (id) => fresh.get(id) ?? id).split('\n'));
  }
  return lines.slice(0, count);
}

function freshId(id: string): string {
  const prefix = /^(?:msg|toolu)_/u.exec(id)?.[0];
  return prefix === undefined ? randomUUID() : `${prefix}${randomUUID().replaceAll('-', '').slice(0, 24)}`;
}

function cut(bytes: Buffer, size: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += size) pieces.push(bytes.subarray(start, start + size));
  return pieces;
}

/** What the extension host does with a program's output, but for the journal and the view. */
function readAll(chunks: readonly Buffer[]): void {
  const translator = new LineTranslator();
  const reducer = new TranscriptReducer(emptyTranscript());
  let number = 0;
  const begin = (): void => {
    const turn = randomUUID();
    translator.begin(turn, null);
    reducer.apply({ kind: 'start', turn, prompt: { uuid: randomUUID(), text: prompts.mixed }, at: number });
  };
  const splitter = new LineSplitter({
    line: (text) => {
      const { line } = parseLine(text);
      if (!line) throw new Error(`Line ${number} could not be read`);
      translator.translate(line, number, (event) => reducer.apply(event));
      number += 1;
      if (line.type === 'result') begin();
    },
    tooLong: () => {
      throw new Error(`Line ${number} is too long`);
    },
  });
  begin();
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
}
