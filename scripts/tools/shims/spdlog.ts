// Stands in for `@vscode/spdlog` in the code-server that we install: the same interface without a C++ compiler.
// It writes the editor's logs, its output channels among them. Runs inside code-server, not in this project.
import { appendFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

const levelNames = ['trace', 'debug', 'info', 'warning', 'error', 'critical'] as const;
const infoLevel = 2;

/** The version of the interface that is imitated. */
export const version = 1;

/** Sets the level of loggers yet to come; the editor sets it on each logger instead. */
export function setLevel(): void {
  // Every logger carries its own level.
}

/** Sets the level from which on lines are written at once; here every line is. */
export function setFlushOn(): void {
  // Nothing is buffered.
}

/** A logger that appends to a file and rotates it by size. */
export class Logger {
  private level = infoLevel;
  private plain = false;
  private size = 0;

  constructor(
    _type: string,
    _name: string,
    private readonly file: string,
    private readonly maxSize: number,
    private readonly maxFiles: number,
  ) {
    mkdirSync(path.dirname(file), { recursive: true });
    this.size = existsSync(file) ? statSync(file).size : 0;
  }

  trace(message: string): void {
    this.write(0, message);
  }

  debug(message: string): void {
    this.write(1, message);
  }

  info(message: string): void {
    this.write(2, message);
  }

  warn(message: string): void {
    this.write(3, message);
  }

  error(message: string): void {
    this.write(4, message);
  }

  critical(message: string): void {
    this.write(5, message);
  }

  getLevel(): number {
    return this.level;
  }

  setLevel(level: number): void {
    this.level = level;
  }

  setPattern(): void {
    this.plain = false;
  }

  clearFormatters(): void {
    this.plain = true;
  }

  flush(): void {
    // Every line is on disk already.
  }

  drop(): void {
    // No handle is kept open.
  }

  private write(level: number, message: string): void {
    if (level < this.level) {
      return;
    }
    const time = new Date().toISOString().replace('T', ' ').replace('Z', '');
    const line = this.plain ? message : `${time} [${levelNames[level] ?? 'info'}] ${message}\n`;
    this.rotate(line.length);
    appendFileSync(this.file, line);
    this.size += Buffer.byteLength(line);
  }

  private rotate(more: number): void {
    if (this.maxSize <= 0 || this.size + more <= this.maxSize) {
      return;
    }
    const { dir, name, ext } = path.parse(this.file);
    const numbered = (index: number): string =>
      index === 0 ? this.file : path.join(dir, `${name}.${String(index)}${ext}`);
    rmSync(numbered(this.maxFiles), { force: true });
    for (let index = this.maxFiles - 1; index >= 0; index--) {
      if (existsSync(numbered(index))) {
        renameSync(numbered(index), numbered(index + 1));
      }
    }
    this.size = 0;
  }
}

/** A logger that rotates its file. */
export function createRotatingLogger(name: string, file: string, maxSize: number, maxFiles: number): Promise<Logger> {
  return Promise.resolve(new Logger('rotating', name, file, maxSize, maxFiles));
}

/** The same; the real one writes on a thread of its own. */
export function createAsyncRotatingLogger(
  name: string,
  file: string,
  maxSize: number,
  maxFiles: number,
): Promise<Logger> {
  return createRotatingLogger(name, file, maxSize, maxFiles);
}
