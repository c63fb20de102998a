import { describe, expect, it } from 'vitest';
import { effect } from '@preact/signals';
import { maxPromptLength, type ToHost } from '../../../src/protocol/chat/toHost.js';
import type { ToView } from '../../../src/protocol/chat/toView.js';
import type { SessionEvent } from '../../../src/protocol/session/events.js';
import {
  batch,
  claude,
  prose,
  sceneHeader,
  sceneSession,
  snapshot,
  tool,
  user,
} from '../../../webview-ui/dev/build.js';
import { isToView, type CachedDraft, type HostPort } from '../../../webview-ui/src/host/hostPort.js';
import { ChatStore } from '../../../webview-ui/src/state/chatStore.js';

const other = '00000000-0000-4000-8000-000000000001';

/** A store with a host that writes down what it gets, and time that passes on request. */
function bench(cached: CachedDraft | null = null) {
  const posts: ToHost[] = [];
  let listener: ((message: ToView) => void) | null = null;
  let due: (() => void) | null = null;
  const kept = { draft: cached };
  const host: HostPort = {
    post: (message) => posts.push(message),
    listen: (to) => {
      listener = to;
      return { dispose: () => (listener = null) };
    },
    get cachedDraft() {
      return kept.draft;
    },
    cacheDraft: (draft) => {
      kept.draft = draft;
    },
  };
  const batches: (readonly SessionEvent[])[] = [];
  const store = new ChatStore(
    host,
    (callback) => {
      due = callback;
      return () => {
        due = null;
      };
    },
    (events) => batches.push(events),
  );
  return {
    store,
    posts,
    kept,
    batches,
    send: (message: ToView) => listener?.(message),
    rest: () => due?.(),
    get listens() {
      return listener !== null;
    },
  };
}

describe('the draft', () => {
  it('S6 goes to the host after a rest, once', () => {
    const { store, posts, send, rest, kept } = bench();
    send(snapshot([]));
    store.draft.type('a');
    store.draft.type('ab');
    expect(posts).toEqual([]);
    expect(kept.draft).toEqual({ session: sceneSession, text: 'ab' });
    rest();
    expect(posts).toEqual([{ type: 'draft', session: sceneSession, text: 'ab' }]);
    expect(kept.draft).toBeNull();
    store.draft.flush();
    expect(posts.length).toBe(1);
  });

  it('S6 of one session is sent before another session is shown, and never goes there', () => {
    const { store, posts, send } = bench();
    send(snapshot([]));
    store.draft.type('for the first');
    send(snapshot([], { id: other }, { draft: 'of the second' }));
    expect(posts).toEqual([{ type: 'draft', session: sceneSession, text: 'for the first' }]);
    expect(store.draft.text.value).toBe('of the second');
  });

  it('S6 that only the editor kept is newer than the host’s, for its own session only', () => {
    const mine = bench({ session: sceneSession, text: 'newer' });
    mine.send(snapshot([], {}, { draft: 'older' }));
    expect(mine.store.draft.text.value).toBe('newer');
    const theirs = bench({ session: other, text: 'newer' });
    theirs.send(snapshot([], {}, { draft: 'older' }));
    expect(theirs.store.draft.text.value).toBe('older');
  });

  it('S6 is sent when the view ends', () => {
    const view = bench();
    view.send(snapshot([]));
    view.store.draft.type('last words');
    view.store.dispose();
    expect(view.posts).toEqual([{ type: 'draft', session: sceneSession, text: 'last words' }]);
    expect(view.listens).toBe(false);
  });

  it('S6 too long for the editor’s state is still sent to the host', () => {
    const { store, posts, send, rest, kept } = bench();
    send(snapshot([]));
    store.draft.type('x'.repeat(200_000));
    expect(kept.draft).toBeNull();
    rest();
    expect(posts[0]).toMatchObject({ type: 'draft' });
  });
});

