import { isWaiting } from './filter.js';
import type { SessionSummary } from './summary.js';

/** An icon of the editor's set (a codicon), and the theme's colour for it. */
export interface Look {
  readonly icon: string;
  /** Id of a theme colour, or null for the text's colour. */
  readonly color: string | null;
}

/** How a session looks, and the same in words, the most important first. */
export interface SessionLook extends Look {
  readonly words: readonly string[];
}

interface Condition extends Look {
  readonly holds: (session: SessionSummary) => boolean;
  readonly words: string;
}

/** What a session can look like, the most important first: the first that holds gives the icon, all give their words. */
const conditions: readonly Condition[] = [
  { holds: isWaiting, words: 'waiting for you', icon: 'bell-dot', color: 'notificationsWarningIcon.foreground' },
  { holds: ({ failed }) => failed, words: 'failed', icon: 'error', color: 'notificationsErrorIcon.foreground' },
  { holds: ({ state }) => state === 'running', words: 'running', icon: 'sync~spin', color: 'charts.blue' },
  { holds: ({ state }) => state === 'stopping', words: 'stopping', icon: 'stop-circle', color: null },
  { holds: ({ state }) => state === 'starting', words: 'starting', icon: 'loading~spin', color: null },
  { holds: ({ unread }) => unread, words: 'unread', icon: 'circle-filled', color: 'notificationsInfoIcon.foreground' },
  { holds: ({ inUseElsewhere }) => inUseElsewhere, words: 'open elsewhere', icon: 'lock', color: null },
  { holds: ({ starred }) => starred, words: 'starred', icon: 'star-full', color: 'charts.yellow' },
  { holds: ({ archived }) => archived, words: 'archived', icon: 'archive', color: 'disabledForeground' },
  { holds: ({ lineage }) => lineage?.kind === 'aside', words: 'aside', icon: 'question', color: null },
  { holds: ({ state }) => state === 'ready', words: 'ready', icon: 'comment-discussion', color: null },
  { holds: ({ state }) => state === 'foreign', words: 'made outside of Arbor', icon: 'terminal', color: null },
  { holds: ({ state }) => state === 'idle' || state === 'asleep', words: 'asleep', icon: 'comment', color: null },
];

/** How a session looks. */
export function lookOf(session: SessionSummary): SessionLook {
  const held = conditions.filter(({ holds }) => holds(session));
  const [first] = held;
  const words = held.map((condition) => condition.words);
  return { icon: first?.icon ?? 'comment', color: first?.color ?? null, words };
}
