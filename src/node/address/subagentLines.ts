import { stringAt, type JsonObject } from '../../base/json.js';
import { fileTranscript } from '../export/rawTranscript.js';
import { toolUseIds } from '../transcripts/branch.js';

/** A line of a subagent's file. */
export interface SubagentLine {
  readonly line: JsonObject;
  /**
   * The tool uses that started the subagent, the innermost first: where a subagent started it there is more than one. The last
   * one is in the session's own file.
   */
  readonly starters: readonly string[];
}

interface SubagentFile {
  /** The tool use that started it. */
  readonly starter: string;
  /** The tool uses in it. */
  readonly uses: ReadonlySet<string>;
}

/**
 * Finds a line in the files of a session's subagents.
 * @param path the session's transcript
 * @param uuid UUID of the line, in small letters
 * @returns null when none of them has it, or nothing says what started the subagent
 * @throws the file system's error
 */
export async function findSubagentLine(path: string, uuid: string): Promise<SubagentLine | null> {
  const files: SubagentFile[] = [];
  let found: { readonly line: JsonObject; readonly starter: string } | null = null;
  for (const { meta, lines } of (await fileTranscript(path)).subagents) {
    const starter = meta ? stringAt(meta, 'toolUseId') : undefined;
    if (starter === undefined) continue;
    const uses = new Set<string>();
    for await (const { value } of lines.read(() => undefined)) {
      for (const id of toolUseIds(value)) uses.add(id);
      if (stringAt(value, 'uuid')?.toLowerCase() === uuid) found ??= { line: value, starter };
    }
    files.push({ starter, uses });
  }
  return found && { line: found.line, starters: chain(found.starter, files) };
}

/** A damaged file may say that subagents started each other; each is taken once. */
function chain(first: string, files: readonly SubagentFile[]): readonly string[] {
  const starters = new Set<string>();
  for (let id: string | undefined = first; id !== undefined && !starters.has(id);) {
    starters.add(id);
    const use: string = id;
    id = files.find(({ uses }) => uses.has(use))?.starter;
  }
  return [...starters];
}
