import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import type { Breach } from './breach.js';

const root = path.resolve(import.meta.dirname, '../../..');

/** The project's own compiler configuration, which the sandbox takes over as it is. */
const configuration = [
  'package.json',
  'tsconfig.base.json',
  'tsconfig.json',
  'tsconfig.pure.json',
  'tsconfig.tools.json',
  ...['src/base', 'src/protocol', 'src/core', 'src/node', 'src/vscode', 'src', 'webview-ui', 'scripts'].map(
    (folder) => `${folder}/tsconfig.json`,
  ),
  'test/support/tsconfig.json',
  'test/support/editor/tsconfig.json',
  'test/tsconfig.json',
  'src/base/absent.d.ts',
];

/** What was said about each file: compiler codes or lint rules, by path in the repository. */
export type Findings = ReadonlyMap<string, readonly string[]>;

/** A repository in small, inside the real one so that it finds the same packages. */
export class Sandbox {
  private readonly folder: string;

  constructor(files: Readonly<Record<string, string>>) {
    mkdirSync(path.join(root, 'out'), { recursive: true });
    this.folder = mkdtempSync(path.join(root, 'out/architecture-'));
    for (const file of configuration) {
      mkdirSync(path.dirname(path.join(this.folder, file)), { recursive: true });
      copyFileSync(path.join(root, file), path.join(this.folder, file));
    }
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(this.folder, file)), { recursive: true });
      writeFileSync(path.join(this.folder, file), text);
    }
  }

  /** Runs `tsc -b`. */
  async compile(): Promise<Findings> {
    const output = await new Promise<string>((resolve) => {
      const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
      // It ends with an error by design: what it says is the result.
      execFile(process.execPath, [compiler, '-b', '--pretty', 'false'], { cwd: this.folder }, (_error, stdout) => {
        resolve(stdout);
      });
    });
    const findings = new Map<string, string[]>();
    for (const match of output.matchAll(/^(?:(\S+)\(\d+,\d+\): )?error (TS\d+)/gmu)) {
      const file = match[1] ?? '';
      findings.set(file, [...(findings.get(file) ?? []), match[2] ?? '']);
    }
    return findings;
  }

  /** Runs the project's lint, with types, over the given files. */
  async lint(files: readonly string[]): Promise<Findings> {
    const eslint = new ESLint({ cwd: this.folder, overrideConfigFile: path.join(root, 'eslint.config.mjs') });
    const results = await eslint.lintFiles([...files]);
    return new Map(
      results.map((result) => [
        path.relative(this.folder, result.filePath).split(path.sep).join('/'),
        result.messages.map((message) => message.ruleId ?? message.message),
      ]),
    );
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Lints breaches of the rules that need no types, as if each lay in the repository at its path. */
export async function lintTexts(breaches: readonly Breach[]): Promise<Findings> {
  const eslint = new ESLint({ cwd: root, overrideConfig: [tseslint.configs.disableTypeChecked] });
  const findings = new Map<string, readonly string[]>();
  for (const breach of breaches) {
    const [result] = await eslint.lintText(breach.code, { filePath: path.join(root, breach.at) });
    findings.set(
      breach.at,
      (result?.messages ?? []).map((message) => message.ruleId ?? message.message),
    );
  }
  return findings;
}
