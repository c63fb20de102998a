import { Low, type Adapter } from 'lowdb';
import { isObject, parseJson, type JsonObject } from '../../base/json.js';
import { systemErrorCode, type FileSystem } from './fileSystem.js';

/** Thrown by a read: the file is there and holds no JSON object. */
export class NotJsonError extends Error {}

/**
 * A JSON object in a file. What is read is not checked any further: that is the caller's. For one writer at a time; who
 * shares the file holds a lock around read and write.
 */
export class JsonStore {
  readonly #low: Low<JsonObject | null>;

  /**
   * @param path the file
   * @param files the file system
   */
  constructor(path: string, files: FileSystem) {
    this.#low = new Low<JsonObject | null>(new DurableFile(path, files), null);
  }

  /**
   * Reads the file anew.
   * @returns null when there is no file
   * @throws NotJsonError, or the file system's error
   */
  async read(): Promise<JsonObject | null> {
    this.#low.data = null;
    await this.#low.read();
    return this.#low.data;
  }

  /**
   * Replaces the file. At any instant the disk has the old content or the new one.
   * @throws the file system's error; the file is then as it was
   */
  async write(value: JsonObject): Promise<void> {
    this.#low.data = value;
    await this.#low.write();
  }
}

/**
 * Like lowdb's own adapter, but the new content is on the disk before it takes the old one's place: lowdb's renames
 * without that, and a power cut can then leave an empty file. The folder itself is not synced: losing the very last
 * write to a power cut is accepted, losing the file is not.
 */
class DurableFile implements Adapter<JsonObject | null> {
  readonly #path: string;
  readonly #files: FileSystem;

  constructor(path: string, files: FileSystem) {
    this.#path = path;
    this.#files = files;
  }

  async read(): Promise<JsonObject | null> {
    let text: string;
    try {
      text = await this.#files.readText(this.#path);
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return null;
      throw error;
    }
    const value = parseJson(text);
    if (!isObject(value))
      throw new NotJsonError(`${this.#path} holds no JSON object (${String(text.length)} characters)`);
    return value;
  }

  async write(value: JsonObject | null): Promise<void> {
    const temporary = `${this.#path}.tmp`;
    await this.#files.write(temporary, `${JSON.stringify(value)}\n`);
    await this.#files.rename(temporary, this.#path);
  }
}