describe('sending', () => {
  it('T7 sends the text alone: the host, which takes it, empties the draft by itself', () => {
    const { store, posts, send, kept } = bench();
    send(snapshot([]));
    store.draft.type(' hello ');
    expect(store.send()).toBe(true);
    store.draft.flush();
    expect(posts).toEqual([{ type: 'send', session: sceneSession, text: ' hello ' }]);
    expect(store.draft.text.value).toBe('');
    expect(kept.draft).toBeNull();
  });

  it('T7 sends nothing that is blank or has no session', () => {
    const { store, posts, send } = bench();
    store.draft.type('early');
    expect(store.send()).toBe(false);
    send(snapshot([]));
    store.draft.type(' \n ');
    expect(store.send()).toBe(false);
    expect(posts.some(({ type }) => type === 'send')).toBe(false);
  });

  it('T7 keeps what is too long to be sent, and says so', () => {
    const { store, posts, send } = bench();
    send(snapshot([]));
    store.draft.type('x'.repeat(maxPromptLength + 1));
    expect(store.send()).toBe(false);
    expect(store.refusal.value?.code).toBe('promptTooLarge');
    expect(store.draft.text.value.length).toBe(maxPromptLength + 1);
    store.draft.type('x'.repeat(maxPromptLength));
    expect(store.send()).toBe(true);
    expect(store.refusal.value).toBeNull();
    expect(posts.filter(({ type }) => type === 'send').length).toBe(1);
  });

  it('T7 gives back what was refused without touching what was typed since', () => {
    const { store, send } = bench();
    send(snapshot([]));
    const refuse = (text: string) =>
      send({ type: 'refused', session: sceneSession, text, reason: { code: 'busy', what: 'No.' } });
    refuse('alone');
    expect(store.draft.text.value).toBe('alone');
    store.draft.type('since');
    refuse('before');
    expect(store.draft.text.value).toBe('before\n\nsince');
    send({ type: 'refused', session: other, text: 'not ours', reason: { code: 'busy', what: 'No.' } });
    expect(store.draft.text.value).toBe('before\n\nsince');
  });
});

describe('the conversation', () => {
  it('U1 tells only those who show what a batch changed, once per batch', () => {
    const { store, send } = bench();
    const first = prose('text//m/0', 'a', { streaming: true });
    const second = tool('t', 'Bash', {}, { state: 'running' });
    const message = claude(1, [first, second], { state: 'streaming' });
    send(snapshot([message]));
    const conversation = store.conversation.value;
    if (!conversation) throw new Error('no conversation');
    const drawn = { first: 0, second: 0, message: 0, list: 0 };
    effect(() => {
      conversation.watch(first);
      drawn.first += 1;
    });
    effect(() => {
      conversation.watch(second);
      drawn.second += 1;
    });
    effect(() => {
      conversation.watch(message);
      drawn.message += 1;
    });
    effect(() => {
      drawn.list += conversation.all.length;
    });
    const text = (piece: string): SessionEvent => ({
      kind: 'text',
      block: { parent: null, message: 'm', index: 0 },
      text: piece,
      whole: false,
    });
    send(batch(0, [text('b'), text('c'), text('d')]));
    expect(first.text).toBe('abcd');
    expect(drawn).toEqual({ first: 2, second: 1, message: 1, list: 1 });
    send(batch(3, [{ kind: 'toolResult', id: 't', output: { text: 'ok', attachments: 0 }, isError: false }]));
    expect(drawn).toEqual({ first: 2, second: 2, message: 1, list: 1 });
  });

  it('T1 asks for a snapshot when events are missing, and ignores those it has and those of others', () => {
    const { send, posts, batches } = bench();
    send(snapshot([], {}, { next: 4 }));
    const start: SessionEvent = { kind: 'start', turn: 't', prompt: null, at: 0 };
    send(batch(2, [start, start]));
    send({ type: 'events', session: other, from: 4, next: 5, events: [start] });
    expect(batches).toEqual([]);
    expect(posts).toEqual([]);
    send(batch(4, [start]));
    expect(batches.length).toBe(1);
    send(batch(7, [start]));
    expect(posts).toEqual([{ type: 'ready' }]);
  });

  it('S6 keeps the reader’s place when a snapshot of the same session comes', () => {
    const { store, send } = bench();
    send(snapshot([], {}, { scroll: { atEnd: false, message: 3, offset: 5 } }));
    expect(store.place.message).toBe(3);
    store.place = { atEnd: false, message: 9, offset: 0 };
    send(snapshot([], {}, { scroll: { atEnd: false, message: 3, offset: 5 } }));
    expect(store.place.message).toBe(9);
    send(snapshot([], { id: other }));
    expect(store.place.atEnd).toBe(true);
  });

  it('S6 ignores the header of another session', () => {
    const { store, send } = bench();
    send(snapshot([]));
    send({ type: 'header', header: sceneHeader({ id: other, name: 'Other' }) });
    expect(store.header.value?.id).toBe(sceneSession);
  });

  it('U5 takes nothing for a message of the host that is none', () => {
    for (const value of [null, 7, 'app', {}, { type: 'eval' }, { type: 5 }, []]) expect(isToView(value)).toBe(false);
    expect(isToView({ type: 'focus' })).toBe(true);
  });
});

