import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConversation } from '../../../../src/node/transcripts/transcripts.js';
import { comparableMessages, joined, messagesOf, pagesOf, seeded } from './paging.js';
import { sessionFile } from './recording.js';

const recordings = readdirSync(dirname(dirname(sessionFile('plain'))), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

describe('pages of what the real program wrote', () => {
  it.each(recordings)('S6 %s: page by page it is what it is as a whole', async (name) => {
    const path = sessionFile(name);
    const whole = await readConversation(path);
    const expected = comparableMessages(messagesOf(whole.events));
    const random = seeded(name.length);
    for (const sizes of [() => 1, () => 2, () => 3, () => 100, () => 1 + random(6)]) {
      const pages = await pagesOf(path, sizes);
      expect(joined(pages)).toEqual(expected);
      expect(pages.reduce((sum, { unreadable }) => sum + unreadable, 0)).toBe(whole.unreadable);
    }
  });
});
