import * as vscode from 'vscode';
import type { Logger } from '../base/logger.js';

/** A logger that writes to the output channel `Arbor`. */
export class OutputLogger implements Logger, vscode.Disposable {
  readonly #channel = vscode.window.createOutputChannel('Arbor', { log: true });

  debug(message: string): void {
    this.#channel.debug(message);
  }

  info(message: string): void {
    this.#channel.info(message);
  }

  warn(message: string): void {
    this.#channel.warn(message);
  }

  error(message: string, cause?: unknown): void {
    this.#channel.error(cause === undefined ? message : `${message}: ${describe(cause)}`);
  }

  /** Shows the channel. */
  show(): void {
    this.#channel.show();
  }

  dispose(): void {
    this.#channel.dispose();
  }
}

function describe(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}
