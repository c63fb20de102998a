import { describe, expect, it } from 'vitest';
import { CancellationSource, type CancellationToken } from '../../../../src/base/cancellation.js';
import { ArborError, type Explanation } from '../../../../src/base/errors.js';
import { ChatOpener, type AddressView } from '../../../../src/core/address/openAt.js';
import type { LinePlace, LinePlaces } from '../../../../src/core/address/linePlace.js';
import type { Resolution } from '../../../../src/core/address/resolve.js';
import { Reveals } from '../../../../src/core/chat/reveals.js';
import type { SessionIndexEntry } from '../../../../src/core/sessionIndex.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { newRecord, uuid, World } from '../../../support/fakes/world.js';
import { before, open, stateWith, type Window } from '../session/window.js';

const { id } = newRecord();

/** What the user would see, in its order. */
class SeenView implements AddressView {
  readonly seen: string[] = [];
  document: (() => Promise<void>) | null = null;
  readonly source = new CancellationSource();

  focus(): Promise<void> {
    this.seen.push('focus');
    return Promise.resolve();
  }

  reveal(session: { readonly id: string }, message: number): void {
    this.seen.push(`reveal ${String(message)} of ${session.id}`);
  }

  tell({ what }: Explanation, document: (() => Promise<void>) | null): void {
    this.seen.push(`tell ${what}`);
    this.document = document;
  }

  showDocument(sessionId: string, messageUuid: string): Promise<void> {
    this.seen.push(`document ${sessionId} ${messageUuid}`);
    return Promise.resolve();
  }

  whileSeeking<T>(work: (token: CancellationToken) => Promise<T>): Promise<T> {
    return work(this.source.token);
  }
}

const unresolved: Resolution = {
  kind: 'unresolved',
  reason: 'noSuchSession',
  explanation: { code: 'notFound', what: 'Not on this machine.' },
};

function place(changes: Partial<LinePlace> = {}): LinePlace {
  return { isSubagent: false, isShown: true, marks: [], before: [], distance: 1, ...changes };
}

interface Bench extends Window {
  readonly view: SeenView;
  readonly opener: ChatOpener;
  refreshed: number;
}

async function bench(given: {
  readonly world?: World;
  readonly find?: LinePlaces['find'];
  readonly exists?: boolean;
  readonly refresh?: () => void;
}): Promise<Bench> {
  const world = given.world ?? new World(stateWith());
  world.transcripts.conversations.set(id, before);
  const window = open(world);
  const restoring = window.sessions.restore(['/ws']);
  const view = new SeenView();
  const made: Bench = {
    ...window,
    view,
    refreshed: 0,
    opener: new ChatOpener({
      sessions: window.sessions,
      view,
      places: {
        find: given.find ?? (() => Promise.resolve(null)),
        exists: () => Promise.resolve(given.exists ?? false),
      },
      resolver: { resolve: () => Promise.resolve(unresolved) },
      restored: async () => {
        await restoring;
      },
      refresh: () => {
        made.refreshed += 1;
        given.refresh?.();
        return Promise.resolve();
      },
    }),
  };
  await restoring;
  return made;
}

