import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appState, batch, claude, prose, sceneUsage, snapshot, user } from '../../../webview-ui/dev/build.js';
import type { SessionEvent } from '../../../src/protocol/session/events.js';
import { pieces, samples, seeded } from './samples.js';
import { ViewBench, type View } from './viewPage.js';

let bench: ViewBench;
let view: View;
beforeAll(async () => {
  bench = await ViewBench.start();
  view = await bench.open();
}, 60_000);
afterAll(async () => {
  await bench.close();
});

const text = (index: number, piece: string): SessionEvent => ({
  kind: 'text',
  block: { parent: null, message: 'm', index },
  text: piece,
  whole: false,
});

/** The HTML of all text blocks, without the classes of colours that come when there is time. */
async function htmlOfProse(): Promise<string[]> {
  return view.page.$$eval('.prose', (elements) =>
    elements.map((element) => {
      const copy = document.createElement('div');
      copy.innerHTML = element.innerHTML;
      for (const span of copy.querySelectorAll('[class^=colour-]')) span.replaceWith(span.textContent);
      copy.normalize();
      return copy.innerHTML;
    }),
  );
}

describe('the bundle', () => {
  it('U1 is small at first, loads the rest when needed, and has no source maps', async () => {
    const files = await readdir(bench.folder, { recursive: true });
    const size = async (name: string): Promise<number> => (await stat(path.join(bench.folder, name))).size;
    expect(await size('chat.js')).toBeLessThan(100_000);
    expect(await size('chat.css')).toBeLessThan(70_000);
    expect(files.filter((name) => !/^(chat\.(js|css)|chunks(\/[\w-]+\.js)?)$/.test(name))).toEqual([]);
    const sizes = await Promise.all(files.map(size));
    expect(sizes.reduce((sum, each) => sum + each)).toBeLessThan(3_000_000);
  });
});

describe('streaming into the page', () => {
  it('U1 ends with the same page as a snapshot of the whole, however the text was cut', async () => {
    await view.send(
      appState(),
      snapshot([
        claude(
          1,
          samples.map((sample, index) => prose(`p${String(index)}`, sample)),
        ),
      ]),
    );
    await view.page.waitForSelector('.prose h2');
    const whole = await htmlOfProse();
    expect(whole.length).toBe(samples.length);
    for (const [seed, longest] of [
      [1, 1],
      [2, 4],
      [3, 30],
    ] as const) {
      const random = seeded(seed);
      await view.send(snapshot([user(1, 'Go')]));
      const events: SessionEvent[] = [{ kind: 'start', turn: 't', prompt: null, at: 0 }];
      samples.forEach((sample, index) => {
        events.push(text(index, ''), ...pieces(sample, longest, random).map((piece) => text(index, piece)));
      });
      await view.send(...events.map((event, index) => batch(index, [event])));
      await view.send(batch(events.length, [{ kind: 'complete', turn: 't', usage: sceneUsage }]));
      expect(await htmlOfProse()).toEqual(whole);
    }
    expect(view.troubles).toEqual([]);
  });

  it('U1 shows on the way what a view shows that attaches at that moment', async () => {
    // A link that is defined after its use is drawn when the text is complete.
    const plain = samples.filter((sample) => !sample.includes(']:'));
    const random = seeded(11);
    for (let round = 0; round < 30; round++) {
      const whole = [plain[random(plain.length)] ?? '', plain[random(plain.length)] ?? ''].join('\n\n');
      const so = whole.slice(0, 1 + random(whole.length));
      const attached = snapshot([claude(1, [prose('p', so, { streaming: true })], { state: 'streaming' })]);
      await view.send(snapshot([user(1, 'Go')]), attached);
      const expected = await htmlOfProse();
      const events: SessionEvent[] = [{ kind: 'start', turn: 't', prompt: null, at: 0 }];
      events.push(...pieces(so, 6, random).map((piece) => text(0, piece)));
      await view.send(snapshot([]), ...events.map((event, index) => batch(index, [event])));
      expect(await htmlOfProse(), JSON.stringify(so)).toEqual(expected);
    }
  });
});
