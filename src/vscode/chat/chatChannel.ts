import type * as vscode from 'vscode';
import type { Clock } from '../../base/clock.js';
import { detach } from '../../base/detach.js';
import { DisposableStore, type Disposable } from '../../base/disposable.js';
import type { Logger } from '../../base/logger.js';
import { clipEvent } from '../../core/chat/clip.js';
import { EventBatcher } from '../../core/chat/eventBatcher.js';
import type { Reveals } from '../../core/chat/reveals.js';
import {
  messagesAround,
  sessionHeader,
  sessionSnapshot,
  type FolderView,
  type NameOf,
} from '../../core/chat/snapshot.js';
import type { Session } from '../../core/session/session.js';
import type { AppState, ToView } from '../../protocol/chat/toView.js';

/** What a channel needs to know of the editor. */
export interface ChannelContext {
  readonly clock: Clock;
  readonly logger: Logger;
  appState(): AppState;
  folderOf(session: Session): FolderView;
  /** What the view is to go to. */
  readonly reveals: Reveals;
  readonly nameOf: NameOf;
}

/**
 * Sends one session to one webview: a snapshot, then its events from there. A view that is hidden gets nothing, and a new
 * snapshot when it is shown again.
 */
export class ChatChannel implements Disposable {
  readonly #view: vscode.WebviewView;
  readonly #context: ChannelContext;
  readonly #owned = new DisposableStore();
  #session: Session | null = null;
  #subscriptions = new DisposableStore();
  #batcher: EventBatcher | null = null;
  #ready = false;
  /** The view missed something while it was hidden. */
  #stale = false;
  #header = '';
  /** What goes to the view when the present task is done. */
  #outgoing: ToView[] = [];

  /**
   * @param view the chat view
   * @param context the editor
   */
  constructor(view: vscode.WebviewView, context: ChannelContext) {
    this.#view = view;
    this.#context = context;
    this.#owned.add(
      view.onDidChangeVisibility(() => {
        if (view.visible && this.#stale) this.#sendAll();
      }),
    );
    this.#owned.add(
      context.reveals.onRequest((session) => {
        if (session === this.#session?.id && this.#isShown()) this.#sendReveal();
      }),
    );
  }

  /** Shows another session. */
  show(session: Session): void {
    if (this.#session === session) return;
    this.#subscriptions.dispose();
    this.#subscriptions = new DisposableStore();
    this.#session = session;
    this.#context.reveals.shows(session.id);
    this.#batcher = this.#subscriptions.add(
      new EventBatcher(this.#context.clock, ({ from, next, events }) => {
        this.#post({ type: 'events', session: session.id, from, next, events: events.map(clipEvent) });
      }),
    );
    this.#subscriptions.add(
      session.onEvents((batch) => {
        if (this.#isShown()) this.#batcher?.add(batch);
      }),
    );
    this.#subscriptions.add(
      session.onChange(() => {
        this.sendHeader();
      }),
    );
    this.#sendAll();
  }

  /** The view is loaded and wants everything. */
  start(): void {
    this.#ready = true;
    this.#sendAll();
  }

  /** Sends what is the same for all sessions. */
  sendApp(): void {
    this.#post({ type: 'app', app: this.#context.appState() });
  }

  /** Sends the session's header where it changed. */
  sendHeader(): void {
    if (!this.#session || !this.#isShown()) return;
    const header = sessionHeader(this.#session, this.#context.folderOf(this.#session), this.#context.nameOf);
    const text = JSON.stringify(header);
    if (text === this.#header) return;
    this.#header = text;
    this.#post({ type: 'header', header });
  }

  /** The view shows the message that it was to show. */
  revealed(session: Session, message: number): void {
    this.#context.reveals.done(session.id, message);
  }

  /** Sends a message to the view, where it is there to see it. */
  send(message: ToView): void {
    this.#post(message);
  }

  #isShown(): boolean {
    if (this.#ready && this.#view.visible) return true;
    this.#stale = true;
    return false;
  }

  #sendAll(): void {
    if (!this.#ready) return;
    this.#stale = false;
    this.sendApp();
    if (!this.#session) return;
    // The snapshot holds what waits; sent after it, it would be there twice.
    this.#batcher?.clear();
    const snapshot = sessionSnapshot(this.#session, this.#context.folderOf(this.#session), this.#context.nameOf);
    this.#header = JSON.stringify(snapshot.header);
    this.#post(snapshot);
    this.#sendReveal();
  }

  #sendReveal(): void {
    const session = this.#session;
    const message = session && this.#context.reveals.wanted(session.id);
    if (!session || message === null) return;
    this.#post({ type: 'reveal', session: session.id, message, around: messagesAround(session, message) });
  }

  /**
   * What is posted in one go is sent as one message: each costs the editor and the view some work, just when the program has
   * most to do.
   */
  #post(message: ToView): void {
    if (!this.#ready) return;
    this.#outgoing.push(message);
    if (this.#outgoing.length > 1) return;
    const sent = Promise.resolve().then(() => {
      const [first, ...others] = this.#outgoing;
      this.#outgoing = [];
      if (!first) return undefined;
      return this.#view.webview.postMessage(
        others.length === 0 ? first : ({ type: 'several', messages: [first, ...others] } satisfies ToView),
      );
    });
    detach(sent, (error) => {
      this.#context.logger.error('A message could not be sent to the chat view', error);
    });
  }

  dispose(): void {
    this.#subscriptions.dispose();
    this.#owned.dispose();
  }
}
