import { spawn } from 'node:child_process';

/**
 * Opens an address in the user's browser where there is one.
 * @returns whether there is a desktop to open it on
 */
export function openBrowser(url: string, failed: (why: string) => void): boolean {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  const desktop = process.platform === 'darwin' || Boolean(DISPLAY) || Boolean(WAYLAND_DISPLAY);
  if (!desktop) {
    return false;
  }
  const program = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const child = spawn(program, [url], { stdio: 'ignore', detached: true });
  child.on('error', (error) => {
    failed(`The browser was not opened (${error.message}); open the address by hand.`);
  });
  child.unref();
  return true;
}
