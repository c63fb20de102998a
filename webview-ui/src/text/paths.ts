/**
 * A path as it is shown: without the session's folder before it. A path outside of the folder stays whole.
 * @param path as the tool got it
 * @param folder the session's folder, an absolute path
 */
export function pathInFolder(path: string, folder: string | undefined): string {
  if (folder === undefined || folder === '' || !path.startsWith(folder)) return path;
  const rest = path.slice(folder.length);
  return /^[\\/]./u.test(rest) ? rest.slice(1) : path;
}
