/*
 * What Arbor declares in its manifest, as typed maps: a name that is missing here does not compile where it is used, and a
 * test holds both against the manifest.
 */

/** Every command. */
export const commandNames = [
  'arbor.newSession',
  'arbor.newSessionWith',
  'arbor.openSession',
  'arbor.openChat',
  'arbor.stop',
  'arbor.addSelection',
  'arbor.showProcesses',
  'arbor.showRawEvents',
  'arbor.showLog',
  'arbor.searchSessions',
  'arbor.clearSearchResults',
  'arbor.exportSession',
  'arbor.importSession',
  'arbor.askAside',
  'arbor.showUsage',
] as const;

/** The name of a command. */
export type CommandName = (typeof commandNames)[number];

/** The commands of the view `Sessions`; their arguments are the node and the selection. */
export const sessionCommandNames = [
  'arbor.session.open',
  'arbor.session.rename',
  'arbor.session.tag',
  'arbor.session.star',
  'arbor.session.unstar',
  'arbor.session.archive',
  'arbor.session.unarchive',
  'arbor.session.markUnread',
  'arbor.session.markRead',
  'arbor.session.delete',
  'arbor.session.fork',
  'arbor.session.stop',
  'arbor.session.copyId',
  'arbor.sessions.filter',
  'arbor.sessions.clearFilter',
  'arbor.sessions.sort',
  'arbor.sessions.showArchived',
  'arbor.sessions.hideArchived',
  'arbor.sessions.showMore',
  'arbor.sessions.refresh',
] as const;

/** The name of a command of the view `Sessions`. */
export type SessionCommandName = (typeof sessionCommandNames)[number];

/** Arbor's settings, without the section, with the type of each value. */
export interface Settings {
  /** Absolute path of the `claude` program; empty looks in the usual places. Machine scope. */
  'claude.path': string;
  /** Variables for the program; null or an empty string takes one away. Machine scope. */
  'claude.environment': Readonly<Record<string, string | null>>;
  'claude.transport': 'auto' | 'pty' | 'pipe';
  /** Seconds a turn may be silent; 0 for no limit. A folder can have its own value. */
  'process.inactivitySeconds': number;
  /** Seconds after which an idle process is put to sleep; 0 for never. A folder can have its own value. */
  'process.sleepSeconds': number;
  /** How many sessions may have a process at the same time. */
  'process.maxLive': number;
  /** Whether the program is asked for a title after a session's first turn. A folder can have its own value. */
  'sessions.generateTitles': boolean;
}

/** The defaults, as the manifest declares them. */
export const settingDefaults: Settings = {
  'claude.path': '',
  'claude.environment': {},
  'claude.transport': 'auto',
  'process.inactivitySeconds': 300,
  'process.sleepSeconds': 900,
  'process.maxLive': 8,
  'sessions.generateTitles': true,
};

/** The section of the settings that is Arbor's. */
export const settingsSection = 'arbor';

/** The settings that belong to the machine: a workspace must not choose which program runs, or with which variables. */
export const machineSettings: readonly (keyof Settings)[] = ['claude.path', 'claude.environment', 'claude.transport'];

/** The settings that each folder of a workspace can have its own value of. */
export const folderSettings: readonly (keyof Settings)[] = [
  'process.inactivitySeconds',
  'process.sleepSeconds',
  'sessions.generateTitles',
];

/** The chat view's id. */
export const chatViewId = 'arbor.chat';

/** The id of the view that shows what a search found. */
export const searchViewId = 'arbor.search';

/** The context key that says whether there is something in that view. */
export const searchResultsContext = 'arbor.hasSearchResults';

/** The id of the view `Sessions`. */
export const sessionsViewId = 'arbor.sessions';

/** The context keys that the view `Sessions` sets for the conditions of menus. */
export const sessionsContext = {
  filtered: 'arbor.sessions.filtered',
  archivedShown: 'arbor.sessions.archivedShown',
} as const;
