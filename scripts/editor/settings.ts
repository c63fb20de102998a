import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { codeServerFolders } from './codeServer.js';

/** Settings as in settings.json. */
export type Settings = Readonly<Record<string, unknown>>;

/** What every editor of ours starts with: no welcome, no telemetry, nothing fetched, dialogs drawn by the workbench. */
export const quietSettings: Settings = {
  'window.dialogStyle': 'custom',
  'window.confirmBeforeClose': 'never',
  'workbench.startupEditor': 'none',
  'workbench.colorTheme': 'Dark Modern',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.settings.enableNaturalLanguageSearch': false,
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'security.workspace.trust.startupPrompt': 'never',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'update.showReleaseNotes': false,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
  'json.schemaDownload.enable': false,
  'remote.autoForwardPorts': false,
  'npm.fetchOnlinePackageInfo': false,
  'typescript.disableAutomaticTypeAcquisition': true,
  'terminal.integrated.enablePersistentSessions': false,
};

/** Which of an editor's two settings files: the user's, or the machine's, where alone it reads settings of machine scope. */
export type SettingsLevel = 'user' | 'machine';

/** The path of an editor's settings file; `root` as given to `startCodeServer`. */
export function settingsFile(root: string, level: SettingsLevel): string {
  return path.join(codeServerFolders(root).data, level === 'user' ? 'User' : 'Machine', 'settings.json');
}

/**
 * Writes one of an editor's settings files. In the browser, VS Code takes up a change of the machine's file at once, a
 * change of the user's file at the next reload. The machine's values win.
 * @param settings all of the file; what is not named falls back to the default
 */
export async function writeSettings(root: string, level: SettingsLevel, settings: Settings): Promise<void> {
  await writeJson(settingsFile(root, level), settings);
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  // By renaming: the editor watches the file and must not read half of it.
  await writeFile(`${file}.new`, `${JSON.stringify(value, null, 2)}\n`);
  await rename(`${file}.new`, file);
}
