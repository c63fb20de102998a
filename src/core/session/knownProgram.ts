import type { ProgramInfo } from '../ports.js';
import type { Session } from './session.js';
import type { SparePool } from './sparePool.js';

/**
 * What the program says of itself, such as its models, from wherever it runs or ran.
 * @param folder absolute path; a program that was started there comes first, since folders can have settings of their own
 * @returns null where none was started yet
 */
export function knownProgram(
  sessions: readonly Pick<Session, 'record' | 'program'>[],
  spares: Pick<SparePool, 'program'>,
  folder: string,
): ProgramInfo | null {
  const newest = sessions.toSorted((a, b) => b.record.activeAt - a.record.activeAt);
  const own = newest.filter(({ record }) => record.folder === folder);
  const programs = [
    ...own.map(({ program }) => program),
    spares.program(folder),
    ...newest.map(({ program }) => program),
  ];
  return programs.find((program) => program !== null) ?? null;
}