describe('opening an address', () => {
  it('U3 T9 opens the session in the chat, then goes to the message', async () => {
    const { opener, view, sessions } = await bench({});
    sessions.create('/ws');
    await opener.openAt(id, uuid(500));
    expect(sessions.open?.id).toBe(id);
    expect(view.seen).toEqual(['focus', `reveal 1 of ${id}`]);
  });

  it('T9 opens a session that is meant as such at its end', async () => {
    const { opener, view, sessions } = await bench({});
    sessions.create('/ws');
    await opener.openAt(id, null);
    expect(sessions.open?.id).toBe(id);
    expect(view.seen).toEqual(['focus']);
  });

  it('S3 opens a session that the program made a moment ago', async () => {
    const world = new World(stateWith());
    const foreign = uuid(77);
    const entry: SessionIndexEntry = {
      id: foreign,
      path: '/config/own.jsonl',
      folder: '/ws',
      cwd: '/ws',
      isWorktree: false,
      bornAt: 1,
      size: 1,
      modifiedAt: 1,
      createdAt: 1,
      activeAt: 2,
      title: 'By itself',
      titleSource: 'prompt',
      firstPrompt: 'Hello',
      branch: null,
      forkedFrom: null,
      origin: null,
      also: [],
    };
    world.transcripts.conversations.set(foreign, before);
    const made = await bench({
      world,
      refresh: () => {
        world.foreign.set(foreign, entry);
      },
    });
    await made.opener.openAt(foreign, uuid(500));
    expect(made.refreshed).toBe(1);
    expect(made.view.seen).toEqual(['focus', `reveal 1 of ${foreign}`]);
  });

  it('T9 is at the nearest message and says why, with the message by itself, where it was left', async () => {
    const left = place({ marks: ['gone'], before: [['gone too'], ['line-m1']] });
    const { opener, view } = await bench({ find: () => Promise.resolve(left) });
    await opener.openAt(id, uuid(9));
    expect(view.seen.slice(1)).toEqual([
      `reveal 2 of ${id}`,
      'tell This message is not in the conversation any more: the conversation went on from an earlier message.',
    ]);
    await view.document?.();
    expect(view.seen.at(-1)).toBe(`document ${id} ${uuid(9)}`);
  });

  it('S8 T9 says that another window has the session, with the message by itself', async () => {
    const world = new World(stateWith());
    world.leases.held.add(id);
    const { opener, view, sessions } = await bench({ world });
    const shown = sessions.open;
    await opener.openAt(id, uuid(500));
    expect(sessions.open).toBe(shown);
    expect(view.seen).toEqual(['focus', 'tell The conversation “Before” is open in another window of this workspace.']);
    expect(view.document).not.toBeNull();
  });

  it('T9 says why where there is no such session, and what else it is where there is one in another folder', async () => {
    const nowhere = await bench({});
    await nowhere.opener.openAt(uuid(5), uuid(6));
    expect(nowhere.view.seen).toEqual(['focus', 'tell Not on this machine.']);
    expect(nowhere.view.document).toBeNull();
    const elsewhere = await bench({ exists: true });
    await elsewhere.opener.openAt(uuid(5), uuid(6));
    expect(elsewhere.view.seen[1]).toContain('a folder that is not open in this window');
    expect(elsewhere.view.document).not.toBeNull();
    await elsewhere.opener.openAt(uuid(5), null);
    expect(elsewhere.view.document).toBeNull();
  });

  it('T9 tells what goes wrong while it reads, and nothing where the user canceled', async () => {
    const damaged = new ArborError({ code: 'transcriptChanged', what: 'Rewritten.' });
    const failing = await bench({ find: () => Promise.reject(damaged) });
    await failing.opener.openAt(id, uuid(9));
    expect(failing.view.seen).toEqual(['focus', 'tell Rewritten.']);
    const canceled = await bench({ find: () => Promise.resolve(place({ marks: ['gone'] })) });
    canceled.view.source.cancel();
    await canceled.opener.openAt(id, uuid(9));
    expect(canceled.view.seen).toEqual(['focus']);
  });

  it('T9 of two that are opened at once, only the second is gone to', async () => {
    let release: (() => void) | undefined;
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { opener, view } = await bench({
      find: async () => {
        await slow;
        return place({ marks: ['line-m1'] });
      },
    });
    const first = opener.openAt(id, uuid(9));
    await settled();
    await opener.openAt(id, uuid(500));
    release?.();
    await first;
    expect(view.seen.filter((each) => each.startsWith('reveal'))).toEqual([`reveal 1 of ${id}`]);
  });
});

describe('the message that the chat is to show', () => {
  it('T9 is kept until a view shows it, or another session is shown', () => {
    const reveals = new Reveals((error) => {
      throw error;
    });
    const requests: string[] = [];
    reveals.onRequest((session) => requests.push(session));
    reveals.request('a', 3);
    reveals.shows('a');
    expect(reveals.wanted('a')).toBe(3);
    expect(reveals.wanted('b')).toBeNull();
    reveals.done('a', 2);
    expect(reveals.wanted('a')).toBe(3);
    reveals.done('a', 3);
    expect(reveals.wanted('a')).toBeNull();
    reveals.request('a', 4);
    reveals.shows('b');
    expect(reveals.wanted('a')).toBeNull();
    expect(requests).toEqual(['a', 'a']);
    reveals.dispose();
  });
});
