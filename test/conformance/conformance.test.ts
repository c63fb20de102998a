import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claudeProgram } from '../../scripts/tools/claude.js';
import { claudeVersion, oldClaudeVersion } from '../../scripts/tools/pins.js';
import { lineProgress } from '../../scripts/tools/progress.js';
import { clientDriver } from './clientDriver.js';
import type { Conversation } from './conversation.js';
import { conversations } from './conversations.js';
import type { Driver } from './driver.js';
import { Performances } from './performances.js';
import { mapTexts, shorten } from './recorder.js';
import { sdkDriver } from './sdkDriver.js';
import type { ConversationRecord } from './stage.js';

/*
 * Every conversation is played against the real program, through our client over a pseudo-terminal and over pipes, and
 * through the Agent SDK. Each must come out as the conversation says, and ours must be the same as the Agent SDK's.
 */

const releases = [claudeVersion, oldClaudeVersion];
// A pseudo-terminal carries the program on POSIX systems only.
const ours: readonly Driver[] = [...(process.platform === 'win32' ? [] : [clientDriver('pty')]), clientDriver('pipe')];
const installing = 300_000;
const playing = 180_000;

let performances: Performances | undefined;

beforeAll(async () => {
  const programs = new Map<string, string>();
  for (const release of releases) programs.set(release, await claudeProgram(lineProgress(), release));
  performances = new Performances(programs, [sdkDriver, ...ours], conversations);
}, installing);

afterAll(async () => {
  await performances?.finished();
}, playing);

async function recordOf(release: string, driver: Driver, id: string): Promise<ConversationRecord> {
  if (performances === undefined) throw new Error('Nothing was played.');
  return performances.record(release, driver, id);
}

/** Holds a record against what the conversation itself says. */
function check(conversation: Conversation, record: ConversationRecord, driver: Driver): void {
  const expected = conversation.expected.map((turn) => mapTexts({ ...turn, failure: undefined }, shorten));
  expect(record.turns, driver.name).toMatchObject(expected);
  const { modelSaw, modelKnew, files, transcripts } = conversation;
  if (modelSaw !== undefined) expect(record.modelSaw, driver.name).toEqual(mapTexts(modelSaw, shorten));
  if (modelKnew !== undefined) expect(record.modelKnew, driver.name).toEqual(modelKnew);
  if (files !== undefined) expect(record.files, driver.name).toEqual(files);
  if (transcripts !== undefined) expect(record.transcripts, driver.name).toBe(transcripts);
  expect(record.parentUnchanged, driver.name).toBe(true);
}

describe.each(releases)('conformance with claude %s', (release) => {
  for (const conversation of conversations) {
    it(
      conversation.title,
      async () => {
        const reference = await recordOf(release, sdkDriver, conversation.id);
        check(conversation, reference, sdkDriver);
        for (const driver of ours) {
          const record = await recordOf(release, driver, conversation.id);
          check(conversation, record, driver);
          const { failures, ...comparable } = record;
          expect(comparable, `${driver.name} against the Agent SDK`).toEqual({ ...reference, failures: undefined });
          expect(failures, driver.name).toEqual(conversation.expected.map(({ failure }) => failure));
        }
      },
      playing,
    );
  }
});
