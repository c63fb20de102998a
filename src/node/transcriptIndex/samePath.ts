import { projectFolderName } from '../transcripts/locate.js';

/** How the platform compares paths: by default both Windows and macOS take upper and lower case for the same. */
export interface PathRules {
  readonly platform: NodeJS.Platform;
}

/**
 * A path in the form in which two spellings of one folder are equal: case and drive letter where the platform does not
 * tell them apart, both kinds of slashes, long-path and UNC prefixes of Windows, composed and decomposed characters,
 * separators at the end.
 */
export function comparablePath(path: string, { platform }: PathRules): string {
  let text = path.normalize('NFC');
  if (platform === 'win32') {
    text = text
      .replaceAll('/', '\\')
      .replace(/^\\\\[?.]\\UNC\\/i, '\\\\')
      .replace(/^\\\\[?.]\\/, '');
  }
  if (text.length > 1)
    text = text.replace(/[\\/]+$/, (end) => (platform === 'win32' || end.startsWith('/') ? '' : end));
  // The root is nothing but its separator.
  if (text === '') text = '/';
  return platform === 'win32' || platform === 'darwin' ? text.toLowerCase() : text;
}

/** The name of a project folder in the form in which two spellings of it are equal. */
export function comparableName(name: string, { platform }: PathRules): string {
  return platform === 'win32' || platform === 'darwin' ? name.toLowerCase() : name;
}

/**
 * The names that the program's folder for a working directory can have: the path is written composed or decomposed, and
 * on Windows with the long-path prefix or without.
 */
export function projectNames(folder: string): readonly string[] {
  const plain = folder.replace(/^\\\\[?.]\\UNC\\/i, '\\\\').replace(/^\\\\[?.]\\/, '');
  const spellings = [folder, plain, plain.normalize('NFC'), plain.normalize('NFD')];
  return [...new Set(spellings.map(projectFolderName))];
}
