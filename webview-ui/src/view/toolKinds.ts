import { stringAt, type JsonObject } from '../../../src/base/json.js';
import type { ToolBlock } from '../../../src/protocol/session/transcript.js';
import { pathInFolder } from '../text/paths.js';
import type { IconName } from './icon.js';

/** How a tool use is shown. */
export interface ToolKind {
  readonly icon: IconName;
  /** What it does to what, in a few words; empty while the input is not known. */
  readonly title: string;
  /** Whether the card folds when it is done, as its result is rarely read. */
  readonly folded: boolean;
}

interface Spec {
  readonly icon: IconName;
  /** The input's member that says best what it is about. */
  readonly subject: readonly string[];
  readonly folded: boolean;
}

const specs: Readonly<Record<string, Spec>> = {
  Bash: { icon: 'terminal', subject: ['description', 'command'], folded: false },
  BashOutput: { icon: 'terminal', subject: ['bash_id'], folded: true },
  Read: { icon: 'file', subject: ['file_path'], folded: true },
  Edit: { icon: 'edit', subject: ['file_path'], folded: false },
  MultiEdit: { icon: 'edit', subject: ['file_path'], folded: false },
  Write: { icon: 'edit', subject: ['file_path'], folded: false },
  NotebookEdit: { icon: 'edit', subject: ['notebook_path'], folded: false },
  Grep: { icon: 'search', subject: ['pattern'], folded: true },
  Glob: { icon: 'search', subject: ['pattern'], folded: true },
  LS: { icon: 'folder', subject: ['path'], folded: true },
  WebFetch: { icon: 'globe', subject: ['url'], folded: true },
  WebSearch: { icon: 'globe', subject: ['query'], folded: true },
  Task: { icon: 'organization', subject: ['description'], folded: false },
  Agent: { icon: 'organization', subject: ['description'], folded: false },
  TodoWrite: { icon: 'checklist', subject: [], folded: false },
  ExitPlanMode: { icon: 'checklist', subject: [], folded: false },
  AskUserQuestion: { icon: 'question', subject: [], folded: false },
};
const other: Spec = { icon: 'tools', subject: ['description', 'file_path', 'path', 'query', 'url'], folded: false };

/**
 * How to show a tool use, by the tool's name and input.
 * @param folder the session's folder, an absolute path
 */
export function describeTool(tool: ToolBlock, folder: string | undefined): ToolKind {
  const spec = Object.hasOwn(specs, tool.name) ? (specs[tool.name] ?? other) : other;
  return {
    icon: spec.icon,
    title: tool.input ? pathInFolder(titleOf(spec, tool.input), folder) : '',
    folded: spec.folded,
  };
}

function titleOf(spec: Spec, input: JsonObject): string {
  for (const member of spec.subject) {
    const value = stringAt(input, member);
    if (value !== undefined && value !== '') return (value.split('\n', 1)[0] ?? '').slice(0, 300);
  }
  return '';
}
