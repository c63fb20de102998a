import { ArborError } from '../../base/errors.js';
import { makeLineVisible } from '../../base/visibleText.js';

/** What a session can be found by. */
export interface Findable {
  readonly id: string;
  readonly name: string;
}

/** How many matches the message lists. */
const listed = 10;

/** No session fits what was asked for. */
export class SessionNotFound extends ArborError {
  /** @param query what was asked for */
  constructor(query: string) {
    super({
      code: 'notFound',
      what: query === '' ? 'No session was named.' : `There is no session “${makeLineVisible(query)}”.`,
      next: "Give a session's id, its exact name, or the beginning of one of them.",
    });
    this.name = 'SessionNotFound';
  }
}

/** Several sessions fit what was asked for. */
export class SessionAmbiguous extends ArborError {
  /** Id and name of each session that fits, in the order of the list. */
  readonly matches: readonly Findable[];

  /**
   * @param query what was asked for
   * @param matches the sessions that fit, two or more
   */
  constructor(query: string, matches: readonly Findable[]) {
    const lines = matches.slice(0, listed).map(({ id, name }) => `${id}  ${makeLineVisible(name)}`.trimEnd());
    const more = matches.length - lines.length;
    super({
      code: 'ambiguous',
      what: `${String(matches.length)} sessions fit “${makeLineVisible(query)}”.`,
      next: 'Give more of the name, or the id.',
      detail: [...lines, ...(more > 0 ? [`and ${String(more)} more`] : [])].join('\n'),
    });
    this.name = 'SessionAmbiguous';
    this.matches = matches.map(({ id, name }) => ({ id, name }));
  }
}

/**
 * Finds a session: by its exact id, else its exact name, else the beginning of an id or a name. The first of the three that
 * fits anything decides.
 * @param sessions where to look
 * @param query what the user or a caller gave
 * @throws SessionNotFound when none fits
 * @throws SessionAmbiguous when several fit equally well
 */
export function findSession<T extends Findable>(sessions: Iterable<T>, query: string): T {
  const list = [...sessions];
  if (query === '') throw new SessionNotFound(query);
  const ways: readonly ((session: Findable) => boolean)[] = [
    ({ id }) => id === query,
    ({ name }) => name === query,
    ({ id, name }) => id.startsWith(query) || name.startsWith(query),
  ];
  for (const fits of ways) {
    const matches = list.filter(fits);
    const [only] = matches;
    if (only && matches.length === 1) return only;
    if (matches.length > 1) throw new SessionAmbiguous(query, matches);
  }
  throw new SessionNotFound(query);
}
