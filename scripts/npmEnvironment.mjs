// Plain JavaScript, because bootstrap.mjs needs it before anything is installed.

// `npm run` puts its whole configuration into the environment of the script (prefix, omit, allow-scripts, …). An npm
// called from there must not take that for its own. Only what says how to reach the registry passes.
const keptSettings = new Set([
  'registry',
  'cafile',
  'ca',
  'proxy',
  'https_proxy',
  'noproxy',
  'strict_ssl',
  'cache',
  'userconfig',
  'globalconfig',
  'offline',
  'prefer_offline',
  'fetch_retries',
  'fetch_timeout',
]);
const dropped = new Set(['node_options', 'node_env', 'init_cwd']);

/**
 * An environment for npm: the caller's without what an outer npm put there, save for how to reach the registry.
 * @param {Readonly<Record<string, string | undefined>>} env the caller's
 * @returns {Record<string, string | undefined>}
 */
export function npmEnvironment(env) {
  const kept = Object.entries(env).filter(([name]) => {
    const lower = name.toLowerCase();
    const setting = /^npm_config_(.*)$/.exec(lower)?.[1]?.replaceAll('-', '_');
    if (setting !== undefined) {
      return keptSettings.has(setting) || setting.startsWith('//');
    }
    return !lower.startsWith('npm_') && !dropped.has(lower);
  });
  return Object.fromEntries(kept);
}
