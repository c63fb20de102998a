import themes from './themes.json' with { type: 'json' };

/** The editor's kinds of themes. */
export type ThemeName = keyof typeof themes;

const bodyClass: Readonly<Record<ThemeName, string>> = {
  dark: 'vscode-dark',
  light: 'vscode-light',
  hc: 'vscode-high-contrast',
  hcLight: 'vscode-high-contrast vscode-high-contrast-light',
};

/** All kinds. */
export const themeNames: readonly ThemeName[] = ['dark', 'light', 'hc', 'hcLight'];

/** The theme's variables, and the class that the editor gives the body. */
export function themeOf(name: ThemeName): {
  readonly variables: Readonly<Record<string, string>>;
  readonly bodyClass: string;
} {
  return { variables: themes[name], bodyClass: bodyClass[name] };
}
