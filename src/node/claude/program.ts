import type { Version } from './version.js';

/** How to start the program without a shell. */
export interface ProgramCommand {
  /** Absolute path of the file to run. */
  readonly file: string;
  /** Arguments that come before all others, such as the script that an interpreter runs. */
  readonly args: readonly string[];
  /** A folder to add to the end of PATH: a script's interpreter is often installed beside it. */
  readonly pathFolder?: string;
}

/** A program that was found and says which version it is. */
export interface LocatedProgram extends ProgramCommand {
  readonly version: Version;
}
