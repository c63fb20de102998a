import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCursor } from '../../../../src/node/transcripts/pageCursor.js';
import { readConversation, readConversationPage } from '../../../../src/node/transcripts/transcripts.js';
import { lineUuid, transcriptLines } from '../../../support/writtenTranscript.js';
import { comparableMessages, joined, messagesOf, pagesOf, seeded, temporaryFile } from './paging.js';
import { sessionFile } from './recording.js';

const recordings = readdirSync(dirname(dirname(sessionFile('plain'))), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

async function wholeOf(path: string): Promise<readonly unknown[]> {
  return comparableMessages(messagesOf((await readConversation(path)).events));
}

describe('pages of what the real program wrote', () => {
  it.each(recordings)('S6 %s: page by page it is what it is as a whole', async (name) => {
    const path = sessionFile(name);
    const whole = await readConversation(path);
    const expected = comparableMessages(messagesOf(whole.events));
    const random = seeded(name.length);
    for (const sizes of [() => 1, () => 2, () => 3, () => 100, () => 1 + random(6)]) {
      const pages = await pagesOf(path, sizes);
      expect(joined(pages)).toEqual(expected);
      expect(pages.reduce((sum, { unreadable }) => sum + unreadable, 0)).toBe(whole.unreadable);
    }
  });

  it('S6 a conversation that fits into a page is read as one, to its beginning', async () => {
    const page = await readConversationPage(sessionFile('fourTools'), 'last', 100);
    expect(page).toEqual({ ...(await readConversation(sessionFile('fourTools'))), cursor: null });
  });
});

describe('a page of a long transcript', () => {
  it('S6 has the last messages, begins with a prompt and leaves the rest to the next', async () => {
    const path = temporaryFile(
      [...transcriptLines({ turns: 300, textLength: 900, resultLength: 900, tools: 3 })].join(''),
    );
    const page = await readConversationPage(path, 'last', 100);
    const messages = messagesOf(page.events);
    expect(messages).toHaveLength(100);
    expect(messages[0]).toMatchObject({ role: 'user', text: 'Question 251' });
    expect(page.cursor).not.toBeNull();
    const pages = await pagesOf(path, () => 100);
    expect(pages.map(({ events }) => messagesOf(events).length)).toEqual([100, 100, 100, 100, 100, 100]);
    expect(joined(pages)).toEqual(await wholeOf(path));
  });

  it('S6 takes in what comes before the first prompt but shows nothing', async () => {
    const lines = [...transcriptLines({ turns: 2, textLength: 9, resultLength: 9, tools: 0 })];
    const hook = { parentUuid: null, type: 'attachment', attachment: { type: 'hook' }, uuid: 'hook' };
    lines[0] = (lines[0] ?? '').replace('"parentUuid":null', '"parentUuid":"hook"');
    const path = temporaryFile(`${JSON.stringify(hook)}\n${lines.join('')}`);
    expect((await readConversationPage(path, 'last', 4)).cursor).toBeNull();
    expect((await readConversationPage(path, 'last', 2)).cursor).not.toBeNull();
  });

  it('S6 ends at a turn once it is heavy, and a turn that is too heavy is divided between its messages', async () => {
    const path = temporaryFile(
      [...transcriptLines({ turns: 8, textLength: 9, resultLength: 4000, tools: 5 })].join(''),
    );
    const heavy = await pagesOf(path, () => 100, 'last', 60_000);
    expect(heavy.length).toBeGreaterThan(2);
    expect(joined(heavy)).toEqual(await wholeOf(path));

    const oneTurn = temporaryFile(longTurn(60));
    const pages = await pagesOf(oneTurn, () => 100, 'last', 20_000);
    expect(pages.length).toBeGreaterThan(5);
    const whole = messagesOf((await readConversation(oneTurn)).events);
    const divided = pages.toReversed().flatMap(({ events }) => messagesOf(events));
    const blocks = (all: typeof whole): unknown[] =>
      all.flatMap((message): unknown[] => (message.role === 'assistant' ? message.blocks : [message.text]));
    expect(blocks(divided)).toEqual(blocks(whole));
    expect(divided.map((message) => (message.role === 'user' ? 'you' : message.state))).toEqual([
      'you',
      ...pages.map(() => 'complete'),
    ]);
  });

  it('S6 of a file with one line of 40 MB is read, with the line where it is on the branch', async () => {
    const big = [...transcriptLines({ turns: 1, textLength: 40_000_000, resultLength: 9, tools: 0, id: 'b' })];
    const lines = [...transcriptLines({ turns: 3, textLength: 9, resultLength: 9, tools: 1 })];
    const aside = temporaryFile([...big, ...lines].join(''));
    expect(messagesOf((await readConversationPage(aside, 'last', 100)).events)).toHaveLength(6);
    const on = (lines[0] ?? '').replace('"parentUuid":null', `"parentUuid":"${lineUuid(2, 'b')}"`);
    const path = temporaryFile([...big, on, ...lines.slice(1)].join(''));
    const messages = messagesOf((await readConversationPage(path, 'last', 100)).events);
    expect(messages).toHaveLength(8);
    expect(
      messages[1]?.role === 'assistant' && messages[1].blocks[0]?.type === 'text' && messages[1].blocks[0].text.length,
    ).toBe(40_000_000 + 'Answer 1. '.length);
  }, 90_000);
});

/** One turn of many messages, each with a tool of 2,000 characters. */
function longTurn(messages: number): string {
  const shape = { turns: 1, textLength: 9, resultLength: 2000, tools: 1 };
  const [prompt = '', ...rest] = [...transcriptLines(shape)];
  const lines = [prompt];
  let parent = lineUuid(1);
  for (let message = 1; message <= messages; message += 1) {
    const id = message.toString(16).padStart(4, 'f');
    const part = [...transcriptLines({ ...shape, id })].slice(1);
    if (message < messages) part.pop();
    lines.push(...part.map((line) => line.replace(lineUuid(1, id), parent)));
    parent = lineUuid(message < messages ? 4 : 5, id);
  }
  expect(rest.length).toBe(4);
  return lines.join('');
}

describe('pages of a branch', () => {
  const turns = (count: number, id: string, tools = 2): string[] => [
    ...transcriptLines({ turns: count, textLength: 3000, resultLength: 3000, tools, id }),
  ];

  it('S6 go over what was left, however much that is', async () => {
    // Rewound behind the first answer; what was left then is more than is looked through without asking whether it ends.
    const left = turns(40, 'a');
    const on = turns(3, 'b');
    on[0] = (on[0] ?? '').replace('"parentUuid":null', `"parentUuid":"${lineUuid(7)}"`);
    const path = temporaryFile([...left, ...on].join(''));
    expect(Buffer.byteLength(left.join(''))).toBeGreaterThan(500_000);
    const pages = await pagesOf(path, () => 2);
    expect(joined(pages)).toEqual(await wholeOf(path));
    expect(joined(pages)).toHaveLength(8);
  });

  it('S6 go on with the line before where a link leads nowhere, at once where that was found out before', async () => {
    const lines = turns(60, 'a').filter((_, index) => index % 8 !== 3);
    const path = temporaryFile(lines.join(''));
    const pages = await pagesOf(path, () => 10);
    expect(joined(pages)).toEqual(joined(await pagesOf(path, () => Number.POSITIVE_INFINITY)));
    expect(joined(pages)).toEqual(await wholeOf(path));
  });

  it('S6 end where links run in a circle or forward, and nothing is shown twice', async () => {
    const lines = turns(4, 'a', 0);
    const linked = (index: number, to: number): void => {
      lines[index] = (lines[index] ?? '').replace(/"parentUuid":(?:null|"[^"]*")/, `"parentUuid":"${lineUuid(to)}"`);
    };
    linked(0, 8);
    linked(3, 4);
    linked(5, 8);
    const path = temporaryFile(lines.join(''));
    const pages = await pagesOf(path, () => 2);
    expect(joined(pages)).toHaveLength(8);
    expect(joined(pages)).toEqual(joined(await pagesOf(path, () => 100)));
  });

  it('S6 are found whatever blanks the lines were written with', async () => {
    const lines = turns(6, 'a').map((line) => `${JSON.stringify(JSON.parse(line), null, 1).replaceAll('\n', ' ')}\r\n`);
    const path = temporaryFile(lines.join(''));
    expect(joined(await pagesOf(path, () => 2))).toEqual(await wholeOf(path));
    expect(joined(await pagesOf(path, () => 2))).toHaveLength(12);
  });

  it("S6 leave out a subagent's lines that an older program wrote between them", async () => {
    const side = turns(2, 'c').map((line) => line.replace('"isSidechain":false', '"isSidechain":true'));
    const lines = turns(2, 'a');
    const path = temporaryFile([...lines.slice(0, 5), ...side, ...lines.slice(5), ...side].join(''));
    expect(joined(await pagesOf(path, () => 2))).toEqual(await wholeOf(temporaryFile(lines.join(''))));
  });
});

describe('pages of damaged transcripts', () => {
  const sources = [...recordings.map((name) => readFileSync(sessionFile(name), 'utf8')), written()];

  function written(): string {
    return [...transcriptLines({ turns: 6, textLength: 40, resultLength: 40, tools: 3 })].join('');
  }

  type Damage = (lines: string[], at: number, random: (below: number) => number) => void;
  const damages: readonly (readonly [string, Damage])[] = [
    ['lines that are missing', (lines, at) => void lines.splice(at, 1)],
    [
      'lines that were torn',
      (lines, at, random) => {
        lines[at] = (lines[at] ?? '').slice(0, random(lines[at]?.length ?? 1));
      },
    ],
    [
      'lines that were torn and went on with another',
      (lines, at, random) => {
        lines.splice(at, 2, (lines[at] ?? '').slice(0, random(lines[at]?.length ?? 1)) + (lines[at + 1] ?? ''));
      },
    ],
    [
      'lines that are no JSON',
      (lines, at) => void lines.splice(at, 0, 'no JSON', '[]', '"text"', '', '{"a":}', '\0\0'),
    ],
  ];

  it.each(damages)('S6 with %s: never an error, and page by page what it is as a whole', async (_, damage) => {
    const random = seeded(7);
    for (const source of sources) {
      for (let round = 0; round < 4; round += 1) {
        const lines = source.trimEnd().split('\n');
        for (let count = 1 + random(4); count > 0; count -= 1) damage(lines, random(lines.length), random);
        const path = temporaryFile(`${lines.join('\n')}\n`);
        const pages = await pagesOf(path, () => 1 + random(5));
        expect(joined(pages)).toEqual(await wholeOf(path));
        const [whole] = await pagesOf(path, () => 1_000_000);
        expect(pages.reduce((sum, { unreadable }) => sum + unreadable, 0)).toBe(whole?.unreadable);
      }
    }
  });

  it('S6 with lines out of order or twice, or with bytes of anything: never an error, and the pages end', async () => {
    const random = seeded(11);
    for (const source of sources) {
      const lines = source.trimEnd().split('\n');
      for (let count = 0; count < 6; count += 1) {
        const [moved = ''] = lines.splice(random(lines.length), random(2));
        lines.splice(random(lines.length), 0, moved);
      }
      const bytes = Buffer.from(`${lines.join('\n')}\n`);
      for (let count = random(8); count > 0; count -= 1) bytes[random(bytes.length)] = random(256);
      const path = temporaryFile(bytes);
      const pages = await pagesOf(path, () => 1 + random(5));
      expect(joined(pages)).toEqual(joined(await pagesOf(path, () => 1_000_000)));
    }
  });

  it('S6 lines that could not be read are counted in the page that they are in, and only there', async () => {
    const lines = [...transcriptLines({ turns: 6, textLength: 9, resultLength: 9, tools: 0 })];
    lines.splice(11, 0, 'broken\n');
    lines.splice(5, 0, 'broken\n', '{"torn":"\n');
    lines.splice(1, 0, '[1]\n');
    const pages = await pagesOf(temporaryFile(`${lines.join('')}{"still":"written`), () => 4);
    expect(pages.map(({ unreadable }) => unreadable)).toEqual([1, 2, 1]);
  });
});

describe('a transcript that changes between two pages', () => {
  const lines = [...transcriptLines({ turns: 20, textLength: 200, resultLength: 200, tools: 2 })];
  const more = [...transcriptLines({ turns: 3, textLength: 200, resultLength: 200, tools: 2, id: 'b' })];

  it('S6 may grow: the earlier pages are what they were, and nothing is missing between', async () => {
    const path = temporaryFile(lines.join(''));
    const expected = joined(await pagesOf(path, () => 10));
    const last = await readConversationPage(path, 'last', 10);
    const [first = '', ...rest] = more;
    const on = [first.replace('"parentUuid":null', `"parentUuid":"${lineUuid(lines.length)}"`), ...rest];
    writeFileSync(path, [...lines, ...on.slice(0, -1), on.at(-1)?.slice(0, 40)].join(''));
    const cursor = parseCursor(last.cursor ?? '');
    expect(joined([last, ...(await pagesOf(path, () => 10, { before: cursor }))])).toEqual(expected);
    expect(messagesOf((await readConversationPage(path, 'last', 2)).events)[0]).toMatchObject({ text: 'Question 3' });
  });

  it('S6 may not be cut, rewritten or replaced: that is said', async () => {
    const path = temporaryFile(lines.join(''));
    const cursor = parseCursor((await readConversationPage(path, 'last', 10)).cursor ?? '');
    const expectChanged = async (): Promise<void> => {
      await expect(readConversationPage(path, { before: cursor }, 10)).rejects.toMatchObject({
        code: 'transcriptChanged',
      });
    };
    writeFileSync(path, lines.slice(0, 40).join(''));
    await expectChanged();
    // As long as it was, with the same beginning, in the same place on the disk.
    writeFileSync(path, lines.join('').replaceAll('Question 1', 'Question 7'));
    await expectChanged();
    writeFileSync(path, [...lines.slice(0, 2), ...more, ...lines].join(''));
    await expectChanged();
    writeFileSync(path, lines.join(''));
    expect((await readConversationPage(path, { before: cursor }, 10)).events.length).toBeGreaterThan(10);
    temporaryFile(lines.join(''), path);
    await expectChanged();
  });

  it('S6 that is not there any more is told apart, and a cursor of something else is refused', async () => {
    const path = temporaryFile(lines.join(''));
    const cursor = parseCursor((await readConversationPage(path, 'last', 10)).cursor ?? '');
    await expect(readConversationPage(`${path}x`, { before: { ...cursor } }, 10)).rejects.toMatchObject({
      code: 'transcriptMissing',
    });
    expect(() => parseCursor('{"version":2}')).toThrow(expect.objectContaining({ code: 'transcriptChanged' }));
    expect(() => parseCursor('no cursor')).toThrow(expect.objectContaining({ code: 'transcriptChanged' }));
  });
});

describe('what leads up to a message', () => {
  it('S6 F1 is read wherever the message is, with the pages before it', async () => {
    const lines = [...transcriptLines({ turns: 30, textLength: 200, resultLength: 200, tools: 2 })];
    const path = temporaryFile(lines.join(''));
    // The answer of turn 10.
    const pages = await pagesOf(path, () => 4, { uuid: lineUuid(70) });
    const expected = await wholeOf(temporaryFile(lines.slice(0, 70).join('')));
    expect(joined(pages)).toEqual(expected);
    expect(joined(pages.slice(0, 1))).toHaveLength(4);
  });

  it('S6 F1 ends with the message: a prompt has no answer, and a turn that went on is not called stopped', async () => {
    const path = temporaryFile([...transcriptLines({ turns: 9, textLength: 9, resultLength: 9, tools: 2 })].join(''));
    const upTo = async (line: number): Promise<string[]> =>
      messagesOf((await readConversationPage(path, { uuid: lineUuid(line) }, 1)).events).map((message) =>
        message.role === 'user' ? message.text : `${message.state}: ${String(message.blocks.length)}`,
      );
    expect(await upTo(15)).toEqual(['Question 3']);
    expect(await upTo(16)).toEqual(['Question 3', 'complete: 1']);
    expect(await upTo(20)).toEqual(['Question 3', 'complete: 3']);
  });

  it('S6 F1 is read also on a branch that was left', async () => {
    const path = sessionFile('rewound');
    const left = readFileSync(path, 'utf8')
      .split('\n')
      .find((line) => line.includes('"text":"Both done') || line.includes('msg_36'));
    const uuid = /"uuid":"([^"]+)"/.exec(left ?? '')?.[1] ?? '';
    const page = await readConversationPage(path, { uuid }, 100);
    expect(messagesOf(page.events).map((message) => (message.role === 'user' ? message.text : message.state))).toEqual([
      'first',
      'complete',
      'second',
      'complete',
    ]);
  });

  it('S6 F1 is read for a message that reached Claude in the middle of a turn', async () => {
    const path = sessionFile('steerNext');
    const whole = messagesOf((await readConversation(path)).events);
    const steering = whole.findLast((message) => message.role === 'user');
    const page = await readConversationPage(path, { uuid: steering?.uuid ?? '' }, 100);
    expect(messagesOf(page.events).at(-1)).toMatchObject({ role: 'user', uuid: steering?.uuid });
  });

  it('S6 F1 says so when no message has that id', async () => {
    const path = temporaryFile(
      [...transcriptLines({ turns: 90, textLength: 999, resultLength: 999, tools: 2 })].join(''),
    );
    await expect(readConversationPage(path, { uuid: lineUuid(99, 'f') }, 4)).rejects.toMatchObject({
      code: 'notFound',
    });
    // It is named in lines, but by none that is it.
    const named = temporaryFile(`${readFileSync(path, 'utf8')}{"type":"last-prompt","leafUuid":"lost"}\n`);
    await expect(readConversationPage(named, { uuid: 'lost' }, 4)).rejects.toMatchObject({ code: 'notFound' });
  });
});
