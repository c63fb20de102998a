/*
 * A process that does what the extension host does: it starts a program and gets it to work. A test kills it.
 *
 *     tsx host.ts <path> <variables as JSON> <folder> <pty | pipe> [<folder of records>]
 *
 * It prints one line when the program is in the middle of a turn, and recorded where a folder is given.
 */
import { randomUUID } from 'node:crypto';
import { silentLogger } from '../../../src/base/logger.js';
import { createLauncher } from '../../../src/node/claude/launcher.js';
import { ProcessRecords } from '../../../src/node/claude/processRecords.js';
import { systemProcesses } from '../../../src/node/store/processIdentity.js';
import { systemClock } from '../../../src/node/systemClock.js';

const [path = '', variables = '{}', folder = '', transport, recordFolder] = process.argv.slice(2);
const records =
  recordFolder === undefined
    ? undefined
    : new ProcessRecords({
        folder: recordFolder,
        platform: process.platform,
        processes: systemProcesses(process.platform),
        newUuid: randomUUID,
        clock: systemClock,
        logger: silentLogger,
      });
const launcher = createLauncher({
  settings: () => ({
    path,
    environment: JSON.parse(variables) as Record<string, string>,
    transport: transport === 'pty' ? 'pty' : 'pipe',
  }),
  isTrusted: () => true,
  environment: { PATH: process.env['PATH'], TMPDIR: folder },
  home: folder,
  platform: process.platform,
  temporary: folder,
  clock: systemClock,
  logger: silentLogger,
  ...(records ? { records } : {}),
});
const claude = await launcher.launch({ folder, sessionId: randomUUID(), start: { kind: 'new' }, persist: true });
await claude.send({ uuid: randomUUID(), text: 'hello' });
for await (const batch of claude.items) {
  if (!batch.some((item) => JSON.stringify(item).includes('Partial text'))) continue;
  await records?.settled();
  console.log(`working over ${claude.transport}`);
}
