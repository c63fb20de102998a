import type { Clock } from '../../base/clock.js';
import { DisposableStore, type Disposable } from '../../base/disposable.js';
import type { Logger } from '../../base/logger.js';
import type { LinePlaces } from '../../core/address/linePlace.js';
import { ChatOpener } from '../../core/address/openAt.js';
import { AddressResolver, type MessageSource } from '../../core/address/resolve.js';
import { Reveals } from '../../core/chat/reveals.js';
import type { MessageOpener } from '../../core/search/search.js';
import type { Sessions } from '../../core/session/sessions.js';
import { EditorAddressView } from './addressView.js';
import { MessageDocuments } from './messageDocuments.js';

/** What addresses need of the rest. */
export interface ChatAddressesParts {
  readonly sessions: Sessions;
  readonly places: LinePlaces;
  readonly source: MessageSource;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Resolves when the session that was open before has been restored. */
  readonly restored: () => Promise<void>;
  /** Looks for sessions that were made a moment ago. */
  readonly refresh: () => Promise<void>;
}

/** The addresses of messages in this window: opens them in the chat, and as documents. */
export class ChatAddresses implements Disposable {
  readonly #owned = new DisposableStore();
  /** Opens sessions in the chat at their messages. */
  readonly opener: MessageOpener;
  /** What the chat view is to go to. */
  readonly reveals: Reveals;

  /** @param parts what is needed for it */
  constructor(parts: ChatAddressesParts) {
    const { sessions, source, logger } = parts;
    const resolver = new AddressResolver(source, (id) => sessions.get(id)?.record.name ?? '');
    const documents = this.#owned.add(new MessageDocuments(resolver));
    const reveals = new Reveals((error) => {
      logger.error('A message could not be shown in the chat', error);
    });
    this.reveals = this.#owned.add(reveals);
    this.opener = new ChatOpener({ ...parts, resolver, view: new EditorAddressView({ ...parts, reveals, documents }) });
  }

  dispose(): void {
    this.#owned.dispose();
  }
}
