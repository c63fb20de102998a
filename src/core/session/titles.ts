import { detach } from '../../base/detach.js';
import { DisposableStore, type Disposable } from '../../base/disposable.js';
import { stringAt } from '../../base/json.js';
import type { Logger } from '../../base/logger.js';
import type { TurnOutcome } from '../../protocol/session/events.js';
import type { SessionRecord } from '../../protocol/state/workspaceState.js';
import type { ClaudeProcess } from '../ports.js';
import type { SessionIndex } from '../storePorts.js';
import type { Session } from './session.js';
import type { Sessions } from './sessions.js';

/** What titles are taken from, and who gets them. */
export interface TitleParts {
  readonly sessions: Sessions;
  readonly index: Pick<SessionIndex, 'get' | 'onChange'>;
  /** Whether the program may be asked for titles, which costs a small request. @param folder absolute path */
  readonly mayAsk: (folder: string) => boolean;
  readonly logger: Logger;
}

/** How often a session's title is asked for at most, one turn after the other. */
const attempts = 3;
/** Characters of the prompt that the program makes a title of. */
const promptLength = 4000;
/** Characters of a title, as the index cuts them. */
const titleLength = 200;

/**
 * Gives sessions the program's own titles, but for those that the user named. The program writes titles by itself only where a
 * person sits at its own interface; otherwise it makes one when it is asked (`generate_session_title`), here after the first
 * turn. Titles that it wrote down, or that the user gave in its own interface, come through the index.
 */
export class SessionTitles implements Disposable {
  readonly #parts: TitleParts;
  readonly #owned = new DisposableStore();
  /** What listens to each live session. */
  readonly #watched = new Map<string, Disposable>();
  readonly #asked = new Map<string, number>();

  /** @param parts what titles are taken from */
  constructor(parts: TitleParts) {
    this.#parts = parts;
    const { sessions, index } = parts;
    this.#owned.add(
      index.onChange(({ changed }) => {
        this.#follow(changed);
      }),
    );
    this.#owned.add(
      sessions.records.onChange((ids) => {
        this.#follow(ids);
      }),
    );
    this.#owned.add(
      sessions.onChange((id) => {
        this.#watch(id);
      }),
    );
  }

  /** Takes over what the index says. */
  #follow(ids: readonly string[]): void {
    const { sessions } = this.#parts;
    const others = new Map<string, string>();
    for (const id of ids) {
      const live = sessions.get(id);
      const record = live?.record ?? sessions.records.all.get(id);
      const title = record ? this.#titleFor(record) : null;
      if (title === null || (record?.name === title && record.nameFrom === 'program')) continue;
      if (live) live.update({ name: title, nameFrom: 'program' });
      else others.set(id, title);
    }
    if (others.size === 0) return;
    const changed = sessions.records.change([...others.keys()], (record) => {
      const title = others.get(record.id);
      return title === undefined || record.nameFrom === 'user'
        ? record
        : { ...record, name: title, nameFrom: 'program' };
    });
    sessions.records.detach(changed, 'The title of a session could not be kept');
  }

  /** What the program calls a session, or null where that is not its own title or the user's word counts. */
  #titleFor({ id, nameFrom, lineage }: SessionRecord): string | null {
    const { index } = this.#parts;
    const entry = index.get(id);
    if (!entry || nameFrom === 'user') return null;
    // The transcript of a fork repeats what its parent's says.
    if (entry.titleSource === 'generated') return lineage ? null : entry.title;
    if (entry.titleSource !== 'custom') return null;
    return lineage && index.get(lineage.parent)?.title === entry.title ? null : entry.title;
  }

  #watch(id: string): void {
    const session = this.#parts.sessions.get(id);
    if (!session) {
      this.#watched.get(id)?.dispose();
      this.#watched.delete(id);
    } else if (!this.#watched.has(id)) {
      const watched = session.onTurnEnd((outcome) => {
        this.#turnEnded(session, outcome);
      });
      this.#watched.set(id, this.#owned.add(watched));
    }
  }

  #turnEnded(session: Session, { kind }: TurnOutcome): void {
    const { record, running, transcript } = session;
    const { mayAsk, logger } = this.#parts;
    if (kind !== 'complete' || record.nameFrom !== 'prompt' || record.lineage?.kind === 'aside' || !running) return;
    const last = transcript.messages.findLast(({ role }) => role === 'user');
    const prompt = last?.role === 'user' ? last.text.trim() : '';
    const asked = this.#asked.get(session.id) ?? 0;
    // A command says nothing of what the conversation is about.
    if (prompt === '' || prompt.startsWith('/') || asked >= attempts || !mayAsk(record.folder)) return;
    this.#asked.set(session.id, asked + 1);
    detach(this.#ask(session, running.process, prompt), (error) => {
      logger.info(`The program gave no title: ${error instanceof Error ? error.message : String(error)}`);
    });
  }

  async #ask(session: Session, process: ClaudeProcess, prompt: string): Promise<void> {
    const answer = await process.control({
      subtype: 'generate_session_title',
      description: prompt.slice(0, promptLength),
      // In a fork, which has its parent's title, the program makes another one only where it is not to write it down.
      persist: session.record.lineage === null,
    });
    const title = (stringAt(answer, 'title') ?? '').replaceAll(/\s+/g, ' ').trim().slice(0, titleLength);
    const isLive = this.#parts.sessions.get(session.id) === session;
    if (title === '' || !isLive || session.record.nameFrom !== 'prompt') return;
    session.update({ name: title, nameFrom: 'program' });
  }

  dispose(): void {
    this.#owned.dispose();
  }
}
