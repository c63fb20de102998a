import { objectAt, stringAt, type JsonObject } from '../../base/json.js';
import { TranscriptReducer } from '../../core/session/reducer.js';
import { emptyTranscript, type Message } from '../../protocol/session/transcript.js';
import { fileTranscript } from '../export/rawTranscript.js';
import { currentBranch, toolUseIds } from '../transcripts/branch.js';
import { readTranscriptLines } from '../transcripts/readLines.js';
import { Replay } from '../transcripts/replay.js';

/**
 * Which message of the conversation, as the chat shows it, a line of the transcript is in: the chat makes one message of
 * all that Claude says and does between two prompts, and names it by its last line. A subagent's line is in the message
 * whose tool use started the subagent.
 * @param path the transcript file
 * @param uuid UUID of the line, also of one in a subagent's file
 * @returns the message's number, from 1, and the UUID it goes by; null when the line is not in the conversation as it is
 * now, such as on a branch that was left
 * @throws the file system's error
 */
export async function placeInConversation(
  path: string,
  uuid: string,
): Promise<Pick<Message, 'number' | 'uuid'> | null> {
  const { lines } = await readTranscriptLines(path);
  const branch = currentBranch(lines);
  const wanted = branch.some((line) => isAt(line, uuid)) ? uuid : await startedBy(path, branch, uuid);
  if (wanted === null) return null;
  const reducer = new TranscriptReducer(emptyTranscript());
  let found: Message | undefined;
  const replay = new Replay(
    (event) => {
      reducer.apply(event);
    },
    () => [],
  );
  for (const line of branch) {
    replay.line(line);
    if (isAt(line, wanted)) found ??= reducer.transcript.messages.at(-1);
  }
  replay.end();
  // A line can bring more than the message it names: the summary that `/compact` made comes before its prompt.
  found = reducer.transcript.messages.find((message) => message.uuid === wanted) ?? found;
  return found ? { number: found.number, uuid: found.uuid } : null;
}

function isAt(line: JsonObject, uuid: string): boolean {
  return stringAt(line, 'uuid') === uuid || stringAt(objectAt(line, 'attachment') ?? {}, 'source_uuid') === uuid;
}

/** The line of the branch whose tool use started the subagent that has a line, directly or through other subagents. */
async function startedBy(path: string, branch: readonly JsonObject[], uuid: string): Promise<string | null> {
  const uses = new Map<string, string>();
  const note = (line: JsonObject): void => {
    const own = stringAt(line, 'uuid');
    if (own !== undefined) for (const id of toolUseIds(line)) uses.set(id, own);
  };
  branch.forEach(note);
  const owners = new Map<string, string>();
  for (const { meta, lines } of (await fileTranscript(path)).subagents) {
    const starter = meta ? stringAt(meta, 'toolUseId') : undefined;
    for await (const { value } of lines.read(() => undefined)) {
      const own = stringAt(value, 'uuid');
      if (own !== undefined && starter !== undefined) owners.set(own, starter);
      note(value);
    }
  }
  const seen = new Set<string>();
  let at: string | undefined = uuid;
  while (at !== undefined && !seen.has(at)) {
    seen.add(at);
    const starter = owners.get(at);
    if (starter === undefined) return branch.some((line) => isAt(line, at ?? '')) ? at : null;
    at = uses.get(starter);
  }
  return null;
}
