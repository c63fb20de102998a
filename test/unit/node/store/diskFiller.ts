import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ArborError } from '../../../../src/base/errors.js';
import { FileJournal } from '../../../../src/node/store/journal.js';
import { WorkspaceStateStore, type StateStoreParts } from '../../../../src/node/store/stateStore.js';
import type { SessionEvent } from '../../../../src/protocol/session/events.js';
import { adding, names, sessionRecord } from './storeParts.js';

/** What became of state and journal on a disk that was full for a while. */
export interface FullDiskReport {
  readonly failure: string;
  readonly wholeWhileFull: boolean;
  readonly afterwards: readonly string[];
  readonly journalFailure: string;
  readonly journal: readonly number[];
  readonly unreadable: number;
}

const id = '0d6a3e3e-5a3b-4f5e-9d5d-6a1d0d1b7c11';
const text = 'x'.repeat(40_000);

/**
 * Fills a disk of 256 KB while state and journal are written, then makes room and goes on.
 * @param disk the disk's folder
 * @param parts what the stores work with
 */
export async function fillAndGoOn(disk: string, parts: StateStoreParts): Promise<FullDiskReport> {
  const folder = join(disk, 'storage');
  const filler = join(disk, 'filler');
  await mkdir(disk, { recursive: true });
  const store = new WorkspaceStateStore(folder, parts);
  const journal = new FileJournal(folder, parts.files, parts.clock);
  await store.update(adding(sessionRecord('first', { draft: text })));
  await journal.append(id, 0, [said('before')]);
  const whole = await parts.files.readText(join(folder, 'state.json'));
  await fill(filler, parts);

  const failure = await codeOf(store.update(adding(sessionRecord('while full', { draft: text }))));
  const wholeWhileFull = (await parts.files.readText(join(folder, 'state.json'))) === whole;
  const journalFailure = await codeOf(journal.append(id, 1, [said(text)]));

  await parts.files.remove(filler);
  await store.update(adding(sessionRecord('with room again')));
  await journal.append(id, 2, [said('after')]);
  const { state } = await new WorkspaceStateStore(folder, parts).load();
  const page = await new FileJournal(folder, parts.files, parts.clock).read(id, 0, 10);
  return {
    failure,
    wholeWhileFull,
    afterwards: names(state),
    journalFailure,
    journal: page.entries.map(({ seq }) => seq),
    unreadable: page.unreadable,
  };
}

/** Leaves less room than what is written next needs. */
async function fill(path: string, { files }: StateStoreParts): Promise<void> {
  for (let bytes = 256 * 1024; bytes > 0; bytes -= 4096) {
    try {
      await files.write(path, 'f'.repeat(bytes));
      if (bytes > 8 * 4096) {
        // One page free, so that a write begins well and then breaks off.
        await files.write(path, 'f'.repeat(bytes - 4096));
      }
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
  }
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => 'it went through',
    (thrown: unknown) => thrown,
  );
  return error instanceof ArborError ? error.code : String(error);
}

function said(words: string): SessionEvent {
  return { kind: 'text', block: { parent: null, message: 'm', index: 0 }, text: words, whole: true };
}
