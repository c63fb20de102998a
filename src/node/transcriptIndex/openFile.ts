import { closeSync, constants, fstatSync, open, read, type Stats } from 'node:fs';

/** What tells whether a file is still the one that was read. Compared as a whole: clocks can be set back. */
export interface FileStamp {
  readonly size: number;
  /** Milliseconds since 1970, with fractions. */
  readonly modifiedAt: number;
  /** The same of the last change of the file or of its name, times or rights. */
  readonly changedAt: number;
  readonly inode: number;
  /** When the file was made; 0 where the file system does not say. Not compared: copies of one file differ in it. */
  readonly bornAt: number;
}

/** The stamp of a file. */
export function stampOf(stats: Stats): FileStamp {
  return {
    size: stats.size,
    modifiedAt: stats.mtimeMs,
    changedAt: stats.ctimeMs,
    inode: stats.ino,
    bornAt: stats.birthtimeMs,
  };
}

/** Whether two stamps are of the same file in the same state. */
export function sameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.size === b.size && a.modifiedAt === b.modifiedAt && a.changedAt === b.changedAt && a.inode === b.inode;
}

/** A file that is open for reading. Thousands are opened in a row, and Node's own handles cost several times as much. */
export interface OpenFile {
  readonly stats: Stats;
  /** Reads up to so many bytes; fewer only where the file ends. */
  read(from: number, bytes: number): Promise<Buffer>;
}

/**
 * Opens a file, lets it be read and closes it.
 * @param path the file; a pipe or device of that name does not block
 * @param use what is done with it
 * @throws the file system's error
 */
export async function withOpenFile<T>(path: string, use: (file: OpenFile) => Promise<T>): Promise<T> {
  const descriptor = await openForReading(path);
  try {
    // Both are done without waiting for the disk, and cost more to hand to another thread than to do.
    const stats = fstatSync(descriptor);
    return await use({ stats, read: (from, bytes) => readFully(descriptor, from, bytes) });
  } finally {
    closeSync(descriptor);
  }
}

// Windows has no such flag.
const flags = constants.O_RDONLY | (process.platform === 'win32' ? 0 : constants.O_NONBLOCK);

function openForReading(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    open(path, flags, (error, descriptor) => {
      if (error) reject(error);
      else resolve(descriptor);
    });
  });
}

async function readFully(descriptor: number, from: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(bytes);
  let length = 0;
  while (length < bytes) {
    const got = await readSome(descriptor, buffer, length, from + length);
    if (got === 0) break;
    length += got;
  }
  return buffer.subarray(0, length);
}

function readSome(descriptor: number, buffer: Buffer, offset: number, from: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(descriptor, buffer, offset, buffer.length - offset, from, (error, got) => {
      if (error) reject(error);
      else resolve(got);
    });
  });
}
