import { stringAt, type JsonObject } from '../../base/json.js';
import { makeVisible } from '../../base/visibleText.js';
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

type Describe = (input: JsonObject, folder: string) => readonly InputPart[];

const fileInput: Describe = (input, folder) => [pathPart('File', stringAt(input, 'file_path') ?? '', folder)];

/** One handler per tool, in one place. A tool that is not listed shows its input as JSON. */
const handlers: Readonly<Record<string, Describe>> = {
  Bash: (input) =>
    present([part('Command', stringAt(input, 'command')), part('Described as', stringAt(input, 'description'))]),
  Write: (input, folder) => [...fileInput(input, folder), { label: 'Content', text: stringAt(input, 'content') ?? '' }],
  Edit: (input, folder) => [
    ...fileInput(input, folder),
    { label: 'Replace', text: stringAt(input, 'old_string') ?? '' },
    { label: 'With', text: stringAt(input, 'new_string') ?? '' },
    ...(input['replace_all'] === true ? [{ label: 'Where', text: 'Everywhere in the file' }] : []),
  ],
  Read: fileInput,
  WebFetch: (input) => present([part('Address', stringAt(input, 'url')), part('Question', stringAt(input, 'prompt'))]),
  ExitPlanMode: (input) => present([part('Plan', stringAt(input, 'plan'))]),
  WebSearch: (input) => present([part('Search for', stringAt(input, 'query'))]),
};

/** Members of a tool's input that its handler has shown; every other member is shown as JSON, so that nothing is hidden. */
const shownMembers: Readonly<Record<string, readonly string[]>> = {
  Bash: ['command', 'description'],
  Write: ['file_path', 'content'],
  Edit: ['file_path', 'old_string', 'new_string', 'replace_all'],
  Read: ['file_path'],
  WebFetch: ['url', 'prompt'],
  ExitPlanMode: ['plan'],
  WebSearch: ['query'],
};

/**
 * Puts a request into words. Everything in it is hostile: what cannot be seen is made visible.
 * @param request what asks
 */
export function describeRequest(request: PermissionRequest): RequestDescription {
  const { tool, input, folder } = request;
  const shown = shownMembers[tool] ?? [];
  const rest = Object.fromEntries(Object.entries(input).filter(([name]) => !shown.includes(name)));
  const parts = [...(handlers[tool]?.(input, folder) ?? [])];
  if (Object.keys(rest).length > 0 || parts.length === 0)
    parts.push({ label: 'Input', text: JSON.stringify(rest, null, 2) });
  const remarks = [
    request.reason === null ? '' : `Reason: ${request.reason}`,
    request.blockedPath === null ? '' : `Path: ${describePath(request.blockedPath, folder)}`,
    request.agentId === null ? '' : 'A subagent asks.',
  ].filter((remark) => remark !== '');
  return {
    title: `Allow ${makeVisible(tool)}?`,
    parts: parts.map(({ label, text }) => ({ label, text: makeVisible(text) })),
    remarks: remarks.map((remark) => makeVisible(stripEscapes(remark))),
  };
}

/** A path relative to the session's folder, or whole and marked where it is outside of it. */
export function describePath(path: string, folder: string): string {
  const normal = normalize(path.replaceAll('\\', '/'));
  const root = normalize(folder.replaceAll('\\', '/'));
  const isAbsolute = normal.startsWith('/') || /^[a-z]:\//i.test(normal);
  const inside = isAbsolute
    ? normal === root || normal.startsWith(`${root}/`)
    : !normal.startsWith('../') && normal !== '..';
  if (!inside) return `${path} (outside the folder)`;
  return isAbsolute ? normal.slice(root.length + 1) || '.' : normal;
}

function pathPart(label: string, path: string, folder: string): InputPart {
  return { label, text: describePath(path, folder) };
}

function part(label: string, text: string | undefined): InputPart | undefined {
  return text === undefined ? undefined : { label, text };
}

function present(parts: readonly (InputPart | undefined)[]): readonly InputPart[] {
  return parts.filter((one) => one !== undefined);
}

/** Resolves `.` and `..` in words alone; symbolic links are the program's to resolve. */
function normalize(path: string): string {
  const out: string[] = [];
  for (const step of path.split('/')) {
    if (step === '.' || (step === '' && out.length > 0)) continue;
    if (step === '..' && out.length > 0 && out.at(-1) !== '..' && out.at(-1) !== '') out.pop();
    else if (step !== '..' || out.at(-1) !== '') out.push(step);
  }
  return out.join('/');
}

/** The program's reasons may carry terminal colours. */
function stripEscapes(text: string): string {
  return text.replace(/\u001b\[[0-9;?]*[a-z]/gi, '');
}
