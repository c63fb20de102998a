import { mkdtempSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What an environment is made for. */
export interface ClaudeEnvironmentOptions {
  /** The Messages API on loopback, for example `http://127.0.0.1:4711`. */
  readonly baseUrl: string;
  /** An existing folder to make it in; it stays when the environment is disposed. Default: a new folder, which goes. */
  readonly root?: string;
  /** More variables; they win. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** An environment for the `claude` program that has nothing of its caller's but PATH. */
export interface ClaudeEnvironment {
  /** All of the variables. Give it to a child process as its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The folder that holds all the others. */
  readonly root: string;
  readonly home: string;
  readonly configDir: string;
  /** For temporary files; `TMPDIR` names it. */
  readonly temporary: string;
  /** An empty folder to work in. */
  readonly workspace: string;
  /** Removes the folders. */
  dispose(): void;
}

/** The key that the environment holds. It opens nothing. */
const dummyApiKey = 'sk-ant-no-key-at-all-000000000000';

/**
 * Makes a complete environment in which the program talks to `baseUrl` only, finds a home of its own, has been set up
 * already, and neither updates itself nor reports anything. Folders are for their owner only (mode 0700).
 * @throws when a folder cannot be made
 */
export function createClaudeEnvironment(options: ClaudeEnvironmentOptions): ClaudeEnvironment {
  const own = options.root === undefined;
  const root = realpathSync(options.root ?? mkdtempSync(join(tmpdir(), 'arbor-claude-')));
  const folder = (name: string): string => {
    const path = join(root, name);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  };
  const home = folder('home');
  const configDir = folder('home/.claude');
  const temporary = folder('tmp');
  const workspace = folder('workspace');
  const configuration = {
    hasCompletedOnboarding: true,
    theme: 'dark',
    customApiKeyResponses: { approved: [dummyApiKey.slice(-20)], rejected: [] },
    projects: { [workspace]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } },
  };
  writeFileSync(join(configDir, '.claude.json'), JSON.stringify(configuration), { mode: 0o600 });
  const env: Record<string, string> = {
    PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: home,
    TMPDIR: temporary,
    LANG: 'C.UTF-8',
    CLAUDE_CONFIG_DIR: configDir,
    ANTHROPIC_BASE_URL: options.baseUrl,
    ANTHROPIC_API_KEY: dummyApiKey,
    // Ten retries with growing pauses would take minutes.
    CLAUDE_CODE_MAX_RETRIES: '1',
    DISABLE_AUTOUPDATER: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    ...options.variables,
  };
  return {
    env,
    root,
    home,
    configDir,
    temporary,
    workspace,
    dispose() {
      if (own) rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
