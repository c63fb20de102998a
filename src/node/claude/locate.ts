import { constants, type Stats } from 'node:fs';
import { access, open, readdir, realpath, stat } from 'node:fs/promises';
import { posix, win32 } from 'node:path';
import { ArborError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import { candidateFiles } from './candidates.js';
import type { EnvironmentVariables } from './environment.js';
import { errnoCode, spawnFailed } from './failures.js';
import { notExecutable, notFound, tooOld, versionFailed } from './locateFailures.js';
import type { LocatedProgram, ProgramCommand } from './program.js';
import { runBriefly, type BriefRun } from './runBriefly.js';
import { headLength, resolveCommandShim, resolvedFile } from './shim.js';
import { isOlder, minimumVersion, parseVersion, type Version } from './version.js';

/** Where and for whom to look. */
export interface LocateOptions {
  /** The path from the settings; undefined or empty looks in the usual places. */
  readonly setting: string | undefined;
  /** The environment in which the program will run; complete. */
  readonly environment: EnvironmentVariables;
}

/** What a locator needs from the machine. */
export interface LocatorOptions {
  readonly platform: NodeJS.Platform;
  /** Absolute path of the user's home folder. */
  readonly home: string;
  /** How long `--version` may take, in milliseconds. */
  readonly versionLimit: number;
  readonly logger: Logger;
}

/** Finds the program. It remembers the version of every file it asked, so that one start asks at most once. */
export class ProgramLocator {
  readonly #options: LocatorOptions;
  /** By path, modification time and size. */
  readonly #versions = new Map<string, Promise<Version>>();

  /** @param options what it needs from the machine */
  constructor(options: LocatorOptions) {
    this.#options = options;
  }

  /**
   * Finds the program: at the path from the settings and nowhere else, or in the usual places, where the first one that works
   * is taken.
   * @throws ArborError `programNotFound`, `programNotExecutable`, `programTooOld` or `programBroken`
   */
  async locate(options: LocateOptions): Promise<LocatedProgram> {
    const { setting } = options;
    if (setting !== undefined && setting.trim() !== '')
      return this.#check(this.#absolute(setting.trim()), options, true);
    const files = await candidateFiles({
      platform: this.#options.platform,
      home: this.#options.home,
      environment: options.environment,
      list: namesIn,
    });
    let first: ArborError | undefined;
    for (const file of files) {
      try {
        return await this.#check(file, options, false);
      } catch (error) {
        if (!(error instanceof ArborError)) throw error;
        if (error.code === 'programNotFound') continue;
        this.#options.logger.warn(`Passed over ${file}: ${error.code}`);
        first ??= error;
      }
    }
    throw first ?? notFound(files, false);
  }

  #absolute(setting: string): string {
    const { home, platform } = this.#options;
    const paths = platform === 'win32' ? win32 : posix;
    const file = /^~[\\/]/.test(setting) ? paths.join(home, setting.slice(2)) : setting;
    if (!paths.isAbsolute(file)) throw notFound([file], true);
    return file;
  }

  async #check(found: string, options: LocateOptions, bySetting: boolean): Promise<LocatedProgram> {
    let stats: Stats;
    let real: string;
    try {
      real = await realpath(found);
      stats = await stat(real);
    } catch (error) {
      const code = errnoCode(error);
      if (code === 'EACCES' || code === 'EPERM') throw notExecutable(found, error);
      throw notFound([found], bySetting);
    }
    if (!stats.isFile()) throw bySetting ? notExecutable(found) : notFound([found], false);
    const command = await this.#command(found, real, options);
    const version = await this.#version(command, stats, options);
    if (isOlder(version, minimumVersion)) throw tooOld(found, version);
    return { ...command, version };
  }

  async #command(found: string, real: string, options: LocateOptions): Promise<ProgramCommand> {
    if (this.#options.platform === 'win32') {
      if (!/\.(cmd|bat)$/i.test(found)) return { file: real, args: [] };
      const shim = await resolveCommandShim(found, await headOf(found), isFile, options);
      if (shim === undefined) throw notExecutable(found);
      return shim;
    }
    try {
      await access(real, constants.X_OK);
    } catch (error) {
      throw notExecutable(found, error);
    }
    const isScript = (await headOf(real)).startsWith('#!');
    const file = resolvedFile(found, real);
    return isScript ? { file, args: [], pathFolder: posix.dirname(found) } : { file, args: [] };
  }

  #version(command: ProgramCommand, stats: Stats, options: LocateOptions): Promise<Version> {
    const key = [command.file, ...command.args, stats.mtimeMs, stats.size].join('\n');
    let version = this.#versions.get(key);
    if (version === undefined) {
      version = askVersion(command, options.environment, this.#options);
      this.#versions.set(key, version);
      // A failure may pass, such as a full disk; it is asked again the next time.
      version.catch(() => this.#versions.delete(key));
    }
    return version;
  }
}

/**
 * The environment to run a command in: with the folder that its interpreter may be in at the end of PATH.
 * @param command what is run
 * @param environment the complete environment otherwise
 */
export function environmentFor(
  command: ProgramCommand,
  environment: EnvironmentVariables,
): Readonly<Record<string, string>> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) if (value !== undefined) result[name] = value;
  if (command.pathFolder !== undefined) {
    const path = result['PATH'] ?? '';
    result['PATH'] = path === '' ? command.pathFolder : `${path}:${command.pathFolder}`;
  }
  return result;
}

async function askVersion(
  command: ProgramCommand,
  environment: EnvironmentVariables,
  { versionLimit }: LocatorOptions,
): Promise<Version> {
  let run: BriefRun;
  try {
    run = await runBriefly(command, ['--version'], environmentFor(command, environment), versionLimit);
  } catch (error) {
    throw spawnFailed(command.file, error);
  }
  const version = run.code === 0 ? parseVersion(run.stdout) : undefined;
  if (version === undefined) throw versionFailed(command.file, run, versionLimit);
  return version;
}

async function headOf(file: string): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headLength), 0, headLength, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function isFile(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch {
    // Not there, or not for us to see: either way it cannot be run.
    return false;
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    // Most of the usual places do not exist on most machines.
    return [];
  }
}
