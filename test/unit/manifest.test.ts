import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  chatViewId,
  commandNames,
  folderSettings,
  machineSettings,
  searchResultsContext,
  searchViewId,
  sessionCommandNames,
  sessionsContext,
  sessionsViewId,
  settingDefaults,
} from '../../src/vscode/contributions.js';

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string; readonly category: string }[];
    readonly configuration: {
      readonly properties: Record<string, { readonly default: unknown; readonly scope: string }>;
    };
    readonly views: Record<string, readonly { readonly id: string; readonly when?: string }[]>;
    readonly menus: Record<string, readonly { readonly command: string; readonly when?: string }[]>;
    readonly keybindings: readonly { readonly command: string; readonly when?: string }[];
    readonly viewsWelcome: readonly { readonly when?: string }[];
  };
}

const { contributes } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as Manifest;

const registered: readonly string[] = [...commandNames, ...sessionCommandNames];

describe('the manifest and the code name the same things', () => {
  it('declares every command that the code registers, and no other', () => {
    expect(contributes.commands.map(({ command }) => command).sort()).toEqual([...registered].sort());
    expect(new Set(contributes.commands.map(({ category }) => category))).toEqual(new Set(['Arbor']));
  });

  it('names only declared commands in menus and keys', () => {
    const used = [...Object.values(contributes.menus).flat(), ...contributes.keybindings].map(({ command }) => command);
    for (const command of used) expect(registered).toContain(command);
  });

  it('declares every setting with the default that the code falls back to', () => {
    const declared = Object.fromEntries(
      Object.entries(contributes.configuration.properties).map(([name, property]) => [
        name.replace(/^arbor\./, ''),
        property.default,
      ]),
    );
    expect(declared).toEqual(settingDefaults);
  });

  it('P9 lets no workspace choose the program, its variables or how it is connected', () => {
    for (const name of machineSettings) {
      expect(contributes.configuration.properties[`arbor.${name}`]?.scope).toBe('machine');
    }
  });

  it('S9 lets each folder have its own value of the settings that are read for a folder, and of no other', () => {
    const properties = Object.entries(contributes.configuration.properties);
    const own = properties.filter(([, { scope }]) => scope === 'resource').map(([name]) => name);
    expect(own.sort()).toEqual(folderSettings.map((name) => `arbor.${name}`).sort());
  });

  it('declares the views, the chat first', () => {
    expect(contributes.views['arbor']?.map(({ id }) => id)).toEqual([chatViewId, sessionsViewId, searchViewId]);
  });

  it('F3 uses in conditions only the context keys that the view of sessions sets, and its own id', () => {
    const conditions = [
      ...Object.values(contributes.menus).flat(),
      ...contributes.keybindings,
      ...contributes.viewsWelcome,
    ];
    const names = conditions.flatMap(({ when = '' }) => when.match(/arbor\.sessions[.\w]*/gu) ?? []);
    expect(new Set(names)).toEqual(new Set([sessionsViewId, ...Object.values(sessionsContext)]));
  });

  it('U3 declares the view of search results, which is there while it has some', () => {
    const view = contributes.views['arbor']?.find(({ id }) => id === searchViewId);
    expect(view?.when).toBe(searchResultsContext);
  });
});
