import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cached, toolsFolder } from '../../../scripts/tools/cacheFolder.js';
import { lineProgress } from '../../../scripts/tools/progress.js';

let root = '';
const lines: string[] = [];
const progress = lineProgress((line) => void lines.push(line));

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'arbor-cache-'));
  lines.length = 0;
});

afterEach(() => rm(root, { recursive: true, force: true }));

describe('the cache of programs', () => {
  it('builds once for two that ask at the same time, and says that one waits', async () => {
    let builds = 0;
    const entry = {
      name: 'tool-1',
      title: 'Installing tool 1',
      build: async (folder: string) => {
        builds++;
        await writeFile(path.join(folder, 'program'), 'ready');
      },
    };
    const folders = await Promise.all([cached(entry, progress, root), cached(entry, progress, root)]);
    expect(folders).toEqual([path.join(root, 'tool-1'), path.join(root, 'tool-1')]);
    expect(await readFile(path.join(root, 'tool-1/program'), 'utf8')).toBe('ready');
    expect(builds).toBe(1);
    expect(lines.join('')).toContain('Another run is at work on "Installing tool 1"');
  });

  it('keeps nothing of a build that fails, and the next one starts anew', async () => {
    const failing = {
      name: 'tool-2',
      title: 'Installing tool 2',
      build: async (folder: string) => {
        await writeFile(path.join(folder, 'half'), '');
        throw new Error('no network');
      },
    };
    await expect(cached(failing, progress, root)).rejects.toThrow('no network');
    expect((await readdir(root)).filter((name) => !name.endsWith('.lock'))).toEqual([]);
    await cached({ ...failing, build: (folder) => writeFile(path.join(folder, 'whole'), '') }, progress, root);
    expect(await readdir(path.join(root, 'tool-2'))).toEqual(['whole']);
  });

  it('lies where the environment says, outside of every clone', () => {
    expect(toolsFolder({ ARBOR_TOOLS_DIR: '/a', XDG_CACHE_HOME: '/b' })).toBe(path.resolve('/a'));
    expect(toolsFolder({ XDG_CACHE_HOME: '/b' })).toBe(path.resolve('/b/arbor-dev'));
    expect(toolsFolder({})).toMatch(/\.cache[\\/]arbor-dev$/);
  });
});
