import path from 'node:path';

/**
 * The user's PATH without what npm puts in front of it while it runs a script: programs that start from there must find
 * what the user's terminal finds, not this project's own tools.
 */
export function searchPath(env: NodeJS.ProcessEnv = process.env): string {
  const folders = (env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin').split(path.delimiter);
  return folders.filter((folder) => !/node_modules[\\/]\.bin$|node-gyp-bin$/.test(folder)).join(path.delimiter);
}
