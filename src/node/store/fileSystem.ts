import { readFileSync, unlinkSync } from 'node:fs';
import { copyFile, mkdir, open, readdir, readFile, rename, stat, unlink, utimes } from 'node:fs/promises';

/** A file that is open for reading; renamed or replaced meanwhile, it is still the same file. */
export interface ReadableFile {
  /** Its length in bytes when it was opened. */
  readonly size: number;
  /** The bytes from a place on, fewer than asked for at the file's end. */
  read(position: number, bytes: number): Promise<Buffer>;
  close(): Promise<void>;
}

/**
 * What the stores need of a file system, so that tests can let each step fail. Errors are Node's, with their `code`.
 * Files are for their owner only (0600), folders too (0700).
 */
export interface FileSystem {
  /** The whole file as text. */
  readText(path: string): Promise<string>;
  /** The file's last bytes, at most `bytes`, and its whole length. */
  readTail(path: string, bytes: number): Promise<{ readonly tail: Buffer; readonly size: number }>;
  /** Opens a file to read parts of it. */
  openToRead(path: string): Promise<ReadableFile>;
  /** Creates a file that must not exist yet (`EEXIST`). */
  create(path: string, text: string): Promise<void>;
  /** Replaces or creates a file and waits until the disk has it. Not atomic: for a file that nobody reads yet. */
  write(path: string, text: string): Promise<void>;
  /**
   * Appends lines. A last line that was torn is ended first, so that the new ones are whole.
   * @param durable wait until the disk has it
   * @returns the file's length afterwards, in bytes
   */
  append(path: string, lines: string, durable: boolean): Promise<number>;
  /** Renames a file over another one, atomically. */
  rename(from: string, to: string): Promise<void>;
  copy(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** The names of what is in a folder; none when there is no such folder. */
  list(path: string): Promise<readonly string[]>;
  /** Makes a folder and those above it; one that exists is fine. */
  makeFolder(path: string): Promise<void>;
  /** When the file was last changed, in milliseconds since 1970. */
  modifiedAt(path: string): Promise<number>;
  /** Says that the file was changed now. */
  touch(path: string, now: number): Promise<void>;
  /** For what must be done before the process ends, when nothing is awaited any more. */
  readTextSync(path: string): string;
  removeSync(path: string): void;
}

const lineFeed = 10;
const renameTries = 10;
const renamePauseMs = 50;

/** The machine's files. */
export const nodeFileSystem: FileSystem = {
  readText: (path) => readFile(path, 'utf8'),
  async readTail(path, bytes) {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const tail = Buffer.alloc(Math.min(bytes, size));
      const { bytesRead } = await file.read(tail, 0, tail.length, size - tail.length);
      return { tail: tail.subarray(0, bytesRead), size };
    } finally {
      await file.close();
    }
  },
  async openToRead(path) {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      return {
        size,
        async read(position, bytes) {
          const piece = Buffer.allocUnsafe(Math.max(0, Math.min(bytes, size - position)));
          const { bytesRead } = await file.read(piece, 0, piece.length, position);
          return piece.subarray(0, bytesRead);
        },
        close: () => file.close(),
      };
    } catch (error) {
      await file.close();
      throw error;
    }
  },
  async create(path, text) {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(text);
    } catch (error) {
      // Half a file would stand in the way of the next attempt.
      await unlink(path);
      throw error;
    } finally {
      await file.close();
    }
  },
  async write(path, text) {
    const file = await open(path, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  },
  async append(path, lines, durable) {
    const file = await open(path, 'a+', 0o600);
    try {
      const { size } = await file.stat();
      const last = Buffer.alloc(1, lineFeed);
      if (size > 0) await file.read(last, 0, 1, size - 1);
      const bytes = Buffer.from(last[0] === lineFeed ? lines : `\n${lines}`);
      await file.writeFile(bytes);
      if (durable) await file.sync();
      return size + bytes.length;
    } finally {
      await file.close();
    }
  },
  async rename(from, to) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await rename(from, to);
        return;
      } catch (error) {
        // On Windows a file cannot be replaced while somebody, such as a virus scanner, has it open.
        if (process.platform !== 'win32' || attempt === renameTries || !isBusy(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, renamePauseMs));
      }
    }
  },
  copy: (from, to) => copyFile(from, to),
  async list(path) {
    try {
      return await readdir(path);
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return [];
      throw error;
    }
  },
  remove: (path) => unlink(path),
  async makeFolder(path) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },
  modifiedAt: async (path) => (await stat(path)).mtimeMs,
  touch: (path, now) => utimes(path, now / 1000, now / 1000),
  readTextSync: (path) => readFileSync(path, 'utf8'),
  removeSync: (path) => {
    unlinkSync(path);
  },
};

/** The `code` of an error of Node, such as `ENOENT`; an empty string for any other value. */
export function systemErrorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function isBusy(error: unknown): boolean {
  return ['EPERM', 'EACCES', 'EBUSY'].includes(systemErrorCode(error));
}
