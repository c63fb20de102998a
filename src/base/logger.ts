/**
 * Where the cause of things goes. Messages never hold prompts, file contents, keys or tokens: say what happened with
 * ids, sizes and codes.
 */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string, cause?: unknown): void;
}

/** A logger that keeps nothing, for parts that are used without one. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
