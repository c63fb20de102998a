import { homedir } from 'node:os';
import type { EnvironmentVariables } from './claude/environment.js';

/** What Arbor knows of the machine it runs on. Read here and handed on as parameters. */
export interface HostMachine {
  readonly environment: EnvironmentVariables;
  /** Absolute path of the user's home folder. */
  readonly home: string;
  readonly platform: NodeJS.Platform;
  /** The processor, as Node names it. */
  readonly arch: string;
}

/** The machine and environment of the extension host. */
export function hostMachine(): HostMachine {
  return { environment: process.env, home: homedir(), platform: process.platform, arch: process.arch };
}