describe('a conversation whose beginning was not read', () => {
  const base = 1_000_000_000;
  const page = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) =>
      (from + index) % 2 === 1 ? user(base + from + index, 'q') : claude(base + from + index, [prose('p', 'a')]),
    );
  const earlier = (messages: ReturnType<typeof page>, unread: boolean, count = 0): ToView => ({
    type: 'earlier',
    session: sceneSession,
    messages,
    earlier: count,
    unread,
  });

  it('U1 numbers its messages as soon as the beginning is there', () => {
    const { store, send } = bench();
    send(snapshot(page(11, 10), {}, { unread: true }));
    const conversation = store.conversation.value;
    const ordinals = () => conversation?.all.map((message) => conversation.ordinal(message));
    expect(ordinals()).toEqual(Array.from({ length: 10 }, () => null));
    send(earlier(page(7, 4), true));
    expect(ordinals()).toEqual(Array.from({ length: 14 }, () => null));
    send(earlier(page(5, 2), false, 4));
    expect(ordinals()).toEqual(Array.from({ length: 16 }, (_, index) => index + 5));
    send(earlier(page(1, 4), false));
    expect(ordinals()).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  it('U1 takes no page that does not end where its messages begin, and can ask again', () => {
    const { store, send } = bench();
    send(snapshot(page(11, 10), {}, { unread: true }));
    const conversation = store.conversation.value;
    if (conversation) conversation.asked = 11;
    send(earlier(page(1, 4), false));
    expect(conversation?.all).toHaveLength(10);
    expect(conversation?.unread.value).toBe(true);
    expect(conversation?.asked).toBeNull();
  });

  it('S6 finds the place of the reader by the prompt before it, whatever the numbers are by then', () => {
    const { store, send } = bench();
    send(snapshot(page(1, 20), {}, { unread: true }));
    const place = store.conversation.value?.anchored({ atEnd: false, message: base + 8, offset: 5 });
    expect(place?.anchor).toEqual({ uuid: `user-${String(base + 7)}`, after: 1 });
    const renumbered = page(5, 10).map((message) => ({ ...message, number: message.number - 4 }));
    send(snapshot(renumbered, {}, { unread: true }));
    const here = store.conversation.value;
    expect(place && here?.located(place)).toMatchObject({ message: base + 4, offset: 5 });
    expect(here?.located({ atEnd: false, message: 1, offset: 0 })).toBeNull();
    expect(
      here?.located({ atEnd: false, message: base + 2, offset: 0, anchor: { uuid: 'gone', after: 0 } }),
    ).toBeNull();
    expect(here?.anchored({ atEnd: true, message: 0, offset: 0 }).anchor).toBeUndefined();
  });
});
