import type { Logger } from '../../../src/base/logger.js';

/** Keeps what is logged, so that a test can say that nothing went wrong unseen. */
export class RecordingLogger implements Logger {
  readonly errors: string[] = [];
  readonly others: string[] = [];

  debug(message: string): void {
    this.others.push(message);
  }

  info(message: string): void {
    this.others.push(message);
  }

  warn(message: string): void {
    this.others.push(message);
  }

  error(message: string, cause?: unknown): void {
    this.errors.push(cause instanceof Error ? `${message}: ${cause.message}` : message);
  }
}
