import { mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { TranscriptReducer } from '../../../../src/core/session/reducer.js';
import type { ConversationPage } from '../../../../src/core/storePorts.js';
import { parseCursor } from '../../../../src/node/transcripts/pageCursor.js';
import type { PageEnd } from '../../../../src/node/transcripts/pageReader.js';
import { readConversationPage } from '../../../../src/node/transcripts/transcripts.js';
import type { SessionEvent } from '../../../../src/protocol/session/events.js';
import { emptyTranscript, type Message } from '../../../../src/protocol/session/transcript.js';

/** What the reducer makes of events. */
export function messagesOf(events: readonly SessionEvent[]): readonly Message[] {
  const reducer = new TranscriptReducer(emptyTranscript());
  for (const event of events) reducer.apply(event);
  return reducer.transcript.messages;
}

/**
 * Messages without what depends on the page that they are in: numbers, and what is carried over from earlier ones, the
 * model of a message that is not Claude's and the time of one that has none of its own.
 */
export function comparableMessages(messages: readonly Message[]): readonly unknown[] {
  return messages.map((message) => {
    const plain = { ...message, number: 0, at: 0 };
    if (plain.role === 'user') return plain;
    const blocks = plain.blocks.map((block) =>
      block.type === 'notice' || block.type === 'error' ? { ...block, key: '' } : block,
    );
    return { ...plain, blocks, model: plain.usage.tokens.output === 0 ? null : plain.model };
  });
}

/** All pages of a transcript, the last one first. @param sizes how many messages each is asked to have, in turn */
export async function pagesOf(
  path: string,
  sizes: () => number,
  end: PageEnd = 'last',
  bytes?: number,
): Promise<readonly ConversationPage[]> {
  const pages: ConversationPage[] = [];
  for (let at: PageEnd | null = end; at !== null;) {
    const page: ConversationPage = await readConversationPage(path, at, sizes(), bytes);
    pages.push(page);
    at = page.cursor === null ? null : { before: parseCursor(page.cursor) };
    if (pages.length > 10_000) throw new Error('the pages do not end');
  }
  return pages;
}

/** The messages of pages, the oldest first. */
export function joined(pages: readonly ConversationPage[]): readonly unknown[] {
  return pages.toReversed().flatMap(({ events }) => comparableMessages(messagesOf(events)));
}

/** Numbers that are the same in every run. @param seed which ones */
export function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) % below;
  };
}

/**
 * Writes a file that goes when the test ends.
 * @param content what is in it
 * @param path where it is put, in the place of another file; otherwise in a folder of its own
 */
export function temporaryFile(content: string | Buffer, path?: string): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'arbor-pages-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const file = join(folder, 'session.jsonl');
  writeFileSync(file, content);
  if (path === undefined) return file;
  renameSync(file, path);
  return path;
}
