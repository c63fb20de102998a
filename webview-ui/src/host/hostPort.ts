import { toDisposable, type Disposable } from '../../../src/base/disposable.js';
import { isObject } from '../../../src/base/json.js';
import type { ToHost } from '../../../src/protocol/chat/toHost.js';
import type { ToView } from '../../../src/protocol/chat/toView.js';

/** What the editor gives a webview; see `acquireVsCodeApi` in the editor's webview guide. */
export interface EditorApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

/** What the view keeps for itself between two of its lives: text that the host may not have got yet. */
export interface CachedDraft {
  readonly session: string;
  readonly text: string;
}

/** The way to the extension host. */
export interface HostPort {
  /** Sends a message; nothing comes back but through `listen`. */
  readonly post: (message: ToHost) => void;
  /** Calls `listener` for every message of the host until disposed. */
  listen(listener: (message: ToView) => void): Disposable;
  /** The draft that was typed but not sent to the host, or null. */
  readonly cachedDraft: CachedDraft | null;
  /** Keeps or, with null, forgets such a draft. */
  cacheDraft(draft: CachedDraft | null): void;
}

const types: ReadonlySet<string> = new Set<ToView['type']>([
  'several',
  'app',
  'snapshot',
  'events',
  'header',
  'earlier',
  'reveal',
  'around',
  'refused',
  'insert',
  'focus',
]);

/** Whether a window message is one of the host's. Both sides come from one package, so the type decides. */
export function isToView(value: unknown): value is ToView {
  return isObject(value) && typeof value['type'] === 'string' && types.has(value['type']);
}

/**
 * The port over the editor's webview interface.
 * @param editor what `acquireVsCodeApi` gave; it can be asked for only once
 * @param target where the host's messages arrive
 */
export function createHostPort(editor: EditorApi, target: Window): HostPort {
  return {
    post: (message) => {
      editor.postMessage(message);
    },
    listen: (listener) => {
      const receive = (event: MessageEvent<unknown>): void => {
        if (isToView(event.data)) listener(event.data);
      };
      target.addEventListener('message', receive);
      return toDisposable(() => {
        target.removeEventListener('message', receive);
      });
    },
    get cachedDraft() {
      const state = editor.getState();
      if (!isObject(state)) return null;
      const { session, text } = state;
      return typeof session === 'string' && typeof text === 'string' ? { session, text } : null;
    },
    cacheDraft: (draft) => {
      editor.setState(draft);
    },
  };
}
