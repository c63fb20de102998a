import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nodeFileSystem } from '../../../../src/node/store/fileSystem.js';
import { storeParts, temporaryFolder } from './storeParts.js';
import { fillAndGoOn } from './diskFiller.js';

const run = promisify(execFile);
let temporary: ReturnType<typeof temporaryFolder>;
let program: string;

beforeAll(async () => {
  temporary = temporaryFolder();
  program = join(temporary.path, 'filler.mjs');
  await build({
    stdin: {
      contents: `
        import { ${fillAndGoOn.name} } from './diskFiller.js';
        import { nodeFileSystem } from '../../../../src/node/store/fileSystem.js';
        import { storeParts } from './storeParts.js';
        console.log(JSON.stringify(await ${fillAndGoOn.name}(process.argv[2], storeParts({ files: nodeFileSystem }))));`,
      resolveDir: import.meta.dirname,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: program,
  });
});
afterAll(() => {
  temporary.dispose();
});

/** A disk of 256 KB, in a mount namespace of its own, which any user may make on most Linux machines. Null where not. */
async function onSmallDisk(): Promise<unknown> {
  const disk = join(temporary.path, 'disk');
  mkdirSync(disk);
  // The script is constant; what varies are its arguments.
  const script = 'mount -t tmpfs -o size=256k,mode=700 none "$1" && exec "$2" "$3" "$1"';
  const shell = ['sh', '-c', script, 'sh', disk, process.execPath, program];
  try {
    await run('unshare', ['--user', '--map-root-user', '--mount', 'sh', '-c', 'mount -t tmpfs none "$0"', disk]);
  } catch {
    return null;
  }
  const { stdout } = await run('unshare', ['--user', '--map-root-user', '--mount', ...shell]);
  return JSON.parse(stdout);
}

/** The same on any machine: where there is no room, a write gets half of its bytes onto the disk. */
async function onMadeUpDisk(): Promise<unknown> {
  const diskBytes = 256 * 1024;
  let room = diskBytes;
  const folder = join(temporary.path, 'made-up');
  const full = (): Error => Object.assign(new Error('ENOSPC: made by the test'), { code: 'ENOSPC' });
  return fillAndGoOn(
    folder,
    storeParts({
      files: {
        ...nodeFileSystem,
        async write(path, text) {
          const isFiller = path.endsWith('filler');
          if (text.length > (isFiller ? diskBytes : room)) {
            await nodeFileSystem.write(path, text.slice(0, text.length / 2));
            throw full();
          }
          await nodeFileSystem.write(path, text);
          if (isFiller) room = diskBytes - text.length;
        },
        async append(path, lines, durable) {
          if (lines.length <= room) return nodeFileSystem.append(path, lines, durable);
          await nodeFileSystem.append(path, lines.slice(0, lines.length / 2), durable);
          throw full();
        },
        async remove(path) {
          await nodeFileSystem.remove(path);
          if (path.endsWith('filler')) room = diskBytes;
        },
      },
    }),
  );
}

it('S6 a disk that fills up while the state is written costs nothing: the file stays whole, all is saved once there is room', async () => {
  const onDisk = [await onMadeUpDisk(), await onSmallDisk()].filter((report) => report !== null);
  for (const report of onDisk) {
    expect(report).toEqual({
      failure: 'diskFull',
      // What the file held before, and holds while the disk is full.
      wholeWhileFull: true,
      afterwards: ['first', 'while full', 'with room again'],
      journalFailure: 'diskFull',
      journal: [0, 2],
      // The line that broke off.
      unreadable: 1,
    });
  }
});
