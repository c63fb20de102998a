import { isObject } from '../../src/base/json.js';
import type { ToView } from '../../src/protocol/chat/toView.js';
import { noTurnUsage, type SessionEvent } from '../../src/protocol/session/events.js';
import { batch, sceneHeader, sceneUsage } from './build.js';
import { markdownTour } from './texts.js';

/** Stands in for the extension host: sends a scene, and answers what is sent with a streamed text. */
export class FakeHost {
  readonly #send: (message: ToView) => void;
  readonly #scene: () => readonly ToView[];
  #next = 0;
  #turns = 0;
  #stop: (() => void) | null = null;

  /** @param send delivers a message to the view @param scene what it is sent first */
  constructor(send: (message: ToView) => void, scene: () => readonly ToView[]) {
    this.#send = send;
    this.#scene = scene;
  }

  /** Takes a message of the view. */
  take(message: unknown): void {
    if (!isObject(message)) return;
    if (message['type'] === 'ready') for (const each of this.#scene()) this.#send(each);
    else if (message['type'] === 'send' && typeof message['text'] === 'string') this.#answer(message['text']);
    else if (message['type'] === 'stop') this.#stop?.();
  }

  #answer(text: string): void {
    this.#turns += 1;
    const turn = `demo-${String(this.#turns)}`;
    const block = { parent: null, message: turn, index: 0 };
    this.#send({ type: 'header', header: sceneHeader({ state: 'running' }) });
    this.#events([{ kind: 'start', turn, prompt: { uuid: turn, text }, at: Date.now() }]);
    let at = 0;
    const timer = setInterval(() => {
      const piece = markdownTour.slice(at, at + 7);
      at += 7;
      if (piece === '') end({ kind: 'complete', turn, usage: sceneUsage });
      else this.#events([{ kind: 'text', block, text: piece, whole: false }]);
    }, 16);
    const end = (outcome: SessionEvent): void => {
      clearInterval(timer);
      this.#stop = null;
      this.#events([outcome]);
      this.#send({ type: 'header', header: sceneHeader() });
    };
    this.#stop = () => {
      end({ kind: 'canceled', turn, by: 'user', usage: noTurnUsage });
    };
  }

  #events(events: readonly SessionEvent[]): void {
    this.#send(batch(this.#next, events));
    this.#next += events.length;
  }
}
