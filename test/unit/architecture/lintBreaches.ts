import type { Breach } from './breach.js';

const forbiddenImports: readonly (readonly [rule: string, at: string, code: string])[] = [
  ['base imports nothing', 'src/base/b1.ts', "import { x } from '../protocol/line.js';"],
  ['protocol does not import core', 'src/protocol/b1.ts', "import { x } from '../core/session/turn.js';"],
  ['core does not import node', 'src/core/b1.ts', "import { x } from '../node/claude/ptyTransport.js';"],
  ['core does not import vscode', 'src/core/b2.ts', "import { x } from '../vscode/chat.js';"],
  ['node does not import vscode', 'src/node/b1.ts', "import type { x } from '../vscode/chat.js';"],
  ['vscode does not import node', 'src/vscode/b1.ts', "import { x } from '../node/claude/ptyTransport.js';"],
  ['node does not import compose', 'src/node/b2.ts', "import { x } from '../compose.js';"],
  ['vscode does not import compose', 'src/vscode/b2.ts', "import { x } from '../compose.js';"],
  ['compose does not import extension', 'src/compose.ts', "import { x } from './extension.js';"],
  ['no other file lies in src', 'src/stray.ts', "import { x } from './base/clock.js';"],
  [
    'webview-ui imports of core only session',
    'webview-ui/src/b1.ts',
    "import { x } from '../../src/core/permissions/broker.js';",
  ],
  ['webview-ui does not import vscode', 'webview-ui/src/b2.ts', "import { x } from '../../src/vscode/chat.js';"],
  ['webview-ui does not import scripts', 'webview-ui/src/b3.ts', "import { x } from '../../scripts/build.js';"],
  ['scripts do not import tests', 'scripts/b1.ts', "import { x } from '../test/unit/chat.test.js';"],
  ['src does not import test/support', 'src/node/b3.ts', "import { x } from '../../test/support/place.js';"],
  ['nothing outside the repository', 'test/unit/b1.ts', "import { x } from '../../../shared/x.js';"],
  ['nothing by an absolute path', 'test/unit/b2.ts', "import { x } from '/tmp/x.js';"],
  ['the editor is not for core', 'src/core/b3.ts', "import * as vscode from 'vscode';"],
  ['the editor is not for node, as a type neither', 'src/node/b4.ts', "import type { Uri } from 'vscode';"],
  ['the editor is not for the webview', 'webview-ui/src/b4.ts', "import type { Uri } from 'vscode';"],
  ['node-pty has one owner', 'src/node/claude/b1.ts', "import * as pty from 'node-pty';"],
  ['node-pty has one owner, loaded late too', 'src/node/claude/b2.ts', "export const x = import('node-pty');"],
  ['node-pty has one owner, by require too', 'src/node/claude/b3.ts', "export const x = require('node-pty');"],
  ['lowdb has one owner', 'src/node/store/b1.ts', "import { JSONFile } from 'lowdb/node';"],
  ['the language client has one owner', 'src/vscode/b3.ts', "import { x } from 'vscode-languageclient/node.js';"],
  ['processes are started in node', 'src/vscode/b4.ts', "import { spawn } from 'node:child_process';"],
  ['processes are started in node, not in compose', 'src/compose2.ts', "import { spawn } from 'child_process';"],
  ['exec is for nobody', 'src/node/b5.ts', "import { exec } from 'node:child_process';"],
  ['execSync is for nobody', 'scripts/b2.ts', "import { execSync } from 'node:child_process';"],
  ['exec does not hide in a namespace', 'src/node/b6.ts', "import * as child from 'node:child_process';"],
  ['the environment does not come by import', 'src/compose3.ts', "import { env } from 'node:process';"],
  ['the Agent SDK is types only', 'src/protocol/b2.ts', "import { query } from '@anthropic-ai/claude-agent-sdk';"],
  [
    'the Agent SDK is for protocol',
    'src/core/b4.ts',
    "import type { SDKMessage } from '@anthropic-ai/claude-agent-sdk';",
  ],
  ['the Agent SDK is not for scripts', 'scripts/b3.ts', "import { query } from '@anthropic-ai/claude-agent-sdk';"],
  [
    'the Agent SDK runs in conformance and bench only',
    'test/unit/b3.ts',
    "import { query } from '@anthropic-ai/claude-agent-sdk';",
  ],
  ['a type query is an import', 'src/core/b5.ts', "export type X = import('../node/claude/ptyTransport.js').X;"],
  ['a re-export is an import', 'src/core/b6.ts', "export { parts } from '../node/claude/ptyTransport.js';"],
  ['the name of a module is not computed', 'src/node/b7.ts', 'export const load = (x: string): unknown => import(x);'],
];

