import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CancellationError, CancellationSource, neverCancelled } from '../../../../src/base/cancellation.js';
import { isObject, parseJson, stringAt, type JsonObject } from '../../../../src/base/json.js';
import { MarkedMessages } from '../../../../src/core/address/linePlace.js';
import { AddressResolver } from '../../../../src/core/address/resolve.js';
import { farthestBytes, seekMessage, type SeekParts, type Sought } from '../../../../src/core/address/seekMessage.js';
import { EventLog } from '../../../../src/core/session/eventLog.js';
import { History, pageSize } from '../../../../src/core/session/history.js';
import { createLinePlaces } from '../../../../src/node/address/linePlaces.js';
import { createMessageSource } from '../../../../src/node/address/messageSource.js';
import { currentBranch } from '../../../../src/node/transcripts/branch.js';
import { isOfProgram, placeOf } from '../../../../src/node/transcripts/lineKinds.js';
import { projectFolderName } from '../../../../src/node/transcripts/locate.js';
import { createTranscripts } from '../../../../src/node/transcripts/transcripts.js';
import type { Message } from '../../../../src/protocol/session/transcript.js';
import { FakeJournal } from '../../../support/fakes/fakeStores.js';
import { RecordingLogger } from '../../../support/fakes/recordingLogger.js';
import { lineUuid, transcriptLines } from '../../../support/writtenTranscript.js';
import { lived, sessionFile } from '../transcripts/recording.js';

const id = '0d6a3e3e-5a3b-4f5e-9d5d-6a1d0d1b7c11';
const folder = '/sample/folder';
const uuid = (end: string): string => `00000000-0000-4000-8000-${end.padStart(12, '0')}`;
let root: string;
let file: string;

beforeEach(() => {
  root = mkdtempSync(path.join(realpathSync(tmpdir()), 'arbor-seek-'));
  const project = path.join(root, 'projects', projectFolderName(folder));
  mkdirSync(project, { recursive: true });
  file = path.join(project, `${id}.jsonl`);
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function put(recording: string): void {
  cpSync(sessionFile(recording), file);
  const subagents = sessionFile(recording).replace(/\.jsonl$/, '');
  if (existsSync(subagents)) cpSync(subagents, file.replace(/\.jsonl$/, ''), { recursive: true });
}

function lines(of = file): readonly JsonObject[] {
  return readFileSync(of, 'utf8')
    .split('\n')
    .map((line) => parseJson(line))
    .filter(isObject);
}

function parts(): SeekParts {
  const locate = (session: string): Promise<string | undefined> =>
    Promise.resolve(session === id && existsSync(file) ? file : undefined);
  return {
    places: createLinePlaces(locate),
    resolver: new AddressResolver(createMessageSource(locate), () => ''),
  };
}

/** The session as it is when it was opened: its last page is in memory. */
async function open(): Promise<{
  readonly id: string;
  readonly transcript: { readonly messages: Message[] };
  readonly history: History;
}> {
  const transcripts = createTranscripts({ environment: () => ({ CLAUDE_CONFIG_DIR: root }), home: root });
  const log = new EventLog(id, new FakeJournal([]), new RecordingLogger());
  const history = new History(transcripts, { folder, sessionId: id }, log);
  history.restore(await transcripts.readLast(folder, id, pageSize), 0);
  return { id, transcript: log.transcript, history };
}

/** What is found, and the message it is in. */
async function seek(messageUuid: string): Promise<Sought & { readonly at: Message | undefined }> {
  const session = await open();
  const sought = await seekMessage(session, messageUuid, parts(), neverCancelled);
  return { ...sought, at: session.transcript.messages.find(({ number }) => number === sought.message) };
}

function textOf(message: Message | undefined): string {
  if (message?.role === 'user') return message.text;
  return (message?.blocks ?? []).map((block) => ('text' in block ? block.text : '')).join(' ');
}

describe('where the chat shows a line of a transcript', () => {
  it.each(['subagent', 'subagentFg', 'compact', 'autoCompact', 'files', 'rewound', 'steerNext', 'fourTools', 'image'])(
    'T9 every line of %s of which anything is shown is found, and its message is the one the session shows live',
    async (recording) => {
      put(recording);
      const live = lived(recording).messages;
      const shown = currentBranch(lines()).filter((line) => ['turn', 'steering', 'shown'].includes(placeOf(line)));
      expect(shown.length).toBeGreaterThan(1);
      for (const line of shown) {
        const sought = await seek(stringAt(line, 'uuid') ?? '');
        // A mark in the conversation, such as a compaction: nobody said it, and no search finds it.
        if (line['type'] === 'system') continue;
        if (isOfProgram(line)) {
          expect(sought.why?.what).toContain('does not show');
          continue;
        }
        expect({ type: line['type'], ...sought }).toMatchObject({ why: null, isReadable: true });
        // What was recorded of it live is only what came after the rewind.
        if (recording === 'rewound') continue;
        const place = await parts().places.find(id, stringAt(line, 'uuid') ?? '');
        const same = new MarkedMessages(live).with(place?.marks ?? []);
        expect(same?.role).toBe(sought.at?.role);
        if (same?.role === 'user') expect(textOf(same)).toBe(textOf(sought.at));
      }
    },
  );

  it('T9 U3 a tool’s result and each part of Claude’s message are in the message that shows them', async () => {
    put('subagent');
    const answers = await Promise.all(['5', '7', 'b', 'f'].map((end) => seek(uuid(end))));
    expect(new Set(answers.map(({ message }) => message)).size).toBe(1);
    expect(answers[0]?.at?.role).toBe('assistant');
  });

  it('T9 what a subagent said is at the tool use that started it, and that is told', async () => {
    put('subagent');
    const [own] = lines(file.replace(/\.jsonl$/, '/subagents/agent-agent10.jsonl')).filter(
      (line) => line['type'] === 'assistant',
    );
    const sought = await seek(stringAt(own ?? {}, 'uuid') ?? '');
    expect(sought.message).toBe((await seek(uuid('7'))).message);
    expect(sought.why?.what).toContain('subagent');
    expect(sought.isReadable).toBe(true);
  });

  it('T9 what is on a branch that was left is at the message where the two parted, and that is told', async () => {
    put('rewound');
    const all = lines();
    const branch = new Set(currentBranch(all));
    const left = all.filter((line) => !branch.has(line) && ['user', 'assistant'].includes(String(line['type'])));
    expect(left).toHaveLength(7);
    for (const line of left) {
      const sought = await seek(stringAt(line, 'uuid') ?? '');
      expect(sought.why?.what).toContain('went on from an earlier message');
      expect(textOf(sought.at)).toBe('One.');
    }
  });

  it('T9 a line that nobody said is at the message before it, and that is told', async () => {
    put('compact');
    const summary = lines().find((line) => line['isCompactSummary'] === true);
    const sought = await seek(stringAt(summary ?? {}, 'uuid') ?? '');
    expect(sought.why?.what).toContain('does not show');
    expect(sought.message).not.toBeNull();
  });

  it('T9 what a compaction removed is at the compaction, and why is told', async () => {
    put('compact');
    const all = readFileSync(file, 'utf8').split('\n');
    const first = /"type":"user","uuid":"([^"]+)"/.exec(all.join('\n'))?.[1] ?? '';
    writeFileSync(file, all.slice(all.findIndex((line) => line.includes('"compact_boundary"'))).join('\n'));
    const sought = await seek(first);
    expect(sought.why?.what).toContain('was compacted');
    expect(sought.isReadable).toBe(false);
    expect(JSON.stringify(sought.at)).toContain('The conversation was compacted');
  });

  it('T9 a message that is nowhere leaves the chat at its end, with the reason', async () => {
    put('plain');
    expect(await seek(uuid('999'))).toMatchObject({ message: null, why: { code: 'notFound' }, isReadable: false });
  });
});

