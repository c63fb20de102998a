import * as vscode from 'vscode';

/** Arbor's settings with the type of each value. The manifest declares the same names and defaults; a test holds both together. */
export interface Settings {
  /** Absolute path of the `claude` program; empty looks in the usual places. Machine scope. */
  'claude.path': string;
  /** Variables for the program; null or an empty string takes one away. Machine scope. */
  'claude.environment': Readonly<Record<string, string | null>>;
  'claude.transport': 'auto' | 'pty' | 'pipe';
  /** Seconds a turn may be silent; 0 for no limit. */
  'process.inactivitySeconds': number;
}

/** The defaults, as the manifest declares them. */
export const settingDefaults: Settings = {
  'claude.path': '',
  'claude.environment': {},
  'claude.transport': 'auto',
  'process.inactivitySeconds': 300,
};

/** The section of the settings that is Arbor's. */
export const settingsSection = 'arbor';

/**
 * Reads a setting. A value of the wrong type counts as not set: users edit settings by hand.
 * @param name the setting
 */
export function readSetting<K extends keyof Settings>(name: K): Settings[K] {
  const value = vscode.workspace.getConfiguration(settingsSection).get<unknown>(name);
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
      return typeof value === 'number' && Number.isFinite(value) && value >= 0;
    default:
      return false;
  }
}
