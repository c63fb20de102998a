import { makeLineVisible } from '../../base/visibleText.js';
import type { FolderContent, ForkPointContent, NodeContent, PlacementNote, SessionContent } from './nodes.js';
import { lookOf, type Look } from './look.js';
import { counted, money, shortAge, spokenAge } from './words.js';

/** What a view shows of a node. All texts are plain and of one line, but for the tooltip, which has several. */
export interface Presentation {
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  /** What a screen reader says in the place of label, description and icon. */
  readonly spoken: string;
  readonly look: Look;
  /** Words for the conditions of menus: `session stop=0 star=1 archive=0 unread=0`. */
  readonly context: string;
}

const labelLength = 120;
const pointLength = 80;

const notes: Readonly<Record<PlacementNote, string>> = {
  parentGone: 'The session that this was forked from is gone.',
  cycle: 'By their records these sessions were forked from each other in a circle. This is the oldest.',
};

/**
 * Puts into words and icons what is shown of a node.
 * @param content what is shown
 * @param now milliseconds since 1970
 */
export function present(content: NodeContent, now: number): Presentation {
  switch (content.kind) {
    case 'session':
      return presentSession(content, now);
    case 'forkPoint':
      return presentForkPoint(content);
    case 'folder':
      return presentFolder(content);
    case 'more': {
      const spoken = `Show more, ${counted(content.hidden, 'session')} not shown yet`;
      const label = `Show More (${String(content.hidden)})`;
      return { label, description: '', tooltip: '', spoken, look: { icon: 'ellipsis', color: null }, context: 'more' };
    }
  }
}

/** A session's name as it is shown, in plain text of one line. */
export function sessionLabel(name: string): string {
  return name.trim() === '' ? 'New session' : clipped(name, labelLength);
}

function presentSession(content: SessionContent, now: number): Presentation {
  const { summary, totals, note, otherFolder } = content;
  const label = sessionLabel(summary.name);
  const { words, ...look } = lookOf(summary);
  const forks = totals.visible - 1;
  const ownMicros = Math.round(summary.costUsd * 1_000_000);
  const isDearer = totals.costMicros > ownMicros;
  const [own, all] = [money(ownMicros), isDearer ? money(totals.costMicros) : undefined];
  const others = totals.waiting - (words.includes('waiting for you') ? 1 : 0);
  const waiting = others > 0 ? `${counted(others, 'fork')} ${others === 1 ? 'waits' : 'wait'} for you` : undefined;
  const isFresher = forks > 0 && totals.activeAt > summary.activeAt;
  const forksText = forks > 0 ? counted(forks, 'fork') : undefined;
  const folder = otherFolder === null ? undefined : `in ${clipped(otherFolder, pointLength)}`;
  const shortNote = note === null ? undefined : note === 'cycle' ? 'lineage unclear' : 'parent gone';
  const description = joined([
    words.find((word) => loud.has(word)),
    waiting,
    shortAge(summary.activeAt, now),
    own,
    forksText && joined([forksText, isFresher ? `newest ${shortAge(totals.activeAt, now)}` : undefined], ', '),
    all === undefined ? undefined : `${all} with forks`,
    folder,
    shortNote,
  ]);
  const spoken = joined(
    [
      label,
      ...words,
      waiting,
      `active ${spokenAge(summary.activeAt, now)}`,
      own === undefined ? 'no cost known' : `cost ${own}`,
      forksText,
      all === undefined ? undefined : `cost with forks ${all}`,
      ...summary.tags.map((tag) => `tagged ${clipped(tag, pointLength)}`),
      folder,
      shortNote,
    ],
    ', ',
  );
  const tooltip = lines([
    label,
    capitalized(words.join(', ')),
    `Active ${spokenAge(summary.activeAt, now)}, created ${spokenAge(summary.createdAt, now)}`,
    own === undefined ? undefined : `Cost: ${own}`,
    all === undefined ? undefined : `Cost with forks: ${all}`,
    forksText && `${forksText}${isFresher ? `, the newest active ${spokenAge(totals.activeAt, now)}` : ''}`,
    summary.tags.length > 0 ? `Tags: ${summary.tags.map((tag) => clipped(tag, pointLength)).join(', ')}` : undefined,
    `Folder: ${makeLineVisible(summary.folder)}`,
    `Id: ${makeLineVisible(summary.id)}`,
    note === null ? undefined : notes[note],
  ]);
  const context = `session ${flags(content)}`;
  return { label, description, tooltip, spoken, look, context };
}

/** What is said beside the name as well, and not only by the icon. */
const loud: ReadonlySet<string> = new Set(['waiting for you', 'failed', 'running', 'stopping', 'open elsewhere']);

function flags({ summary }: SessionContent): string {
  const flag = (value: boolean): string => (value ? '1' : '0');
  const { state, waiting } = summary;
  const canStop = waiting || state === 'running' || state === 'waiting' || state === 'starting';
  return [
    `stop=${flag(canStop)}`,
    `star=${flag(summary.starred)}`,
    `archive=${flag(summary.archived)}`,
    `unread=${flag(summary.unread)}`,
  ].join(' ');
}

function presentForkPoint({ point, whole, forks, waiting }: ForkPointContent): Presentation {
  const text = clipped(point?.text.trim() ?? '', pointLength);
  const unnamed = whole ? 'Whole conversation' : 'Message without text';
  const label = text === '' ? unnamed : text;
  const number = point?.number ?? null;
  const where = number === null ? undefined : `message ${String(number)}`;
  const waits = waiting > 0 ? `${String(waiting)} waiting for you` : undefined;
  const rest = [where, counted(forks, 'fork'), waits];
  const tooltip = lines([label, capitalized(joined(rest, ', '))]);
  const spoken = joined(['Forked from', where && `${where}:`, label], ' ');
  return {
    label,
    description: joined(rest),
    tooltip,
    spoken: joined([spoken, counted(forks, 'fork'), waits], ', '),
    look: { icon: 'git-branch', color: null },
    context: 'forkPoint',
  };
}

function presentFolder({ name, path, branch, sessions, waiting }: FolderContent): Presentation {
  const label = clipped(name, labelLength);
  const on = branch === null ? undefined : clipped(branch, pointLength);
  const count = counted(sessions, 'session');
  const waits = waiting > 0 ? `${String(waiting)} waiting for you` : undefined;
  return {
    label,
    description: joined([on, waits]),
    tooltip: lines([makeLineVisible(path), on && `Branch: ${on}`, capitalized(joined([count, waits], ', '))]),
    spoken: joined(['Folder', label, on && `branch ${on}`, count, waits], ', '),
    look: { icon: 'folder', color: null },
    context: 'folder',
  };
}

function clipped(text: string, length: number): string {
  const characters = Array.from(makeLineVisible(text.slice(0, length * 4).trim()));
  return characters.length > length ? `${characters.slice(0, length - 1).join('')}…` : characters.join('');
}

function joined(parts: readonly (string | undefined)[], separator = ' · '): string {
  return parts.filter((part) => part !== undefined && part !== '').join(separator);
}

function lines(parts: readonly (string | undefined)[]): string {
  return joined(parts, '\n');
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