describe('a long conversation', () => {
  const shape = { turns: 500, textLength: 200, resultLength: 200, tools: 0 };

  it('U3 T9 is read up to the message, and no further', async () => {
    writeFileSync(file, Array.from(transcriptLines(shape)).join(''));
    const session = await open();
    const sought = await seekMessage(session, lineUuid(801), parts(), neverCancelled);
    const at = session.transcript.messages.find(({ number }) => number === sought.message);
    expect(at).toMatchObject({ role: 'user', text: 'Question 401' });
    expect(session.history.hasUnread).toBe(true);
    expect(session.transcript.messages.length).toBeLessThanOrEqual(200 + pageSize);
    expect(textOf((await seek(lineUuid(2))).at)).toContain('Answer 1.');
  });

  it('T9 finds where a branch was left also when that is on another page', async () => {
    const all = Array.from(transcriptLines(shape));
    // The last 150 turns went on from turn 100; what is between them was left.
    const first = all[700] ?? '';
    all[700] = first.replace(/"parentUuid":"[^"]+"/, `"parentUuid":"${lineUuid(200)}"`);
    writeFileSync(file, all.join(''));
    const sought = await seek(lineUuid(221));
    expect(textOf(sought.at)).toContain('Answer 100.');
    expect(sought.why?.what).toContain('went on from an earlier message');
  });

  it('T9 ends when it is canceled, and what was read stays', async () => {
    writeFileSync(file, Array.from(transcriptLines(shape)).join(''));
    const session = await open();
    const source = new CancellationSource();
    const reads = parts();
    const places = {
      ...reads.places,
      find: (...at: Parameters<typeof reads.places.find>) => {
        source.cancel();
        return reads.places.find(...at);
      },
    };
    const seeking = seekMessage(session, lineUuid(1), { ...reads, places }, source.token);
    await expect(seeking).rejects.toBeInstanceOf(CancellationError);
    expect(session.transcript.messages).toHaveLength(pageSize);
  });

  it('T9 is not read where the message is further from its end than the chat goes, and that is told', async () => {
    writeFileSync(file, Array.from(transcriptLines(shape)).join(''));
    const reads = parts();
    const places = {
      ...reads.places,
      find: async (...at: Parameters<typeof reads.places.find>) => {
        const place = await reads.places.find(...at);
        return place && { ...place, distance: farthestBytes + 1 };
      },
    };
    const session = await open();
    const sought = await seekMessage(session, lineUuid(1), { ...reads, places }, neverCancelled);
    expect(sought).toMatchObject({ message: null, isReadable: true });
    expect(sought.why?.what).toContain('too far back');
    expect(session.transcript.messages).toHaveLength(pageSize);
  });
});
