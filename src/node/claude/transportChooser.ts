import type { Logger } from '../../base/logger.js';
import { openPipeTransport } from './pipeTransport.js';
import { loadPty, openPtyTransport, type PtyModule } from './ptyTransport.js';
import type { OpenTransport } from './transport.js';

/** `arbor.claude.transport`. */
export type TransportSetting = 'auto' | 'pty' | 'pipe';

/** What choosing needs. */
export interface TransportChooserOptions {
  /** The system's name, as in `process.platform`. */
  readonly platform: NodeJS.Platform;
  /** The folder for temporary files. */
  readonly temporary: string;
  readonly logger: Logger;
  /** Loads node-pty; for tests. */
  readonly load?: () => Promise<PtyModule>;
}

/**
 * What `auto` stands for: the pseudo-terminal on Linux, pipes elsewhere. Measured on Linux with the real program: latency and
 * throughput are the same, a start takes 7 ms longer with the terminal. When the editor is killed in the middle of a turn the
 * watchdog ends both within 2 s; without the watchdog the terminal's hang-up ends the program within 4 s, and with pipes it works
 * on for as long as it has something to do. On macOS it has not been measured; Windows' pseudo-console has no such streams.
 * @param platform the system's name
 */
export function automaticTransport(platform: NodeJS.Platform): 'pty' | 'pipe' {
  return platform === 'linux' ? 'pty' : 'pipe';
}

/** Chooses the transport for a start. node-pty is loaded at the first start that wants it. */
export class TransportChooser {
  readonly #options: TransportChooserOptions;
  #pty: Promise<PtyModule | undefined> | undefined;

  /** @param options what choosing needs */
  constructor(options: TransportChooserOptions) {
    this.#options = options;
  }

  /**
   * The transport to start with. Where a pseudo-terminal is wanted and there is none, it is pipes: the process tells which.
   * @param setting the setting
   */
  async choose(setting: TransportSetting): Promise<OpenTransport> {
    const { platform, temporary } = this.#options;
    const wanted = setting === 'auto' ? automaticTransport(platform) : setting;
    if (wanted === 'pipe') return openPipeTransport;
    const pty = await this.#load();
    return pty ? (spec, sink) => openPtyTransport(spec, sink, pty, temporary) : openPipeTransport;
  }

  #load(): Promise<PtyModule | undefined> {
    this.#pty ??= this.#tryLoad();
    return this.#pty;
  }

  async #tryLoad(): Promise<PtyModule | undefined> {
    const { platform, logger, load = loadPty } = this.#options;
    if (platform === 'win32') {
      // Windows' pseudo-console takes over all three streams and breaks long lines where its window ends.
      logger.warn('There is no pseudo-terminal for Claude Code on Windows; pipes are used');
      return undefined;
    }
    try {
      return await load();
    } catch (error) {
      logger.error('node-pty could not be loaded; pipes are used', error);
      return undefined;
    }
  }
}
