import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { codeServerFolders } from '../../scripts/editor/codeServer.js';
import { errorCode } from '../../scripts/tools/toolError.js';
import { isObject, parseJson } from '../../src/base/json.js';

/** What the companion extension saw while Arbor was activated. */
export interface ActivationReport {
  /** Whether Arbor was active already, which makes the rest worthless. */
  readonly wasActive: boolean;
  /** The files that were loaded, relative to the extension's folder. */
  readonly files: readonly string[];
  /** Node's own modules that nobody had loaded before. */
  readonly builtIn: readonly string[];
}

const folderName = 'arbor-bench.bench-companion-0.0.1';
const reportMs = 20_000;

/**
 * Puts the benchmark's companion extension beside Arbor; windows that are opened from then on have it.
 * @param root the editor's folder, see `Editor.root`
 * @throws Error when the editor's list of extensions is not as expected
 */
export async function installCompanion(root: string): Promise<void> {
  const { extensions } = codeServerFolders(root);
  await cp(path.join(import.meta.dirname, 'companionExtension'), path.join(extensions, folderName), {
    recursive: true,
  });
  const list = path.join(extensions, 'extensions.json');
  const installed = parseJson(await readFile(list, 'utf8'));
  if (!Array.isArray(installed)) throw new Error(`${list} is no list`);
  const others: readonly unknown[] = installed;
  const entry = {
    identifier: { id: 'arbor-bench.bench-companion' },
    version: '0.0.1',
    location: { $mid: 1, path: path.join(extensions, folderName), scheme: 'file' },
    relativeLocation: folderName,
  };
  await writeFile(list, JSON.stringify([...others, entry]));
}

/**
 * Waits for the report of the command `Arbor Bench: Activate Arbor` and takes it away.
 * @param root the editor's folder
 * @throws Error when there is none in time, or it is none
 */
export async function takeActivationReport(root: string): Promise<ActivationReport> {
  const file = path.join(codeServerFolders(root).extensions, folderName, 'report.json');
  const end = Date.now() + reportMs;
  while (Date.now() < end) {
    try {
      const report = readReport(parseJson(await readFile(file, 'utf8')));
      await rm(file);
      return report;
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
    await delay(50);
  }
  throw new Error('The companion extension reported nothing');
}

function readReport(value: unknown): ActivationReport {
  const texts = (list: unknown): string[] =>
    Array.isArray(list) ? list.filter((each: unknown) => typeof each === 'string') : [];
  if (!isObject(value)) throw new Error('The companion extension reported something else');
  return { wasActive: value['wasActive'] === true, files: texts(value['files']), builtIn: texts(value['builtIn']) };
}
