import { detach } from '../../base/detach.js';
import { toDisposable, type Disposable } from '../../base/disposable.js';
import type { SessionIndexChange } from '../sessionIndex.js';
import type { SessionIndex, Transcripts } from '../storePorts.js';
import { TranscriptFollower, type FollowerParts } from './elsewhere.js';
import { findOther, openElsewhere } from './otherPrograms.js';
import type { Session } from './session.js';
import { severalTranscripts, transcriptDeleted } from './transcriptProblems.js';

/** What is looked at outside of this window. */
export interface OutsideParts extends FollowerParts {
  readonly transcripts: Transcripts;
  readonly index: Pick<SessionIndex, 'get'>;
}

/**
 * Tells the sessions of this window what happens to their conversations outside of it: another program adds to one or is at
 * one, a transcript goes, there are two of one id.
 */
export class Outside {
  readonly #parts: OutsideParts;
  readonly #followers = new Map<Session, TranscriptFollower>();

  /** @param parts what is looked at */
  constructor(parts: OutsideParts) {
    this.#parts = parts;
  }

  /** Looks after a session until the result is disposed. */
  follow(session: Session): Disposable {
    const follower = new TranscriptFollower(session, this.#parts);
    this.#followers.set(session, follower);
    return toDisposable(() => {
      this.#followers.delete(session);
      follower.dispose();
    });
  }

  /** Says what is the matter with a session that was opened just now. */
  opened(session: Session): void {
    this.#tellOfSeveral(session);
    this.#detach(this.#tellOfOther(session));
  }

  /** Looks at the transcripts that have changed or are gone. */
  transcriptsChanged({ changed, removed }: SessionIndexChange): void {
    const [changedIds, removedIds] = [new Set(changed), new Set(removed)];
    for (const [session, follower] of this.#followers) {
      if (changedIds.has(session.id)) follower.changed();
      if (removedIds.has(session.id)) this.#detach(this.#tellOfRemoved(session));
    }
  }

  /** The program takes the transcript of the folder that it runs in. */
  #tellOfSeveral(session: Session): void {
    const { id, folder } = session.record;
    const entry = this.#parts.index.get(id);
    if (!entry || entry.also.length === 0) return;
    const places = [entry, ...entry.also].map(({ cwd }) => cwd);
    const shown = places.includes(folder) ? folder : entry.cwd;
    const others = places.filter((cwd) => cwd !== shown);
    session.notice('warning', severalTranscripts(shown, others));
  }

  async #tellOfOther(session: Session): Promise<void> {
    const { registry, clock } = this.#parts;
    const other = await findOther(registry, session, clock);
    if (other && this.#followers.has(session)) session.notice('warning', openElsewhere(other));
  }

  /** What the index does not have any more may only be out of its sight. */
  async #tellOfRemoved(session: Session): Promise<void> {
    const { id, folder, head } = session.record;
    if (head === null || (await this.#parts.transcripts.exists(folder, id))) return;
    if (this.#followers.has(session)) session.notice('warning', transcriptDeleted());
  }

  #detach(work: Promise<void>): void {
    detach(work, (error) => {
      this.#parts.logger.warn(`What happens to a conversation outside could not be found out: ${String(error)}`);
    });
  }
}
