/** One deliberate breach: a file that breaks one rule, where it would be, and what must be said about it. */
export interface Breach {
  /** The rule, in words. */
  readonly rule: string;
  /** The file's path in the repository. */
  readonly at: string;
  readonly code: string;
  /** The compiler's code (`TS2304`) or the lint rule (`arbor/boundaries`). */
  readonly caught: string;
}

/** Files that break no rule; the breaches import them. Keyed by path. */
export const sound: Readonly<Record<string, string>> = {
  'src/base/clock.ts': `/** Milliseconds since the epoch. */
export type Now = () => number;
`,
  'src/protocol/line.ts': `import type { SDKMessage } from '@anthropic-ai/claude-agent-sdk';
import type { Now } from '../base/clock.js';

/** A line and when it came. */
export interface Line {
  readonly message: SDKMessage;
  readonly at: ReturnType<Now>;
}
`,
  'src/core/session/turn.ts': `import type { Line } from '../../protocol/line.js';

/** The kinds of the given lines. */
export function kinds(lines: readonly Line[]): string[] {
  return lines.map((line) => line.message.type);
}
`,
  'src/core/permissions/broker.ts': `/** The answer when nobody answers. */
export const silence = 'deny';
`,
  'src/node/claude/ptyTransport.ts': `import { spawn } from 'node-pty';
import { kinds } from '../../core/session/turn.js';

/** What a pseudo-terminal needs. */
export const parts = { spawn, kinds };
`,
  'src/node/environment.ts': `/** Where programs are looked for. */
export const searchPath = process.env['PATH'];
`,
  'src/vscode/chat.ts': `import * as vscode from 'vscode';
import { silence } from '../core/permissions/broker.js';

/** Tells the user. */
export async function tell(): Promise<void> {
  await vscode.window.showInformationMessage(silence);
}
`,
  'src/compose.ts': `import { parts } from './node/claude/ptyTransport.js';
import { tell } from './vscode/chat.js';

/** Puts the parts together. */
export function compose(): unknown {
  return { parts, tell };
}
`,
  'src/extension.ts': `import type * as vscode from 'vscode';
import { compose } from './compose.js';

/** The editor calls this once. */
export function activate(context: vscode.ExtensionContext): unknown {
  return [context, compose()];
}
`,
  'webview-ui/src/chat.tsx': `import type { JSX } from 'preact';
import { kinds } from '../../src/core/session/turn.js';

/** A log of nothing. */
export function Chat(): JSX.Element {
  return <div role="log">{kinds([])}</div>;
}
`,
  'scripts/build.ts': `import { compose } from '../test/support/place.js';

console.log(compose, import.meta.dirname, process.env['PATH']);
`,
  'test/support/place.ts': `export const compose = 1;
`,
  'test/unit/chat.test.ts': `import { expect, it } from 'vitest';
import { kinds } from '../../src/core/session/turn.js';

it('knows no kinds of no lines', () => {
  expect(kinds([])).toEqual([]);
});
`,
};
