import type { Clock } from '../../base/clock.js';
import { DisposableStore, type Disposable } from '../../base/disposable.js';
import type { Logger } from '../../base/logger.js';
import { daysOf, type DayOf } from '../../core/usage/days.js';
import { FileAuditLog } from './auditLog.js';
import { nodeFileSystem, type FileSystem } from './fileSystem.js';
import { FileJournal } from './journal.js';
import { FileSessionLeases } from './leases.js';
import { systemProcesses, type Processes } from './processIdentity.js';
import { WorkspaceStateStore } from './stateStore.js';
import { FileUsageLedger } from './usageLedger.js';

/** What a workspace's storage is opened with. */
export interface StorageOptions {
  /** The storage folder that the editor gives this workspace, absolute; made when it is missing. */
  readonly folder: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly newUuid: () => string;
  /** The days by which old usage is summed up; those of UTC by default. */
  readonly dayOf?: DayOf;
  /** The machine's own by default. */
  readonly files?: FileSystem;
  readonly processes?: Processes;
}

/** All that is kept of a workspace. Disposing gives up the sessions that this window drives. */
export interface Storage extends Disposable {
  readonly store: WorkspaceStateStore;
  readonly journal: FileJournal;
  readonly leases: FileSessionLeases;
  readonly audit: FileAuditLog;
  readonly usage: FileUsageLedger;
  /** Resolves when nothing waits to be written any more: to be awaited before the process ends. */
  settled(): Promise<void>;
}

/**
 * Opens a workspace's storage: `state.json`, `journals/`, `leases/`, `audit.jsonl` and `usage.jsonl` in its folder. Nothing is read or
 * written before it is asked for.
 */
export function openStorage(options: StorageOptions): Storage {
  const { folder, clock } = options;
  const owned = new DisposableStore();
  const files = options.files ?? nodeFileSystem;
  const parts = { ...options, files, processes: options.processes ?? systemProcesses(process.platform) };
  const store = owned.add(new WorkspaceStateStore(folder, parts));
  const journal = new FileJournal(folder, files, clock);
  const usage = new FileUsageLedger(folder, { ...parts, dayOf: options.dayOf ?? daysOf('UTC').dayOf });
  return {
    store,
    journal,
    leases: owned.add(new FileSessionLeases(folder, parts)),
    audit: new FileAuditLog(folder, files),
    usage,
    async settled() {
      await Promise.all([store.settled(), journal.settled(), usage.settled()]);
    },
    dispose: () => {
      owned.dispose();
    },
  };
}
