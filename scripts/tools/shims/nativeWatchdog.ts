// Stands in for `@vscode/native-watchdog`. The extension host looks every second whether its parent is alive, in plain
// JavaScript; the native module does the same for a host whose event loop hangs.

/** Would watch a process and exit when it ends. */
export function start(): void {
  // The extension host's own watch is enough for tests and for the demo.
}

/** Ends the process at once. */
export function exit(code = 0): never {
  process.exit(code);
}
