import type { ExportSource } from '../../core/export/exporter.js';
import { ArborError } from '../../base/errors.js';
import { TranscriptReducer } from '../../core/session/reducer.js';
import { emptyTranscript } from '../../protocol/session/transcript.js';
import { readConversation } from '../transcripts/transcripts.js';
import { fileTranscript } from './rawTranscript.js';

/**
 * What is exported comes from the program's transcripts.
 * @param locate finds a session's transcript file; undefined when there is none
 */
export function createExportSource(
  locate: (folder: string, sessionId: string) => Promise<string | undefined>,
): ExportSource {
  return {
    async open(folder, sessionId) {
      const path = await locate(folder, sessionId);
      if (path === undefined) throw noTranscript();
      const { events, unreadable } = await readConversation(path);
      const reducer = new TranscriptReducer(emptyTranscript());
      for (const event of events) reducer.apply(event);
      const { messages, model } = reducer.transcript;
      return { messages, model, unreadable, raw: await fileTranscript(path) };
    },
  };
}

function noTranscript(): ArborError {
  return new ArborError({
    code: 'exportFailed',
    what: 'This session has no transcript, so there is nothing to export.',
    kept: 'No file was written.',
    next: 'Claude Code deletes transcripts after a time, and writes one only when a message was sent.',
  });
}
