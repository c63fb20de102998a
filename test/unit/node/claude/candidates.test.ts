import { describe, expect, it } from 'vitest';
import { candidateFiles, type Machine } from '../../../../src/node/claude/candidates.js';
import { resolveCommandShim, resolvedFile } from '../../../../src/node/claude/shim.js';

function machine(more: Partial<Machine>): Machine {
  return { platform: 'linux', home: '/home/me', environment: {}, list: () => Promise.resolve([]), ...more };
}

describe('the usual places', () => {
  it('P1 on Linux: the native installer first, PATH last, nothing twice, nothing relative', async () => {
    const files = await candidateFiles(machine({ environment: { PATH: '/usr/bin:relative::/usr/local/bin:/opt/x' } }));
    expect(files[0]).toBe('/home/me/.local/bin/claude');
    expect(files.slice(-2)).toEqual(['/usr/bin/claude', '/opt/x/claude']);
    expect(files.filter((file) => file === '/usr/local/bin/claude')).toHaveLength(1);
    expect(files.every((file) => file.startsWith('/'))).toBe(true);
    expect(files).toContain('/home/me/.claude/local/claude');
    expect(files).toContain('/home/me/.npm-global/bin/claude');
    expect(files).toContain('/home/me/.bun/bin/claude');
    expect(files).toContain('/home/linuxbrew/.linuxbrew/bin/claude');
  });

  it('P1 on macOS: Homebrew and pnpm where they are there', async () => {
    const files = await candidateFiles(machine({ platform: 'darwin', home: '/Users/me' }));
    expect(files).toContain('/opt/homebrew/bin/claude');
    expect(files).toContain('/Users/me/Library/pnpm/claude');
    expect(files).not.toContain('/home/linuxbrew/.linuxbrew/bin/claude');
  });

  it('P1 where variables move them, and below nvm the newest Node first', async () => {
    const files = await candidateFiles(
      machine({
        environment: {
          NVM_DIR: '/nvm',
          BUN_INSTALL: '/bun',
          NPM_CONFIG_PREFIX: '/npm',
          PNPM_HOME: '/pnpm',
          VOLTA_HOME: '/volta',
        },
        list: (folder) => Promise.resolve(folder === '/nvm/versions/node' ? ['v9.1.0', 'v22.3.0', 'v20.11.1'] : []),
      }),
    );
    expect(files.filter((file) => file.startsWith('/nvm'))).toEqual([
      '/nvm/versions/node/v22.3.0/bin/claude',
      '/nvm/versions/node/v20.11.1/bin/claude',
      '/nvm/versions/node/v9.1.0/bin/claude',
    ]);
    for (const folder of ['/bun/bin', '/npm/bin', '/pnpm', '/volta/bin']) expect(files).toContain(`${folder}/claude`);
  });

  it('P1 on Windows: programs before batch files, variables in any case', async () => {
    const files = await candidateFiles(
      machine({
        platform: 'win32',
        home: 'C:\\Users\\me',
        environment: { Path: '"C:\\Program Files\\x";relative;D:\\bin', AppData: 'C:\\Roaming' },
      }),
    );
    expect(files.slice(0, 2)).toEqual([
      'C:\\Users\\me\\.local\\bin\\claude.exe',
      'C:\\Users\\me\\.local\\bin\\claude.cmd',
    ]);
    expect(files).toContain('C:\\Roaming\\npm\\claude.cmd');
    expect(files.slice(-4)).toEqual([
      'C:\\Program Files\\x\\claude.exe',
      'C:\\Program Files\\x\\claude.cmd',
      'D:\\bin\\claude.exe',
      'D:\\bin\\claude.cmd',
    ]);
  });
});

describe('a Windows batch file', () => {
  const shim = 'C:\\npm\\claude.cmd';
  const header =
    '@ECHO off\r\nGOTO start\r\n:find_dp0\r\nSET dp0=%~dp0\r\nEXIT /b\r\n:start\r\nSETLOCAL\r\nCALL :find_dp0\r\n';

  function resolve(text: string, files: readonly string[], path = '') {
    return resolveCommandShim(shim, text, (file) => Promise.resolve(files.includes(file)), {
      environment: { Path: path },
    });
  }

  it('P1 is resolved to the program that it runs', async () => {
    const target = 'C:\\npm\\node_modules\\@anthropic-ai\\claude-code\\bin\\claude.exe';
    const text = `${header}"%dp0%\\node_modules\\@anthropic-ai\\claude-code\\bin\\claude.exe"   %*\r\n`;
    expect(await resolve(text, [target])).toEqual({ file: target, args: [] });
  });

  it('P1 is resolved to the script that it runs and the Node that runs it', async () => {
    const text = `${header}IF EXIST "%dp0%\\node.exe" (\r\n  SET "_prog=%dp0%\\node.exe"\r\n) ELSE (\r\n  SET "_prog=node"\r\n)\r\nendLocal & "%_prog%"  "%dp0%\\node_modules\\cc\\cli.js" %*\r\n`;
    const script = 'C:\\npm\\node_modules\\cc\\cli.js';
    expect(await resolve(text, [script, 'D:\\node\\node.exe'], 'C:\\x;D:\\node')).toEqual({
      file: 'D:\\node\\node.exe',
      args: [script],
    });
    expect(await resolve(text, [script, 'C:\\npm\\node.exe', 'D:\\node\\node.exe'], 'D:\\node')).toEqual({
      file: 'C:\\npm\\node.exe',
      args: [script],
    });
    expect(await resolve(text, [script])).toBeUndefined();
  });

  it('P2 of any other form is not run', async () => {
    for (const text of ['', '@claude %*', 'del "%dp0%\\x.txt"', '"%dp0%\\gone.exe" %*']) {
      expect(await resolve(text, ['C:\\npm\\x.txt'])).toBeUndefined();
    }
  });
});

describe('a symlink', () => {
  it('P1 is followed, but not to a program that goes by its name', () => {
    expect(resolvedFile('/b/claude', '/opt/versions/2.1.329')).toBe('/opt/versions/2.1.329');
    expect(resolvedFile('/home/me/.volta/bin/claude', '/usr/bin/volta-shim')).toBe('/home/me/.volta/bin/claude');
  });
});
