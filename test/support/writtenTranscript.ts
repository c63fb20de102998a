/*
 * Transcripts as the program writes them (2.1.329): each line's fields in its order, turns with tools that run side by side.
 */

/** How a transcript is to be. */
export interface TranscriptShape {
  /** Turns; each is a prompt, a message of Claude's with tools, their results, and a last message. */
  readonly turns: number;
  /** Characters of each of Claude's texts. */
  readonly textLength: number;
  /** Characters of each tool's result. */
  readonly resultLength: number;
  /** Tools that run side by side in each turn. */
  readonly tools: number;
  /** Told apart from other transcripts' by this, at most four hexadecimal digits. */
  readonly id?: string;
}

const words =
  'The parser reads one token at a time, never looks back — größer, 日本語, 👋 — and keeps "state" in one place.\n';

/** The UUID of a line. @param id which transcript @param number which line of it, from 1 on */
export function lineUuid(number: number, id = 'a'): string {
  return `${id.padStart(8, '0')}-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

/**
 * The lines of a transcript, each with its line feed. A turn has `3 + 2 × tools` of them (2 without tools), numbered from 1 on.
 */
export function* transcriptLines(shape: TranscriptShape): Generator<string> {
  const { id = 'a', tools } = shape;
  const uuid = (number: number): string => lineUuid(number, id);
  const text = words.repeat(Math.ceil(shape.textLength / words.length)).slice(0, shape.textLength);
  const result = words.repeat(Math.ceil(shape.resultLength / words.length)).slice(0, shape.resultLength);
  let number = 0;
  const last = (): string | null => (number === 0 ? null : uuid(number));
  const line = (from: string | null, before: object, after: object): string => {
    number += 1;
    const timestamp = new Date(1_760_000_000_000 + number * 1000).toISOString();
    const all = { parentUuid: from, isSidechain: false, ...before, uuid: uuid(number), timestamp, ...after, ...ending };
    return `${JSON.stringify(all)}\n`;
  };
  const says = (from: string | null, message: string, content: readonly object[]): string =>
    line(from, { message: assistantMessage(message, content), requestId: `req_${message}`, type: 'assistant' }, {});
  for (let turn = 1; turn <= shape.turns; turn += 1) {
    const content = `Question ${String(turn)}`;
    yield line(last(), { type: 'user', message: { role: 'user', content } }, { permissionMode: 'default' });
    if (tools > 0) {
      const message = `msg_${id}_${String(turn)}_a`;
      yield says(last(), message, [{ type: 'text', text: `Looking. ${text}` }]);
      const uses: [string, string][] = [];
      for (let tool = 1; tool <= tools; tool += 1) {
        const use = `toolu_${id}_${String(turn)}_${String(tool)}`;
        yield says(last(), message, [{ type: 'tool_use', id: use, name: 'Read', input: { file_path: `/f/${use}` } }]);
        uses.push([use, uuid(number)]);
      }
      for (const [use, from] of uses) {
        const block = { tool_use_id: use, type: 'tool_result', content: result };
        const after = { toolUseResult: { stdout: result }, sourceToolAssistantUUID: from };
        yield line(from, { type: 'user', message: { role: 'user', content: [block] } }, after);
      }
    }
    yield says(last(), `msg_${id}_${String(turn)}_b`, [{ type: 'text', text: `Answer ${String(turn)}. ${text}` }]);
  }
}

const ending = {
  userType: 'external',
  entrypoint: 'sdk-cli',
  cwd: '/sample/folder',
  version: '2.1.329',
  gitBranch: '',
};

function assistantMessage(id: string, content: readonly object[]): object {
  const usage = { input_tokens: 3, cache_creation_input_tokens: 1, cache_read_input_tokens: 2, output_tokens: 4 };
  return { model: 'claude-sample', id, type: 'message', role: 'assistant', content, stop_reason: null, usage };
}
