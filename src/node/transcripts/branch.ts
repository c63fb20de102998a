import { arrayAt, isObject, objectAt, stringAt, type JsonObject } from '../../base/json.js';

/**
 * The lines of a transcript that are the conversation as it is now, in their order. Lines are linked to the one before
 * by `parentUuid` (at a compaction by `logicalParentUuid`); what leads from the last line to the root is the current
 * branch. Two kinds of lines hang beside that path and belong to it all the same: with several tools in one message each
 * result is linked to its own tool use, so that the path runs through only one of them.
 * @param lines all lines of the file, in their order
 * @param isSidechain whether the file is a subagent's
 */
export function currentBranch(lines: readonly JsonObject[], isSidechain = false): readonly JsonObject[] {
  const nodes = lines.filter(
    (line) => typeof line['uuid'] === 'string' && (line['isSidechain'] === true) === isSidechain,
  );
  const position = new Map(nodes.map((line, index) => [line['uuid'], index]));
  const chosen = new Set<number>();
  let at = nodes.length - 1;
  while (at >= 0 && !chosen.has(at)) {
    chosen.add(at);
    const line = nodes[at];
    const parent = line?.['parentUuid'] ?? line?.['logicalParentUuid'];
    if (parent === null || parent === undefined) break;
    // The line it was linked to could not be read: the one before it in the file is the best guess.
    at = position.get(parent) ?? at - 1;
  }
  addSiblings(nodes, chosen);
  return nodes.filter((_, index) => chosen.has(index));
}

function addSiblings(nodes: readonly JsonObject[], chosen: Set<number>): void {
  const onPath = nodes.filter((_, index) => chosen.has(index));
  const answered = new Set(onPath.flatMap(resultIds));
  // Messages whose tools ran on this branch: all of their blocks are on it.
  const messages = new Set(
    onPath.filter((line) => toolUseIds(line).some((id) => answered.has(id))).flatMap((line) => messageId(line) ?? []),
  );
  const uses = new Set<string>();
  for (const [index, line] of nodes.entries()) {
    const id = messageId(line);
    if (id !== undefined && messages.has(id)) chosen.add(index);
    if (chosen.has(index)) for (const use of toolUseIds(line)) uses.add(use);
    if (resultIds(line).some((use) => uses.has(use) && !answered.has(use))) chosen.add(index);
  }
}

/** The ids of the tool uses in an assistant line. */
export function toolUseIds(line: JsonObject): readonly string[] {
  return line['type'] === 'assistant' ? blockIds(line, 'tool_use', 'id') : [];
}

/** The ids of the tool uses that a user line has results of. */
export function resultIds(line: JsonObject): readonly string[] {
  return line['type'] === 'user' ? blockIds(line, 'tool_result', 'tool_use_id') : [];
}

function blockIds(line: JsonObject, type: string, name: string): readonly string[] {
  return arrayAt(objectAt(line, 'message') ?? {}, 'content').flatMap((block) =>
    isObject(block) && block['type'] === type ? (stringAt(block, name) ?? []) : [],
  );
}

/** The API's id of the message that an assistant line is a part of. */
export function messageId(line: JsonObject): string | undefined {
  return line['type'] === 'assistant' ? stringAt(objectAt(line, 'message') ?? {}, 'id') : undefined;
}
