import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SessionIndexChange } from '../../../../src/core/sessionIndex.js';
import { systemClock } from '../../../../src/node/systemClock.js';
import { TranscriptIndex, type TranscriptIndexOptions } from '../../../../src/node/transcriptIndex/transcriptIndex.js';
import { projectFolderName } from '../../../../src/node/transcripts/locate.js';
import { RecordingLogger } from '../../../support/fakes/recordingLogger.js';

/** The time of the first line of a transcript that a test makes. */
export const firstTime = Date.parse('2026-11-21T08:00:00.000Z');

/** What a transcript that a test makes is like. */
export interface Made {
  readonly id?: string;
  readonly cwd: string;
  readonly prompts?: readonly string[];
  /** Minutes after `firstTime` at which it begins. */
  readonly minute?: number;
  readonly branch?: string;
  readonly origin?: string;
}

/** Lines as the program writes them (2.1.329), with the members that matter, a minute apart. */
export function transcriptLines(made: Made): string[] {
  const { cwd, minute = 0, branch = 'main', prompts = ['Hello\nsecond line'] } = made;
  const sessionId = made.id ?? '';
  let parentUuid: string | null = null;
  let time = firstTime + minute * 60_000;
  const line = (type: string, message: object, uuid: string): string => {
    const timestamp = new Date(time).toISOString();
    const text = { parentUuid, isSidechain: false, type, message, uuid, timestamp, cwd, sessionId, gitBranch: branch };
    parentUuid = uuid;
    time += 60_000;
    return JSON.stringify(text);
  };
  return prompts.flatMap((content, index) => [
    line('user', { role: 'user', content }, (index === 0 ? made.origin : undefined) ?? randomUUID()),
    line('assistant', { role: 'assistant', content: [{ type: 'text', text: 'Well.' }] }, randomUUID()),
  ]);
}

/** Folders for a configuration, a workspace and a store, and indexes over them. */
export class IndexStage {
  readonly root = mkdtempSync(join(realpathSync(tmpdir()), 'arbor-index-'));
  readonly config = join(this.root, 'config');
  readonly projects = join(this.config, 'projects');
  readonly storage = join(this.root, 'storage');
  readonly workspace = this.folder('work');
  readonly logger = new RecordingLogger();
  readonly changes: SessionIndexChange[] = [];
  readonly #indexes: TranscriptIndex[] = [];

  /** Makes a folder below the root. */
  folder(name: string): string {
    const path = join(this.root, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** An index that is not started yet. */
  index(options: Partial<TranscriptIndexOptions> = {}): TranscriptIndex {
    const index = new TranscriptIndex({
      configFolder: () => this.config,
      storage: this.storage,
      clock: systemClock,
      logger: this.logger,
      newUuid: randomUUID,
      ...options,
    });
    this.#indexes.push(index);
    index.onChange((change) => this.changes.push(change));
    return index;
  }

  /** An index over the workspace, or other folders, that has read everything. */
  async started(options: Partial<TranscriptIndexOptions> = {}, folders = [this.workspace]): Promise<TranscriptIndex> {
    const index = this.index(options);
    index.setFolders(folders);
    index.start();
    await index.settled();
    return index;
  }

  /** Where the program keeps a session that ran there. */
  path(cwd: string, id: string): string {
    return join(this.projects, projectFolderName(cwd), `${id}.jsonl`);
  }

  /** Puts a transcript where the program would. @returns its path */
  put(made: Made & { readonly id: string }, more: readonly string[] = []): string {
    return this.write(this.path(made.cwd, made.id), [...transcriptLines(made), ...more]);
  }

  /** Writes a file of lines. */
  write(path: string, lines: readonly string[]): string {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
    return path;
  }

  dispose(): void {
    for (const index of this.#indexes) index.dispose();
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** The next change of an index that holds for a condition, or the present state if it holds already. */
export function until(index: TranscriptIndex, holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    if (holds()) {
      resolve();
      return;
    }
    const listening = index.onChange(() => {
      if (!holds()) return;
      listening.dispose();
      resolve();
    });
  });
}
