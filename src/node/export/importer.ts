import { link, mkdir, open, readdir, realpath, rename, rm, stat, unlink } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { ArborError } from '../../base/errors.js';
import type { JsonObject } from '../../base/json.js';
import { importedLine, inspectTranscript } from '../../core/export/importPlan.js';
import type { SessionImporter } from '../../core/export/importer.js';
import type { RawLines, RawSubagent, RawTranscript } from '../../core/export/rawTranscript.js';
import { systemErrorCode } from '../store/fileSystem.js';
import { projectFolderName } from '../transcripts/locate.js';
import { openImportFile } from './importFile.js';

/** What an importer needs. */
export interface ImporterOptions {
  /** The program's configuration folder, usually `~/.claude`, at this moment. */
  readonly configFolder: () => string;
  readonly newUuid: () => string;
  /** Whether Arbor knows a session of that id, of which there may be no transcript. */
  readonly isKnown: (sessionId: string) => boolean;
}

const bufferLength = 256 * 1024;
const uuidForm = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Puts transcripts where the program finds them, so that it can go on with them. */
export function createImporter(options: ImporterOptions): SessionImporter {
  return {
    async import(file, folder) {
      try {
        return await importFile(options, file, folder);
      } catch (error) {
        const code = systemErrorCode(error);
        if (error instanceof ArborError || code === '') throw error;
        throw importFailed(code, error);
      }
    },
  };
}

async function importFile(
  options: ImporterOptions,
  file: string,
  folder: string,
): ReturnType<SessionImporter['import']> {
  const { transcript, session } = await openImportFile(file);
  const facts = await inspectTranscript(transcript.lines);
  const projects = join(options.configFolder(), 'projects');
  const target = join(projects, projectFolderName(await realpath(folder).catch(() => resolve(folder))));
  const named = basename(file)
    .replace(/\.jsonl$/i, '')
    .toLowerCase();
  const own = session?.id.toLowerCase() ?? facts.id ?? (uuidForm.test(named) ? named : null);
  const isFree = own !== null && !options.isKnown(own) && !(await isTaken(projects, own));
  const sessionId = isFree ? own : options.newUuid();
  await mkdir(target, { recursive: true, mode: 0o700 });
  const subagentsSkipped = await place(target, sessionId, transcript, options.newUuid());
  return {
    sessionId,
    folder,
    name: session?.name ?? '',
    messages: facts.messages,
    skipped: facts.skipped + subagentsSkipped,
    hasNewId: !isFree,
  };
}

/** Whether any project folder has a transcript of that id, or what belongs to one. */
async function isTaken(projects: string, sessionId: string): Promise<boolean> {
  const folders = await readdir(projects).catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw error;
  });
  for (const name of folders) {
    if (await exists(join(projects, name, `${sessionId}.jsonl`))) return true;
    if (await exists(join(projects, name, sessionId))) return true;
  }
  return false;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error))) return false;
    throw error;
  }
}

/**
 * Writes everything under names that the program does not look at, then gives the subagents and at last the transcript
 * their own. @returns how many of the subagents' lines could not be read
 */
async function place(folder: string, sessionId: string, transcript: RawTranscript, unique: string): Promise<number> {
  const partial = join(folder, `.${unique}.partial`);
  const partialFolder = join(folder, `.${unique}.partial-subagents`);
  const own = join(folder, sessionId);
  let hasFolder = false;
  try {
    await writeLines(partial, transcript.lines, sessionId);
    const skipped = await writeSubagents(join(partialFolder, 'subagents'), transcript.subagents, sessionId);
    if (transcript.subagents.length > 0) {
      await rename(partialFolder, own);
      hasFolder = true;
    }
    await giveName(partial, `${own}.jsonl`);
    return skipped;
  } catch (error) {
    if (hasFolder) await rm(own, { recursive: true, force: true });
    throw error;
  } finally {
    await rm(partial, { force: true });
    await rm(partialFolder, { recursive: true, force: true });
  }
}

async function writeSubagents(folder: string, subagents: readonly RawSubagent[], sessionId: string): Promise<number> {
  let skipped = 0;
  if (subagents.length > 0) await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const { name, meta, lines } of subagents) {
    skipped += await writeLines(join(folder, `${name}.jsonl`), lines, sessionId);
    if (meta) await writeMeta(join(folder, `${name}.meta.json`), meta);
  }
  return skipped;
}

/** @returns how many lines could not be read */
async function writeLines(path: string, lines: RawLines, sessionId: string): Promise<number> {
  let skipped = 0;
  let waiting = '';
  const file = await open(path, 'wx', 0o600);
  try {
    const read = lines.read(() => {
      skipped += 1;
    });
    for await (const line of read) {
      waiting += `${importedLine(line, sessionId)}\n`;
      if (waiting.length < bufferLength) continue;
      await file.writeFile(waiting);
      waiting = '';
    }
    await file.writeFile(waiting);
    await file.sync();
    return skipped;
  } finally {
    await file.close();
  }
}

async function writeMeta(path: string, meta: JsonObject): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(JSON.stringify(meta));
  } finally {
    await file.close();
  }
}

/** Gives a file its name, at once and whole, unless something has that name. Renaming would replace what is there. */
async function giveName(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(systemErrorCode(error))) throw error;
    // A disk without links: the name is taken first, so that it cannot be anybody else's.
    await (await open(to, 'wx', 0o600)).close();
    await rename(from, to);
    return;
  }
  await unlink(from);
}

function importFailed(code: string, cause: unknown): ArborError {
  return new ArborError(
    {
      code: 'importFailed',
      what: `The session could not be imported (${code}).`,
      kept: 'No session was changed, and nothing half-done was left.',
      next: code === 'ENOSPC' ? 'Make room on the disk, then try again.' : 'See the log for the cause.',
      actions: ['showLog'],
    },
    cause,
  );
}
