import { ArborError } from '../../base/errors.js';
import type { BriefRun } from './runBriefly.js';
import { formatVersion, minimumVersion, type Version } from './version.js';

const kept = 'Your conversations are kept.';

/**
 * There is no such file.
 * @param files where it was looked
 * @param bySetting whether the settings name the file
 */
export function notFound(files: readonly string[], bySetting: boolean): ArborError {
  return new ArborError({
    code: 'programNotFound',
    what: bySetting
      ? `The setting arbor.claude.path names ${files.join(', ')}, and there is no such file.`
      : 'Claude Code was not found on this machine.',
    kept,
    next: bySetting
      ? 'Correct the setting, or empty it to look in the usual places.'
      : 'Install Claude Code, or set arbor.claude.path to where it is.',
    detail: `Looked at:\n${files.join('\n')}`,
    actions: bySetting ? ['openSettings', 'retry'] : ['installProgram', 'openSettings', 'retry'],
  });
}

/**
 * There is a file, but it cannot be run.
 * @param file its path
 * @param cause the system's error
 */
export function notExecutable(file: string, cause?: unknown): ArborError {
  return new ArborError(
    {
      code: 'programNotExecutable',
      what: `${file} cannot be run.`,
      kept,
      next: 'Make it executable, install Claude Code again, or set arbor.claude.path to another file.',
      ...(cause instanceof Error ? { detail: cause.message } : {}),
      actions: ['openSettings', 'installProgram', 'retry'],
    },
    cause,
  );
}

/**
 * The program is older than what Arbor can work with.
 * @param file its path
 * @param version its version
 */
export function tooOld(file: string, version: Version): ArborError {
  return new ArborError({
    code: 'programTooOld',
    what: `Claude Code ${formatVersion(version)} is too old; Arbor needs ${formatVersion(minimumVersion)} or newer.`,
    kept,
    next: 'Run "claude update" in a terminal, then try again.',
    detail: file,
    actions: ['installProgram', 'openSettings', 'retry'],
  });
}

/**
 * The program could not say its version.
 * @param file its path
 * @param run how `--version` went
 * @param limit how long it had, in milliseconds
 */
export function versionFailed(file: string, run: BriefRun, limit: number): ArborError {
  const detail = (run.stderr.trim() === '' ? run.stdout : run.stderr).trim().slice(-2000);
  return new ArborError(
    {
      code: 'programBroken',
      what: run.timedOut
        ? `Claude Code at ${file} did not say its version within ${Math.round(limit / 1000)} s.`
        : `Claude Code at ${file} does not work: it could not say its version.`,
      kept,
      next: 'Run "claude --version" in a terminal to see what is wrong, or install it again.',
      ...(detail === '' ? {} : { detail }),
      actions: ['installProgram', 'openSettings', 'retry'],
    },
    `--version: exit code ${run.code ?? 'none'}, signal ${run.signal ?? 'none'}`,
  );
}
