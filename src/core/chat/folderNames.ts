/** A folder as it is called and where it is. */
export interface NamedFolder {
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
}

/**
 * Names for folders by which they can be told apart: those that share a name get as much of their path as it takes, such as
 * `api (one)` and `api (two)`.
 * @param folders the folders, each path once
 * @returns the names by path
 */
export function folderNames(folders: readonly NamedFolder[]): ReadonlyMap<string, string> {
  return new Map(
    folders.map((folder) => {
      const others = folders.filter((other) => other !== folder && other.name === folder.name);
      return [folder.path, others.length === 0 ? folder.name : `${folder.name} (${distinction(folder, others)})`];
    }),
  );
}

/** The shortest end of the path of the folder around it that none of the others has; all of its own path where each has one. */
function distinction({ path }: NamedFolder, others: readonly NamedFolder[]): string {
  const parts = partsAround(path);
  const theirs = others.map((other) => partsAround(other.path));
  for (let length = 1; length <= parts.length; length += 1) {
    const end = parts.slice(-length).join('/');
    if (theirs.every((other) => other.slice(-length).join('/') !== end)) return end;
  }
  return path;
}

function partsAround(path: string): readonly string[] {
  return path
    .split(/[\\/]/)
    .filter((part) => part !== '')
    .slice(0, -1);
}
