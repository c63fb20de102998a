import { posix, win32 } from 'node:path';
import type { EnvironmentVariables } from './environment.js';

/** The machine to look at; parameters, so that tests can give another one. */
export interface Machine {
  /** The system's name, as in `process.platform`. */
  readonly platform: NodeJS.Platform;
  /** Absolute path of the user's home folder. */
  readonly home: string;
  /** The environment in which the program will run. */
  readonly environment: EnvironmentVariables;
  /** Names in a folder; empty when there is no such folder. */
  readonly list: (folder: string) => Promise<readonly string[]>;
}

/**
 * Where the program is usually installed, the best guess first: its native installer, npm and other package managers,
 * Homebrew, then the folders of PATH.
 * @param machine where to look
 * @returns absolute paths of files that may exist, each once
 */
export async function candidateFiles(machine: Machine): Promise<readonly string[]> {
  const files = machine.platform === 'win32' ? windowsFiles(machine) : await posixFiles(machine);
  return [...new Set(files)];
}

async function posixFiles(machine: Machine): Promise<string[]> {
  const { home, environment, platform } = machine;
  const join = (...parts: readonly string[]): string => posix.join(...parts);
  const nvm = join(environment['NVM_DIR'] ?? join(home, '.nvm'), 'versions', 'node');
  const folders = [
    // Its native installer.
    join(home, '.local', 'bin'),
    join(home, '.claude', 'local'),
    join(home, '.claude', 'local', 'node_modules', '.bin'),
    // npm, with and without a version manager.
    ...within(environment['NPM_CONFIG_PREFIX'] ?? environment['npm_config_prefix'], 'bin'),
    join(home, '.npm-global', 'bin'),
    ...within(environment['NVM_BIN']),
    ...(await machine.list(nvm)).toSorted(newestFirst).map((version) => join(nvm, version, 'bin')),
    ...within(environment['FNM_MULTISHELL_PATH'], 'bin'),
    join(environment['VOLTA_HOME'] ?? join(home, '.volta'), 'bin'),
    join(home, '.local', 'share', 'mise', 'shims'),
    join(home, '.asdf', 'shims'),
    // Other package managers.
    join(environment['BUN_INSTALL'] ?? join(home, '.bun'), 'bin'),
    ...within(environment['PNPM_HOME']),
    join(home, ...(platform === 'darwin' ? ['Library', 'pnpm'] : ['.local', 'share', 'pnpm'])),
    join(home, '.yarn', 'bin'),
    ...(platform === 'darwin' ? ['/opt/homebrew/bin'] : ['/home/linuxbrew/.linuxbrew/bin']),
    '/usr/local/bin',
    join(home, '.nix-profile', 'bin'),
    ...(environment['PATH'] ?? '').split(':'),
  ];
  // A relative folder in PATH would be looked up in whatever folder the editor happens to run in.
  return folders.filter((folder) => posix.isAbsolute(folder)).map((folder) => join(folder, 'claude'));
}

function windowsFiles({ home, environment }: Machine): string[] {
  const join = (...parts: readonly string[]): string => win32.join(...parts);
  const variable = (name: string): string | undefined =>
    Object.entries(environment).find(([key]) => key.toUpperCase() === name)?.[1];
  const local = variable('LOCALAPPDATA') ?? join(home, 'AppData', 'Local');
  const folders = [
    join(home, '.local', 'bin'),
    join(home, '.claude', 'local'),
    ...withinWindows(variable('NPM_CONFIG_PREFIX')),
    join(variable('APPDATA') ?? join(home, 'AppData', 'Roaming'), 'npm'),
    ...withinWindows(variable('NVM_SYMLINK')),
    join(local, 'Volta', 'bin'),
    join(variable('BUN_INSTALL') ?? join(home, '.bun'), 'bin'),
    variable('PNPM_HOME') ?? join(local, 'pnpm'),
    join(local, 'Microsoft', 'WinGet', 'Links'),
    join(home, 'scoop', 'shims'),
    ...(variable('PATH') ?? '').split(';').map((folder) => folder.replaceAll('"', '')),
  ];
  return folders
    .filter((folder) => win32.isAbsolute(folder))
    .flatMap((folder) => [join(folder, 'claude.exe'), join(folder, 'claude.cmd')]);
}

function within(folder: string | undefined, ...rest: readonly string[]): string[] {
  return folder === undefined || folder === '' ? [] : [posix.join(folder, ...rest)];
}

function withinWindows(folder: string | undefined): string[] {
  return folder === undefined || folder === '' ? [] : [folder];
}

function newestFirst(a: string, b: string): number {
  return b.localeCompare(a, 'en', { numeric: true });
}
