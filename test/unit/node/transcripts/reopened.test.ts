import { randomUUID } from 'node:crypto';
import { mkdirSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { sessionSnapshot } from '../../../../src/core/chat/snapshot.js';
import { readSession, type Reopening } from '../../../../src/core/session/reopening.js';
import { nodeFileSystem } from '../../../../src/node/store/fileSystem.js';
import { FileJournal } from '../../../../src/node/store/journal.js';
import { projectFolderName } from '../../../../src/node/transcripts/locate.js';
import { createTranscripts } from '../../../../src/node/transcripts/transcripts.js';
import type { SessionEvent } from '../../../../src/protocol/session/events.js';
import { newSessionRecord, type SessionRecord } from '../../../../src/protocol/state/workspaceState.js';
import { ManualClock } from '../../../support/fakes/manualClock.js';
import { RecordingLogger } from '../../../support/fakes/recordingLogger.js';
import { lineUuid, transcriptLines } from '../../../support/writtenTranscript.js';
import { stage } from '../../core/session/stage.js';
import { temporaryFolder } from '../store/storeParts.js';

const id = randomUUID();
let root: string;
let folder: string;
let record: SessionRecord;
let clock: ManualClock;
let journal: FileJournal;

beforeEach(() => {
  const temporary = temporaryFolder();
  onTestFinished(() => {
    temporary.dispose();
  });
  root = temporary.path;
  folder = join(root, 'work');
  mkdirSync(folder);
  clock = new ManualClock();
  journal = new FileJournal(join(root, 'storage'), nodeFileSystem, clock);
  record = { ...newSessionRecord({ id, folder, at: 0 }), head: 'used' };
});

function pathOf(cwd = folder): string {
  return join(root, 'config', 'projects', projectFolderName(cwd), `${id}.jsonl`);
}

/** Puts a transcript where the program would. @returns its path */
function put(lines: readonly string[], cwd = folder): string {
  const path = pathOf(cwd);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, lines.join(''));
  return path;
}

async function reopen(): Promise<Reopening> {
  const transcripts = createTranscripts({
    environment: () => ({ CLAUDE_CONFIG_DIR: join(root, 'config') }),
    home: root,
  });
  const logger = new RecordingLogger();
  const reopening = await readSession(record, { transcripts, journal, logger });
  expect(logger.errors).toEqual([]);
  return reopening;
}

function prompts({ page }: Reopening): readonly string[] {
  return page.events.flatMap((event) => (event.kind === 'start' && event.prompt ? [event.prompt.text] : []));
}

const shape = { turns: 3, textLength: 50, resultLength: 9, tools: 0 };

describe('A session over a real transcript', () => {
  it('S6 with a line of 40 MB is opened, and the view gets no more than it can show', async () => {
    put([...transcriptLines({ ...shape, turns: 1, textLength: 40_000_000 })]);
    const { page, problems } = await reopen();
    expect(problems).toEqual([]);
    const { session } = stage();
    session.restore(page);
    const snapshot = sessionSnapshot(
      session,
      { name: 'work', path: folder, branch: null, worktree: null },
      () => undefined,
    );
    expect(snapshot.transcript.messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
    const sent = JSON.stringify(snapshot);
    expect(sent.length).toBeLessThan(1_500_000);
    expect(sent).toContain('more characters are in the transcript');
    // The host has all of it, such as for an export.
    expect(JSON.stringify(session.transcript.messages[1]).length).toBeGreaterThan(40_000_000);
  }, 60_000);

  it('S6 whose parents run in a circle is opened with what there is, once', async () => {
    const lines = [...transcriptLines(shape)];
    put([(lines[0] ?? '').replace('"parentUuid":null', `"parentUuid":"${lineUuid(4)}"`), ...lines.slice(1)]);
    expect(prompts(await reopen())).toEqual(['Question 1', 'Question 2', 'Question 3']);
  });

  it('S6 of which a parent is missing goes on with the line before', async () => {
    const lines = [...transcriptLines(shape)];
    put([...lines.slice(0, 2), ...lines.slice(3)]);
    expect(prompts(await reopen())).toEqual(['Question 1', 'Question 3']);
  });

  it('S3 is the one of its folder where there are two of one id, else the one that was changed last', async () => {
    const [one, two, own] = ['1', '2', '3'].map((name) =>
      [...transcriptLines(shape)].map((line) => line.replaceAll('Question ', `Question of ${name}: `)),
    );
    utimesSync(put(one ?? [], join(root, 'tree1')), 2000, 2000);
    utimesSync(put(two ?? [], join(root, 'tree2')), 1000, 1000);
    expect(prompts(await reopen())[0]).toBe('Question of 1: 1');
    utimesSync(pathOf(join(root, 'tree2')), 3000, 3000);
    expect(prompts(await reopen())[0]).toBe('Question of 2: 1');
    utimesSync(put(own ?? []), 500, 500);
    expect(prompts(await reopen())[0]).toBe('Question of 3: 1');
  });

  it('S6 that was cut in the middle has what was lost from the journal on the disk, in its place', async () => {
    const lines = [...transcriptLines(shape)];
    const path = put(lines);
    const events = (await reopen()).page.events;
    await journal.append(id, 0, events.map(alive));
    await journal.settled();
    // As the program leaves it that goes on after the cut: the second half of the second turn's line is gone.
    truncateSync(path, Buffer.byteLength(lines.slice(0, 2).join('')) + 40);
    writeFileSync(path, `\n${lines.slice(4).join('')}`, { flag: 'a' });
    const opened = await reopen();
    expect(prompts(opened)).toEqual(['Question 1', 'Question 2', 'Question 3']);
    expect(opened.problems.map(({ code }) => code)).toEqual(['stateUnreadable', 'transcriptMissing']);
  });

  it('S6 T1 keeps its order and its numbers in the journal when the clock is set back', async () => {
    put([...transcriptLines(shape)]);
    const { page } = await reopen();
    const half = Math.floor(page.events.length / 2);
    await journal.append(id, 0, page.events.slice(0, half));
    clock.advance(-86_400_000);
    await journal.append(id, half, page.events.slice(half));
    await journal.settled();
    const again = new FileJournal(join(root, 'storage'), nodeFileSystem, clock);
    expect(await again.lastSeq(id)).toBe(page.events.length - 1);
    const read = await again.read(id, 0, 1000);
    expect(read.entries.map(({ event }) => event)).toEqual(page.events);
    expect(read.entries.map(({ seq }) => seq)).toEqual(page.events.map((_, seq) => seq));
    expect(prompts(await reopen())).toEqual(['Question 1', 'Question 2', 'Question 3']);
  });
});

/** The event as the live stream has it, where a turn is named by us. */
function alive(event: SessionEvent): SessionEvent {
  return 'turn' in event ? { ...event, turn: `live ${event.turn}` } : event;
}
