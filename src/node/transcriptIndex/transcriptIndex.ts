import { stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import type { Clock } from '../../base/clock.js';
import { detach } from '../../base/detach.js';
import { DisposableStore, toDisposable, type Disposable } from '../../base/disposable.js';
import { Emitter, type Event } from '../../base/event.js';
import type { Logger } from '../../base/logger.js';
import type { SessionIndexChange, SessionIndexEntry } from '../../core/sessionIndex.js';
import type { SessionIndex } from '../../core/storePorts.js';
import { nodeFileSystem, systemErrorCode, type FileSystem } from '../store/fileSystem.js';
import { EntryTable } from './entryTable.js';
import { FolderWatch, watchFolder, type WatchFolder } from './folderWatch.js';
import { loadIndex, saveIndex } from './indexFile.js';
import { sessionIdOf } from './knownFile.js';
import { Places } from './places.js';
import { isGone, ProjectReader } from './projectReader.js';

/** What an index is made with. */
export interface TranscriptIndexOptions {
  /** The program's configuration folder (`CLAUDE_CONFIG_DIR`, else `~/.claude`), at this moment; it need not exist. */
  readonly configFolder: () => string;
  /** The folder that the index is kept in, absolute; made when it is missing. */
  readonly storage: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Names the temporary file of this window. */
  readonly newUuid: () => string;
  /** The machine's own by default. */
  readonly files?: FileSystem;
  readonly watch?: WatchFolder;
  readonly platform?: NodeJS.Platform;
}

/** Times in milliseconds. */
const delays = {
  /** Changes within this time are read together: a transcript that is being written changes many times a second. */
  gather: 150,
  /** Comparing everything again, for file systems that tell nothing. */
  rescan: 60_000,
  /** The same while a folder cannot be watched or a file cannot be read. */
  retry: 5_000,
  /** Keeping a first index, and later ones: all that a lost one costs is time. */
  firstSave: 1_000,
  save: 60_000,
} as const;

/** Files that are read for the first time are told of in lots of this many. */
const lot = 500;

/** What is to be done next. */
interface Pending {
  places: boolean;
  /** Project folders to compare as a whole; `all` for every one. */
  scan: Set<string> | 'all';
  /** Single files: session ids by project folder. */
  readonly files: Map<string, Set<string>>;
}

/**
 * The index of the transcripts of some folders and their worktrees. Only the ends of each file are read, again only when
 * it has changed, and what was read is kept in the storage folder, so that the next start has it at once.
 */
export class TranscriptIndex implements SessionIndex {
  readonly #options: TranscriptIndexOptions;
  readonly #files: FileSystem;
  readonly #owned = new DisposableStore();
  readonly #changes: Emitter<SessionIndexChange>;
  readonly #table = new EntryTable();
  readonly #reader: ProjectReader;
  readonly #watch: FolderWatch;
  readonly #timers = new Map<'gather' | 'rescan' | 'save', Disposable>();
  #folders: readonly string[] = [];
  #places: Places | undefined;
  #projects: string | undefined;
  #relevant: ReadonlySet<string> = new Set();
  #pending: Pending = nothing();
  #running: Promise<void> | undefined;
  #started = false;
  #unsaved = false;
  #hasIndex = false;
  #saving: Promise<void> = Promise.resolve();
  #saveFailed = false;
  #rescanDelay = 0;

  readonly onChange: Event<SessionIndexChange>;

  constructor(options: TranscriptIndexOptions) {
    this.#options = options;
    this.#files = options.files ?? nodeFileSystem;
    this.#changes = this.#owned.add(
      new Emitter((error) => {
        options.logger.error('A listener to changed transcripts failed', error);
      }),
    );
    this.onChange = this.#changes.event;
    this.#reader = new ProjectReader(this.#table, options.logger);
    this.#watch = this.#owned.add(
      new FolderWatch(options.watch ?? watchFolder, {
        onEvent: (folder, name) => {
          this.#noticed(folder, name);
        },
        onFailure: (folder, error) => {
          const code = systemErrorCode(error) || String(error);
          options.logger.warn(`A folder of transcripts cannot be watched (${code}): ${folder}`);
        },
      }),
    );
    this.#owned.add(
      toDisposable(() => {
        for (const timer of this.#timers.values()) timer.dispose();
      }),
    );
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#changeFolders();
  }

  setFolders(folders: readonly string[]): void {
    this.#folders = [...folders];
    if (this.#started) this.#changeFolders();
  }

  entries(): readonly SessionIndexEntry[] {
    return this.#table.sorted();
  }

  get(id: string): SessionIndexEntry | undefined {
    return this.#table.get(id);
  }

  async refresh(): Promise<void> {
    if (!this.#started) return;
    this.#changeFolders();
    await this.settled();
  }

  async settled(): Promise<void> {
    do {
      this.#stopTimer('gather');
      this.#run();
      await this.#running;
    } while (!this.#owned.isDisposed && (this.#running ?? isSomething(this.#pending)));
  }

  /** Keeps the index now. Resolves when it is on the disk, or cannot be. */
  async save(): Promise<void> {
    this.#stopTimer('save');
    this.#saving = this.#saving.then(() => this.#save());
    await this.#saving;
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #changeFolders(): void {
    this.#pending.places = true;
    this.#pending.scan = 'all';
    this.#run();
  }

  /** Something in a watched folder has changed. */
  #noticed(folder: string, name: string | null): void {
    const projects = this.#projects;
    if (projects === undefined) return;
    if (dirname(folder) === projects) this.#noticedFile(basename(folder), name);
    else if (folder === projects) this.#noticedProject(projects, name);
    else if (name === null || `${projects}${sep}`.startsWith(`${join(folder, name)}${sep}`)) {
      // A folder on the way to the project folders has come or gone.
      this.#pending.places = true;
      this.#pending.scan = 'all';
    } else return;
    this.#soon();
  }

  #noticedFile(project: string, name: string | null): void {
    const id = name === null ? undefined : sessionIdOf(name);
    if (name === null) this.#scan(project);
    if (id === undefined) return;
    const ids = this.#pending.files.get(project) ?? new Set();
    this.#pending.files.set(project, ids.add(id));
  }

  #noticedProject(projects: string, name: string | null): void {
    // A new project folder can be that of a new worktree.
    this.#pending.places = true;
    if (name === null) this.#pending.scan = 'all';
    else {
      this.#watch.forget(join(projects, name));
      this.#scan(name);
    }
  }

  #scan(project: string): void {
    if (this.#pending.scan !== 'all') this.#pending.scan.add(project);
  }

  #soon(): void {
    if (!this.#timers.has('gather')) this.#startTimer('gather', delays.gather, () => this.#run());
  }

  #run(): void {
    if (this.#running || !this.#started || this.#owned.isDisposed || !isSomething(this.#pending)) return;
    const done = (): void => {
      this.#running = undefined;
      this.#planRescan();
      // What came while the last step ended.
      if (isSomething(this.#pending)) this.#soon();
    };
    this.#running = this.#work().then(done, (error: unknown) => {
      this.#options.logger.error('The index of transcripts could not be brought up to date', error);
      done();
    });
  }

  async #work(): Promise<void> {
    while (isSomething(this.#pending) && !this.#owned.isDisposed) {
      const todo = this.#pending;
      this.#pending = nothing();
      if (todo.places) await this.#findPlaces(todo);
      const projects = this.#projects;
      if (projects === undefined) return;
      for (const project of todo.scan === 'all' ? this.#relevant : todo.scan) {
        if (this.#relevant.has(project)) await this.#scanProject(projects, project);
      }
      for (const [project, ids] of todo.files) {
        if (this.#relevant.has(project)) for (const id of ids) await this.#reader.check(projects, project, id);
      }
      this.#publish();
    }
  }

  async #scanProject(projects: string, project: string): Promise<void> {
    let read = 0;
    await this.#reader.scan(projects, project, () => {
      read += 1;
      if (read % lot === 0) this.#publish();
    });
  }

  async #findPlaces(todo: Pending): Promise<void> {
    const projects = join(this.#options.configFolder(), 'projects');
    const platform = this.#options.platform ?? process.platform;
    const places = await Places.of(this.#folders, { platform });
    this.#places = places;
    this.#table.setPlaces(places);
    if (projects !== this.#projects) {
      this.#reader.keep(new Set());
      this.#relevant = new Set();
      this.#projects = projects;
      todo.scan = 'all';
      await this.#load(projects);
    }
    await this.#findProjects(projects, todo);
  }

  async #load(projects: string): Promise<void> {
    const { isWhole, problem } = await loadIndex(this.#options.storage, projects, this.#files, (known) => {
      for (const file of known) this.#table.put(file);
      this.#tell();
    });
    if (problem !== null) this.#options.logger.info(`The index of transcripts is built anew: ${problem}.`);
    this.#hasIndex = isWhole;
    // What is right of one that is not whole is known already, but the file has to be replaced.
    if (problem !== null) this.#planSave();
  }

  /** Watches first and looks then, so that nothing comes between. */
  async #findProjects(projects: string, todo: Pending): Promise<void> {
    const before = this.#relevant;
    const above = await nearestExisting(projects);
    this.#watch.set(new Set([above, ...this.#projectFolders(projects)]));
    const names = above === projects ? await this.#reader.projectNames(projects) : [];
    if (!names) return;
    this.#relevant = new Set(names.filter((name) => this.#places?.has(name)));
    this.#watch.set(new Set([above, ...this.#projectFolders(projects)]));
    if (above !== projects && (await exists(projects))) this.#pending.places = true;
    this.#reader.keep(this.#relevant);
    if (todo.scan === 'all') return;
    for (const name of this.#relevant) if (!before.has(name)) todo.scan.add(name);
  }

  #projectFolders(projects: string): readonly string[] {
    return [...this.#relevant].map((name) => join(projects, name));
  }

  /** Tells of what is different from before. @returns whether something was */
  #tell(): boolean {
    if (this.#owned.isDisposed) return false;
    const change = this.#table.commit();
    if (change.changed.length + change.removed.length === 0) return false;
    this.#changes.fire(change);
    return true;
  }

  #publish(): void {
    if (this.#tell()) this.#planSave();
  }

  #planSave(): void {
    this.#unsaved = true;
    const delay = this.#hasIndex ? delays.save : delays.firstSave;
    if (this.#timers.has('save')) return;
    this.#startTimer('save', delay, () => {
      detach(this.save(), (error) => this.#options.logger.error('The index of transcripts could not be kept', error));
    });
  }

  async #save(): Promise<void> {
    const projects = this.#projects;
    if (projects === undefined || !this.#unsaved) return;
    this.#unsaved = false;
    try {
      const { storage, newUuid } = this.#options;
      await saveIndex(storage, projects, this.#table.files.values(), newUuid(), this.#files);
      this.#hasIndex = true;
    } catch (error) {
      // It is only made again at the next start.
      if (!this.#saveFailed) {
        const code = systemErrorCode(error) || String(error);
        this.#options.logger.warn(`The index of transcripts cannot be kept (${code}): ${this.#options.storage}`);
      }
      this.#saveFailed = true;
    }
  }

  #planRescan(): void {
    if (this.#owned.isDisposed) return;
    const isTroubled = !this.#watch.isComplete || this.#reader.hasFailures;
    const delay = isTroubled ? delays.retry : delays.rescan;
    // One that is planned stays: changes that come all the time must not put it off for ever.
    if (this.#timers.has('rescan') && delay >= this.#rescanDelay) return;
    this.#stopTimer('rescan');
    this.#rescanDelay = delay;
    this.#startTimer('rescan', delay, () => this.#changeFolders());
  }

  #startTimer(name: 'gather' | 'rescan' | 'save', delay: number, callback: () => void): void {
    if (this.#owned.isDisposed) return;
    const timer = this.#options.clock.after(delay, () => {
      this.#timers.delete(name);
      callback();
    });
    this.#timers.set(name, timer);
  }

  #stopTimer(name: 'gather' | 'rescan' | 'save'): void {
    this.#timers.get(name)?.dispose();
    this.#timers.delete(name);
  }
}

function nothing(): Pending {
  return { places: false, scan: new Set(), files: new Map() };
}

function isSomething({ places, scan, files }: Pending): boolean {
  return places || scan === 'all' || scan.size > 0 || files.size > 0;
}

/** The folder itself or, where it does not exist, the first one above it that does. */
async function nearestExisting(folder: string): Promise<string> {
  let at = folder;
  while (!(await exists(at)) && dirname(at) !== at) at = dirname(at);
  return at;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    // What we may not look at is there all the same.
    return !isGone(error);
  }
}
