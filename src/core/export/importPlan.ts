import { ArborError } from '../../base/errors.js';
import { objectAt, stringAt, type JsonObject } from '../../base/json.js';
import type { RawLine, RawLines } from './rawTranscript.js';

/** What is known of a transcript before it is imported. */
export interface ImportFacts {
  /** The id that its lines give it; null when they give none that is a UUID. */
  readonly id: string | null;
  /** Lines that are messages of the session's own. */
  readonly messages: number;
  /** Lines that could not be read. */
  readonly skipped: number;
}

const uuidForm = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/**
 * Reads a transcript once, before anything is written.
 * @param lines the session's own
 * @throws ArborError `importFailed` when there is no message in them
 */
export async function inspectTranscript(lines: RawLines): Promise<ImportFacts> {
  let id: string | null = null;
  let messages = 0;
  let skipped = 0;
  const read = lines.read(() => {
    skipped += 1;
  });
  for await (const { value } of read) {
    if (!isMessage(value)) continue;
    messages += 1;
    const own = stringAt(value, 'sessionId')?.toLowerCase();
    if (id === null && own !== undefined && uuidForm.test(own)) id = own;
  }
  if (messages === 0) throw noConversation(skipped);
  return { id, messages, skipped };
}

/**
 * The line as it is to be written: of another session's only the id is changed, everything else stays. `forkedFrom` names
 * the session that this one came from and stays as well.
 * @param line a line of the transcript
 * @param id the session's id
 */
export function importedLine({ text, value }: RawLine, id: string): string {
  const own = value['sessionId'];
  return own === undefined || own === id ? text : JSON.stringify({ ...value, sessionId: id });
}

function isMessage(line: JsonObject): boolean {
  const isSaid = line['type'] === 'user' || line['type'] === 'assistant';
  return isSaid && objectAt(line, 'message') !== undefined && stringAt(line, 'uuid') !== undefined;
}

function noConversation(skipped: number): ArborError {
  const read = skipped === 0 ? '' : ` ${String(skipped)} of its lines could not be read.`;
  return new ArborError({
    code: 'importFailed',
    what: `This file holds no conversation.${read}`,
    kept: 'Nothing was imported, and no session was changed.',
    next: 'Choose a transcript of Claude Code (.jsonl) or a session that Arbor exported as JSON.',
  });
}
