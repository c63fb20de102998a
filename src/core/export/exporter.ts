import type { CancellationToken } from '../../base/cancellation.js';
import { ArborError } from '../../base/errors.js';
import type { Message } from '../../protocol/session/transcript.js';
import { jsonExport } from './jsonExport.js';
import { markdownExport } from './markdownExport.js';
import type { RawTranscript } from './rawTranscript.js';
import type { ExportHead, ExportPiece } from './sessionToExport.js';

/** Where the conversations that are exported come from. */
export interface ExportSource {
  /**
   * Reads a session.
   * @param folder absolute path of its workspace folder
   * @throws ArborError `exportFailed` when it has no transcript; the file system's error
   */
  open(
    folder: string,
    sessionId: string,
  ): Promise<{
    readonly messages: readonly Message[];
    readonly model: string | null;
    readonly unreadable: number;
    readonly raw: RawTranscript;
  }>;
}

/** Where exports go. */
export interface ExportTarget {
  /**
   * Writes a file piece by piece, all of it or nothing: what was there before stays until the new one is whole.
   * @param path absolute path
   * @param pieces its content; asked for only as fast as it can be written
   * @param token gives it up
   * @param onShare told how much of it has been written, 0 to 1
   * @throws ArborError `exportFailed`; CancellationError
   */
  write(
    path: string,
    pieces: AsyncIterable<ExportPiece> | Iterable<ExportPiece>,
    token: CancellationToken,
    onShare: (share: number) => void,
  ): Promise<void>;
}

/** What a session is exported as. */
export type ExportFormat = 'markdown' | 'json';

/** Exports sessions. */
export class Exporter {
  readonly #source: ExportSource;
  readonly #target: ExportTarget;

  /** @param source where conversations come from @param target where files go */
  constructor(source: ExportSource, target: ExportTarget) {
    this.#source = source;
    this.#target = target;
  }

  /**
   * Writes a session to a file.
   * @param head what is told of it; its model may be null, then the transcript's is
   * @param path absolute path of the file
   * @throws ArborError `exportFailed`; CancellationError
   */
  async export(
    head: ExportHead,
    format: ExportFormat,
    path: string,
    token: CancellationToken,
    onShare: (share: number) => void,
  ): Promise<void> {
    try {
      const { messages, model, unreadable, raw } = await this.#source.open(head.folder, head.id);
      const session = { head: { ...head, model: head.model ?? model }, messages, unreadable, raw };
      const pieces = format === 'markdown' ? markdownExport(session) : jsonExport(session);
      await this.#target.write(path, pieces, token, onShare);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (error instanceof ArborError || !/^E[A-Z]+$/.test(code)) throw error;
      throw new ArborError(
        {
          code: 'exportFailed',
          what: `The session could not be exported (${code}).`,
          kept: 'The session is as it was, and so is the file that was to be written.',
          next: 'Choose another place, or make room on the disk.',
        },
        error,
      );
    }
  }
}