const syntax: readonly (readonly [rule: string, at: string, code: string])[] = [
  ['no shell', 'src/node/s1.ts', "spawn('claude', [], { shell: true });"],
  ['no shell by name', 'scripts/s1.ts', "spawn('claude', [], { shell: '/bin/sh' });"],
  ['no shell by a variable', 'test/unit/s1.ts', "spawn('claude', [], { shell });"],
  ['no enums', 'src/core/s1.ts', 'enum Kind { A }'],
  ['no namespaces', 'src/core/s2.ts', 'namespace Kind { export const a = 1; }'],
  ['no default exports', 'src/core/s3.ts', 'export default 1;'],
  ['no default exports by name', 'webview-ui/src/s1.ts', 'const a = 1; export { a as default };'],
  ['no barrels', 'src/core/s4.ts', "export * from './session/turn.js';"],
  ['no barrels by name', 'webview-ui/src/s2.ts', "export { x } from './chat.js';"],
  ['no environment outside node', 'src/compose4.ts', "export const path = process.env['PATH'];"],
  [
    'no environment by destructuring',
    'src/compose5.ts',
    'export const f = () => { const { env } = process; return env; };',
  ],
  ['no module state: let', 'src/node/s2.ts', 'let count = 0;'],
  ['no module state: exported let', 'src/node/s3.ts', 'export let count = 0;'],
  ['no module state: an empty map', 'src/vscode/s1.ts', 'const all = new Map<string, string>();'],
  ['no import.meta in the bundle', 'src/node/s4.ts', 'export const here = import.meta.url;'],
  ['no skipped tests', 'test/unit/s2.ts', "it.skip('x', () => {});"],
  ['no single tests', 'test/unit/s3.ts', "describe.only('x', () => {});"],
  ['no sleeps in tests', 'test/e2e/s1.ts', 'await page.waitForTimeout(100);'],
];

const typed: readonly (readonly [rule: string, at: string, caught: string, code: string])[] = [
  ['no floating promises', 'src/core/t1.ts', 'no-floating-promises', 'async function f(): Promise<void> {}\nf();'],
  [
    'no floating thenables of the editor',
    'src/vscode/t1.ts',
    'no-floating-promises',
    "import * as vscode from 'vscode';\nvscode.window.showErrorMessage('x');",
  ],
  [
    'no promise dropped by void',
    'src/core/t2.ts',
    'no-floating-promises',
    'async function f(): Promise<void> {}\nvoid f();',
  ],
  [
    'no misused promises',
    'src/core/t3.ts',
    'no-misused-promises',
    'export const f = (all: number[]) => { all.forEach(async () => {}); };',
  ],
  [
    'every case of a union',
    'src/core/t4.ts',
    'switch-exhaustiveness-check',
    "export function f(k: 'a' | 'b'): number {\n  switch (k) {\n    case 'a':\n      return 1;\n  }\n  return 0;\n}",
  ],
  [
    'types are imported as types',
    'src/core/t5.ts',
    'consistent-type-imports',
    "import { Line } from '../protocol/line.js';\nexport const f = (line: Line): unknown => line;",
  ],
  ['no any', 'src/core/t6.ts', 'no-explicit-any', 'export const x: any = 1;'],
  ['no non-null assertion', 'src/core/t7.ts', 'no-non-null-assertion', 'export const f = (x?: string): string => x!;'],
  [
    'no cast on outside data',
    'src/core/t8.ts',
    'no-unsafe-type-assertion',
    'export const f = (x: unknown): string => x as string;',
  ],
  ['no I prefix', 'src/core/t9.ts', 'naming-convention', 'export interface IClient { readonly a: string }'],
];

/** What lint must refuse, with types. */
export const typedBreaches: readonly Breach[] = typed.map(([rule, at, caught, code]) => ({
  rule,
  at,
  code: `${code}\n`,
  caught: `@typescript-eslint/${caught}`,
}));

/** What lint must refuse by looking at the file alone. */
export const untypedBreaches: readonly Breach[] = [
  ...forbiddenImports.map(([rule, at, code]) => ({ rule, at, code, caught: 'arbor/boundaries' })),
  ...syntax.map(([rule, at, code]) => ({ rule, at, code, caught: 'no-restricted-syntax' })),
  { rule: 'no console in the extension', at: 'src/node/c1.ts', code: "console.log('x');", caught: 'no-console' },
  { rule: 'no console in the webview', at: 'webview-ui/src/c1.ts', code: "console.log('x');", caught: 'no-console' },
  { rule: 'files end at 400 lines', at: 'src/core/long.ts', code: '\n'.repeat(401), caught: 'max-lines' },
  { rule: 'camelCase files', at: 'src/core/Turn.ts', code: 'export {};', caught: 'arbor/file-name' },
  { rule: 'no kebab-case files', at: 'webview-ui/src/tool-card.tsx', code: 'export {};', caught: 'arbor/file-name' },
  { rule: 'no utils', at: 'src/core/utils.ts', code: 'export {};', caught: 'arbor/file-name' },
  {
    rule: 'a docstring on what is exported',
    at: 'src/core/bald.ts',
    code: 'export const bald = 1;',
    caught: 'arbor/docstring',
  },
  {
    rule: 'nothing is disabled without need',
    at: 'src/core/disabled.ts',
    code: '// eslint-disable-next-line no-console\nexport {};',
    caught: 'Unused eslint-disable',
  },
];
