import { createServer } from 'node:net';

const usualPort = 4710;

/** The port that `npm start` uses when none is asked for: always the same, so that a bookmark works; 0 when it is taken. */
export function usualOrFreePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(0);
    });
    server.listen(usualPort, '127.0.0.1', () => {
      server.close(() => {
        resolve(usualPort);
      });
    });
  });
}
