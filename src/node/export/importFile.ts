import { open, readFile, stat } from 'node:fs/promises';
import * as v from 'valibot';
import { ArborError } from '../../base/errors.js';
import { isObject, parseJson, type JsonObject } from '../../base/json.js';
import type { RawLines, RawTranscript } from '../../core/export/rawTranscript.js';
import {
  sessionExportFormat,
  sessionExportSchema,
  sessionExportVersion,
  type SessionExport,
} from '../../protocol/export/sessionExport.js';
import { fileTranscript } from './rawTranscript.js';

/** A file that is to be imported, as what it turned out to be. */
export interface ImportFile {
  readonly transcript: RawTranscript;
  /** The id and name that an export of ours gives the session; null for a transcript. */
  readonly session: SessionExport['session'] | null;
}

/** Largest export that is read; it is parsed as one. A transcript may have any size. */
const largestExport = 256 * 1024 * 1024;

/**
 * Finds out what a file is: an export of ours begins with its format's name, everything else is taken as a transcript.
 * @param path absolute path
 * @throws ArborError `importFailed` when it is an export that cannot be read; the file system's error
 */
export async function openImportFile(path: string): Promise<ImportFile> {
  if (!(await isExport(path))) return { transcript: await fileTranscript(path), session: null };
  if ((await stat(path)).size > largestExport) {
    throw bad('This export is too large to be read at once.', 'Import the transcript itself (.jsonl) instead.');
  }
  const value = parseJson(await readFile(path, 'utf8'));
  if (isObject(value) && typeof value['version'] === 'number' && value['version'] > sessionExportVersion) {
    throw bad('This export was written by a newer release of Arbor.', 'Update Arbor, then import it again.');
  }
  const parsed = v.safeParse(sessionExportSchema, value);
  if (!parsed.success) {
    throw bad(
      'This export is damaged: it is not what Arbor writes.',
      'Export the session again, or import its transcript (.jsonl).',
      v.getDotPath(parsed.issues[0]) ?? 'no JSON',
    );
  }
  const { session, lines, subagents } = parsed.output;
  return {
    session,
    transcript: {
      lines: heldLines(lines),
      subagents: subagents.map(({ name, meta, lines: own }) => ({ name, meta, lines: heldLines(own) })),
    },
  };
}

async function isExport(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const head = Buffer.alloc(1024);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    return new RegExp(String.raw`^\s*\{\s*"format"\s*:\s*"${sessionExportFormat}"`).test(
      head.toString('utf8', 0, bytesRead),
    );
  } finally {
    await file.close();
  }
}

function heldLines(lines: readonly JsonObject[]): RawLines {
  return {
    read: () => ({
      [Symbol.asyncIterator]() {
        let next = 0;
        return {
          next: () => {
            const value = lines[next];
            next += 1;
            return Promise.resolve(
              value === undefined
                ? { done: true as const, value: undefined }
                : { done: false as const, value: { text: JSON.stringify(value), value } },
            );
          },
        };
      },
    }),
  };
}

function bad(what: string, next: string, detail?: string): ArborError {
  const kept = 'Nothing was imported, and no session was changed.';
  return new ArborError({ code: 'importFailed', what, kept, next, ...(detail === undefined ? {} : { detail }) });
}
