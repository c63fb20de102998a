import { describe, expect, it } from 'vitest';
import { programEnvironment } from '../../../../src/node/claude/environment.js';

const base = { PATH: '/bin', HOME: '/home/me', ANTHROPIC_API_KEY: 'key', LANG: 'C.UTF-8' };

describe("a program's environment", () => {
  it('P7 is the editor’s, with NO_COLOR', () => {
    expect(programEnvironment({ base, settings: {}, platform: 'linux' })).toEqual({ ...base, NO_COLOR: '1' });
  });

  it.each([
    'CLAUDECODE',
    'CLAUDE_CODE_ENTRYPOINT',
    'CLAUDE_CODE_SSE_PORT',
    'VSCODE_IPC_HOOK_CLI',
    'VSCODE_GIT_IPC_HANDLE',
    'ELECTRON_RUN_AS_NODE',
    'CODE_SERVER_SESSION_SOCKET',
    'PASSWORD',
    'HASHED_PASSWORD',
    'NODE_OPTIONS',
    'FORCE_COLOR',
  ])('P7 does not have %s', (name) => {
    expect(programEnvironment({ base: { ...base, [name]: 'x' }, settings: {}, platform: 'linux' })).not.toHaveProperty(
      name,
    );
  });

  it('P7 has what the user set for the program', () => {
    const own = { CLAUDE_CONFIG_DIR: '/c', CLAUDE_CODE_USE_BEDROCK: '1', AWS_PROFILE: 'me', GIT_ASKPASS: '/mine' };
    expect(programEnvironment({ base: { ...base, ...own }, settings: {}, platform: 'linux' })).toMatchObject(own);
  });

  it('P7 does not ask the editor for passwords', () => {
    const asking = { ...base, GIT_ASKPASS: '/editor/askpass.sh', VSCODE_GIT_ASKPASS_MAIN: '/editor/main.js' };
    expect(programEnvironment({ base: asking, settings: {}, platform: 'linux' })).not.toHaveProperty('GIT_ASKPASS');
  });

  it('P7 follows the settings last: set, replace, take away with null or nothing, bring back', () => {
    const settings = {
      NEW: 'n',
      LANG: 'de',
      HOME: null,
      ANTHROPIC_API_KEY: '',
      NODE_OPTIONS: '--use-system-ca',
      NO_COLOR: null,
    };
    expect(programEnvironment({ base, settings, platform: 'linux' })).toEqual({
      PATH: '/bin',
      LANG: 'de',
      NEW: 'n',
      NODE_OPTIONS: '--use-system-ca',
    });
  });

  it('P7 ignores the case of names on Windows, and only there', () => {
    const mixed = { Path: 'C:\\bin', claudecode: '1', Password: 'x' };
    expect(programEnvironment({ base: mixed, settings: { PATH: 'D:\\bin' }, platform: 'win32' })).toEqual({
      PATH: 'D:\\bin',
      NO_COLOR: '1',
    });
    expect(programEnvironment({ base: mixed, settings: {}, platform: 'linux' })).toMatchObject(mixed);
  });

  it('P7 takes no variable that has no value', () => {
    expect(programEnvironment({ base: { A: undefined }, settings: {}, platform: 'linux' })).toEqual({ NO_COLOR: '1' });
  });
});
