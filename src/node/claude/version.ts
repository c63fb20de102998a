/** A program's version: major, minor, patch. */
export type Version = readonly [number, number, number];

/** The oldest version that the conformance suite passes with. */
export const minimumVersion: Version = [2, 1, 200];

/**
 * Reads what `claude --version` prints, such as `2.1.329 (Claude Code)`.
 * @returns undefined when there is no version in it
 */
export function parseVersion(text: string): Version | undefined {
  const match = /(?:^|\s)v?(\d+)\.(\d+)\.(\d+)/.exec(text);
  const [, major, minor, patch] = match ?? [];
  return patch === undefined ? undefined : [Number(major), Number(minor), Number(patch)];
}

/** Whether the first version is the older one. */
export function isOlder(version: Version, than: Version): boolean {
  for (const [index, part] of version.entries()) {
    const other = than[index] ?? 0;
    if (part !== other) return part < other;
  }
  return false;
}

/** The version as people write it. */
export function formatVersion(version: Version): string {
  return version.join('.');
}
