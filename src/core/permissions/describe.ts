import { makeLineVisible, makeVisible } from '../../base/visibleText.js';
import type { PermissionRequest } from './request.js';

/** A part of a tool's input as the user reads it before answering. */
export interface InputPart {
  readonly label: string;
  readonly text: string;
}

/** A request in words: what is asked, the whole input, and what the program says about it. */
export interface RequestDescription {
  /** Such as `Allow Bash?`. */
  readonly title: string;
  readonly parts: readonly InputPart[];
  /** The reason, a blocked path and the like; may be empty. */
  readonly remarks: readonly string[];
}

/** How a member of a tool's input is shown: its label, and its text, or undefined where it is not what is expected. */
interface Member {
  readonly name: string;
  readonly label: string;
  readonly show: (value: unknown, folder: string) => string | undefined;
}

const text = (name: string, label: string): Member => ({ name, label, show: asText });
const path = (name: string): Member => ({
  name,
  label: 'File',
  show: (value, folder) => (typeof value === 'string' ? describePath(value, folder) : undefined),
});
const flag = (name: string, label: string, yes: string, no: string): Member => ({
  name,
  label,
  show: (value) => (typeof value === 'boolean' ? (value ? yes : no) : undefined),
});

/**
 * One list per tool, in one place. What a list does not name, what is not of the type that is expected, and the input of a tool
 * that has no list, is shown as JSON: nothing is hidden.
 */
const tools: Readonly<Record<string, readonly Member[]>> = {
  Bash: [text('command', 'Command'), text('description', 'Described as')],
  Write: [path('file_path'), text('content', 'Content')],
  Edit: [
    path('file_path'),
    text('old_string', 'Replace'),
    text('new_string', 'With'),
    flag('replace_all', 'Where', 'Everywhere in the file', 'The one place where it is found'),
  ],
  NotebookEdit: [path('notebook_path'), text('new_source', 'Content')],
  Read: [path('file_path')],
  WebFetch: [text('url', 'Address'), text('prompt', 'Question')],
  ExitPlanMode: [text('plan', 'Plan')],
  WebSearch: [text('query', 'Search for')],
};

/**
 * Puts a request into words. Everything in it is hostile: what cannot be seen is made visible.
 * @param request what asks
 */
export function describeRequest(request: PermissionRequest): RequestDescription {
  const { tool, input, folder } = request;
  const rest = new Map(Object.entries(input));
  const parts: InputPart[] = [];
  for (const { name, label, show } of (Object.hasOwn(tools, tool) ? tools[tool] : undefined) ?? []) {
    const shown = Object.hasOwn(input, name) ? show(input[name], folder) : undefined;
    if (shown === undefined) continue;
    rest.delete(name);
    parts.push({ label, text: makeVisible(shown) });
  }
  if (rest.size > 0 || parts.length === 0) {
    parts.push({ label: 'Input', text: makeVisible(JSON.stringify(Object.fromEntries(rest), null, 2)) });
  }
  const remarks = [
    request.reason === null ? '' : `Reason: ${makeVisible(stripEscapes(request.reason))}`,
    request.blockedPath === null ? '' : `Path: ${describePath(request.blockedPath, folder)}`,
    request.agentId === null ? '' : 'A subagent asks.',
  ].filter((remark) => remark !== '');
  return { title: `Allow ${makeLineVisible(tool)}?`, parts, remarks };
}

/**
 * A path in one line, relative to the session's folder, or whole and marked where it is outside of it.
 * @param path as the program gives it
 * @param folder the session's folder, absolute
 */
export function describePath(path: string, folder: string): string {
  const isWindows = /^(?:[a-z]:[\\/]|\\\\)/i.test(folder);
  const steps = normalize(path, isWindows);
  const root = normalize(folder, isWindows);
  const first = steps[0] ?? '';
  const isAbsolute = steps.length > 0 && (first === '' || (isWindows && first.includes(':')));
  // The program takes `~` for the home folder, which is what it is only as the first step.
  const inside = isAbsolute ? root.every((step, index) => step === steps[index]) : first !== '..' && first !== '~';
  if (!inside) return `${makeLineVisible(path)} (outside the folder)`;
  return makeLineVisible((isAbsolute ? steps.slice(root.length) : steps).join('/') || '.');
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/**
 * The steps of a path, an absolute one's first being empty or the drive. Resolves `.` and `..` in words alone; symbolic
 * links are the program's to resolve.
 */
function normalize(path: string, isWindows: boolean): readonly string[] {
  const unified = isWindows ? path.replaceAll('\\', '/').replace(/^[a-z]:/i, (drive) => drive.toLowerCase()) : path;
  const out: string[] = [];
  for (const [index, step] of unified.split('/').entries()) {
    if (step === '.' || (step === '' && index > 0)) continue;
    const last = out.at(-1);
    const isRoot = last === '' || (isWindows && out.length === 1 && /^[a-z]:$/.test(last ?? ''));
    if (step !== '..' || last === undefined || last === '..') out.push(step);
    else if (!isRoot) out.pop();
  }
  return out;
}

/** The program's reasons may carry terminal colours. */
function stripEscapes(text: string): string {
  return text.replace(/\u001b\[[0-9;?]*[a-z]/gi, '');
}
