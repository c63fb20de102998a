import * as vscode from 'vscode';
import { settingDefaults, settingsSection, type Settings } from './contributions.js';

/**
 * Reads a setting. A value of the wrong type counts as not set: users edit settings by hand.
 * @param name the setting
 * @param folder absolute path of the workspace folder whose own value counts, for settings that a folder can have
 */
export function readSetting<K extends keyof Settings>(name: K, folder?: string): Settings[K] {
  const scope = folder === undefined ? undefined : vscode.Uri.file(folder);
  const value = vscode.workspace.getConfiguration(settingsSection, scope).get<unknown>(name);
  return isSetting(name, value) ? value : settingDefaults[name];
}

function isSetting<K extends keyof Settings>(name: K, value: unknown): value is Settings[K] {
  switch (name) {
    case 'claude.path':
      return typeof value === 'string';
    case 'claude.environment':
      return (
        typeof value === 'object' &&
        value !== null &&
        Object.values(value).every((one) => typeof one === 'string' || one === null)
      );
    case 'claude.transport':
      return value === 'auto' || value === 'pty' || value === 'pipe';
    case 'process.inactivitySeconds':
    case 'process.sleepSeconds':
      return typeof value === 'number' && Number.isFinite(value) && value >= 0;
    case 'process.maxLive':
      return typeof value === 'number' && Number.isInteger(value) && value >= 1;
    case 'sessions.generateTitles':
      return typeof value === 'boolean';
    default:
      return false;
  }
}
