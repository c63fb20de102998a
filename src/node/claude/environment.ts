/** Environment variables as Node has them. */
export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

/** What a program's environment is made from. */
export interface EnvironmentOptions {
  /** The editor's own environment. */
  readonly base: EnvironmentVariables;
  /** The variables from the settings; null or an empty string takes a variable away. */
  readonly settings: Readonly<Record<string, string | null>>;
  /** The system's name, as in `process.platform`: on Windows the case of names does not matter. */
  readonly platform: NodeJS.Platform;
}

const removedNames = new Set([
  // Marks of a Claude Code session. An editor that was started from one would make ours its children.
  'CLAUDECODE',
  'CLAUDE_CODE_ENTRYPOINT',
  'CLAUDE_CODE_SESSION_ID',
  'CLAUDE_CODE_CHILD_SESSION',
  'CLAUDE_CODE_CHILD_NOTES_DIR',
  'CLAUDE_CODE_SESSION_ATTENDED',
  'CLAUDE_CODE_MESSAGING_SOCKET',
  'CLAUDE_CODE_MESSAGING_TOKEN',
  'CLAUDE_CODE_EXECPATH',
  'CLAUDE_CODE_SSE_PORT',
  'CLAUDE_EFFORT',
  'CLAUDE_PID',
  // The browser editor's sign-in.
  'PASSWORD',
  'HASHED_PASSWORD',
  // Debuggers hook themselves in here; the hook would run inside the program. The settings can give it back.
  'NODE_OPTIONS',
  // It contradicts NO_COLOR, and Node prints a warning about that on every start.
  'FORCE_COLOR',
]);

/** The editor's own plumbing: sockets, tokens and switches that mean nothing, or the wrong thing, to other programs. */
const removedPrefixes = ['VSCODE_', 'ELECTRON_', 'CODE_SERVER', 'APPLICATION_INSIGHTS_'];

/** These ask the editor for credentials through variables that are removed, so they would only fail. */
const askPassNames = new Set(['GIT_ASKPASS', 'SSH_ASKPASS']);

/**
 * The complete environment of a program: the editor's without its secrets and plumbing, no colours, then the settings.
 * @param options what to make it from
 */
export function programEnvironment(options: EnvironmentOptions): Record<string, string> {
  const { base, settings, platform } = options;
  const fold = (name: string): string => (platform === 'win32' ? name.toUpperCase() : name);
  const editorAsks = Object.keys(base).some((name) => fold(name).startsWith('VSCODE_GIT_'));
  const result = new Map<string, readonly [string, string]>();
  for (const [name, value] of Object.entries(base)) {
    if (value === undefined || isEditors(fold(name)) || (editorAsks && askPassNames.has(fold(name)))) continue;
    result.set(fold(name), [name, value]);
  }
  result.set('NO_COLOR', ['NO_COLOR', '1']);
  for (const [name, value] of Object.entries(settings)) {
    if (value === null || value === '') result.delete(fold(name));
    else result.set(fold(name), [name, value]);
  }
  return Object.fromEntries(result.values());
}

function isEditors(name: string): boolean {
  return removedNames.has(name) || removedPrefixes.some((prefix) => name.startsWith(prefix));
}
