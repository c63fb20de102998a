import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { projectRoot } from './projectRoot.js';

/** The packages that a bundle holds parts of; written by the step that makes it, read when the package is made. */
export type Bundle = 'host' | 'webview';

const folder = path.join(projectRoot, 'out/notices');

/** Where the list of a bundle's packages lies, relative to the project. */
export function packageListFile(bundle: Bundle): string {
  return `out/notices/${bundle}.json`;
}

/**
 * Notes whose code a bundle holds.
 * @param modules paths of the bundled files, as the bundler names them
 * @param others packages that the bundler does not name, e.g. those of imported style sheets
 */
export async function notePackages(
  bundle: Bundle,
  modules: Iterable<string>,
  others: readonly string[] = [],
): Promise<void> {
  const names = new Set(others);
  for (const module of modules) {
    const [, name] = /.*node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(module) ?? [];
    if (name !== undefined) {
      names.add(name.replaceAll('\\', '/'));
    }
  }
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(projectRoot, packageListFile(bundle)), JSON.stringify([...names].sort(), null, 2));
}

/** The text with the licence of every package that one of the bundles holds parts of. */
export async function thirdPartyNotices(): Promise<string> {
  const names = new Set<string>();
  for (const bundle of ['host', 'webview'] as const) {
    const list: unknown = JSON.parse(await readFile(path.join(projectRoot, packageListFile(bundle)), 'utf8'));
    // Our own file; a stranger's content becomes a package that is not found.
    Object.values(list ?? {}).forEach((name) => names.add(String(name)));
  }
  const sections = await Promise.all([...names].sort().map(notice));
  return `Arbor holds parts of the packages below, under their licences. node-pty has its own file.\n\n${sections.join('\n')}`;
}

async function notice(name: string): Promise<string> {
  const source = path.join(projectRoot, 'node_modules', name);
  const manifest: unknown = JSON.parse(await readFile(path.join(source, 'package.json'), 'utf8'));
  const text = (key: string): string => {
    const entries: [string, unknown][] = Object.entries(manifest ?? {});
    const value = entries.find(([each]) => each === key)?.[1];
    return typeof value === 'string' ? value : 'see its page';
  };
  const file = (await readdir(source)).find((each) => /^(licen[cs]e|copying)(\.|$)/i.test(each));
  const licence = file === undefined ? '' : (await readFile(path.join(source, file), 'utf8')).trim();
  return `${'='.repeat(80)}\n${name} ${text('version')} (${text('license')})\n\n${licence}\n`;
}
