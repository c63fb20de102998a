import { tmpdir } from 'node:os';
import type { Clock } from '../../base/clock.js';
import { DisposableStore } from '../../base/disposable.js';
import { ArborError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import type { ClaudeLauncher, ClaudeProcess, LaunchOptions } from '../../core/ports.js';
import { launchArguments } from './args.js';
import { startClaudeProcess } from './claudeProcess.js';
import { programEnvironment, type EnvironmentVariables } from './environment.js';
import { checkFolder } from './folder.js';
import { defaultLimits, type ProcessLimits } from './limits.js';
import { environmentFor, ProgramLocator } from './locate.js';
import type { ProcessRecords } from './processRecords.js';
import { ProcessTree } from './processTree.js';
import { TransportChooser, type TransportSetting } from './transportChooser.js';
import { formatVersion } from './version.js';
import { Watchdog } from './watchdog.js';

/** The settings that a start follows. */
export interface LauncherSettings {
  /** `arbor.claude.path`; undefined or empty looks in the usual places. */
  readonly path: string | undefined;
  /** `arbor.claude.environment`; null or an empty string takes a variable away. */
  readonly environment: Readonly<Record<string, string | null>>;
  /** `arbor.claude.transport`. */
  readonly transport: TransportSetting;
}

/** What a launcher is made from: plain values and functions, nothing of the editor. */
export interface LauncherOptions {
  /** The settings as they are now; asked at every start. @param folder absolute path of the workspace folder */
  readonly settings: (folder: string) => LauncherSettings;
  /** Whether the workspace is trusted; asked at every start, before the settings. */
  readonly isTrusted: () => boolean;
  /** The environment that programs are started from, such as `process.env`. */
  readonly environment: EnvironmentVariables;
  /** Absolute path of the user's home folder, such as `os.homedir()`. */
  readonly home: string;
  /** The system's name, such as `process.platform`. */
  readonly platform: NodeJS.Platform;
  /** Absolute path of the folder for temporary files; by default the system's. */
  readonly temporary?: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Time and size limits that differ from `defaultLimits`. */
  readonly limits?: Partial<ProcessLimits>;
  /** Keeps records of what was started. What windows that died have left behind is ended before the first start. */
  readonly records?: ProcessRecords;
}

/** How long `claude --version` may take, in milliseconds. Normally it takes ten. */
const versionLimit = 10_000;
/** Tells one start's processes from all others. */
const markVariable = 'ARBOR_PROCESS';

/**
 * Makes a launcher. Starts may run at the same time; each has its own process and shares nothing but the memory of the program's
 * version.
 *
 * A minimal use, such as in a test:
 * ```ts
 * const launcher = createLauncher({
 *   settings: () => ({ path: '/usr/bin/claude', environment: {}, transport: 'pipe' }),
 *   isTrusted: () => true, environment, home, platform: process.platform, clock, logger,
 * });
 * const claude = await launcher.launch({ folder, sessionId: randomUUID(), start: { kind: 'new' }, persist: true });
 * ```
 * @param options what it is made from
 */
export function createLauncher(options: LauncherOptions): ProgramLauncher {
  const { platform, home, clock, logger } = options;
  const locator = new ProgramLocator({ platform, home, versionLimit, logger });
  const transports = new TransportChooser({ platform, temporary: options.temporary ?? tmpdir(), logger });
  const watchdog = new Watchdog(logger);
  const limits = { ...defaultLimits, ...options.limits };
  const { records } = options;
  let reaped: Promise<unknown> | undefined;
  const find = async (folder: string): Promise<FoundProgram> => {
    if (!options.isTrusted()) throw untrusted();
    await checkFolder(folder);
    const settings = options.settings(folder);
    const environment = programEnvironment({ base: options.environment, settings: settings.environment, platform });
    const program = await locator.locate({ setting: settings.path, environment });
    const { file, args, version } = program;
    return {
      command: { file, args, environment: environmentFor(program, environment) },
      version: formatVersion(version),
      transport: settings.transport,
    };
  };
  return {
    async launch(launch: LaunchOptions): Promise<ClaudeProcess> {
      const { command, version, transport } = await find(launch.folder);
      // A leftover may still be at the same conversation.
      await (reaped ??= records?.reap());
      // Whatever the program starts inherits this, by which it is found when the program crashed.
      const mark = `${launch.sessionId}/${clock.now()}`;
      return startClaudeProcess({
        launch,
        spec: {
          file: command.file,
          args: [...command.args, ...launchArguments(launch)],
          folder: launch.folder,
          environment: { ...command.environment, [markVariable]: mark },
        },
        open: await transports.choose(transport),
        tree: (pid) => new ProcessTree({ pid, platform, mark: `${markVariable}=${mark}` }),
        watch: (pid) => {
          const watched = new DisposableStore();
          if (platform !== 'win32') watched.add(watchdog.watch(pid));
          if (records) watched.add(records.add(pid, `${markVariable}=${mark}`));
          return watched;
        },
        version,
        limits,
        clock,
        logger,
      });
    },
    async command(folder: string): Promise<InteractiveCommand> {
      return (await find(folder)).command;
    },
  };
}

/** How to run the program's own interface in a terminal, without a shell. */
export interface InteractiveCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Starts programs, and tells how one is run by hand. */
export interface ProgramLauncher extends ClaudeLauncher {
  /**
   * The program as it would be started in a folder, for a terminal in which the user signs in.
   * @param folder absolute path
   * @throws ArborError as `launch` does
   */
  command(folder: string): Promise<InteractiveCommand>;
}

interface FoundProgram {
  readonly command: InteractiveCommand;
  readonly version: string;
  readonly transport: TransportSetting;
}

function untrusted(): ArborError {
  return new ArborError({
    code: 'workspaceUntrusted',
    what: 'Claude Code is not started, because this workspace is not trusted.',
    kept: 'Your message is kept.',
    next: 'Trust the workspace if you know where its files come from.',
    actions: ['manageTrust'],
  });
}
