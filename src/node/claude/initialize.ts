import { arrayAt, isObject, stringAt, type JsonObject } from '../../base/json.js';
import type { LaunchOptions, ModelChoice, ProgramInfo } from '../../core/ports.js';

/** The first request on every process. @param options how the process was started */
export function initializeRequest(options: LaunchOptions): JsonObject & { readonly subtype: string } {
  return {
    subtype: 'initialize',
    // What subagents say, and not only what they do. The argument of that name is not known to older versions; this is.
    forwardSubagentText: true,
    ...(options.appendSystemPrompt === undefined ? {} : { appendSystemPrompt: options.appendSystemPrompt }),
  };
}

/**
 * Reads the answer to `initialize`. What is missing is left empty: older programs say less.
 * @param answer the answer's content
 * @param version the program's version as found before it was started, for programs that do not say it here
 */
export function readProgramInfo(answer: JsonObject, version: string): ProgramInfo {
  return {
    version: stringAt(answer, 'claude_code_version') ?? version,
    models: arrayAt(answer, 'models').flatMap(readModel),
    commands: arrayAt(answer, 'commands').length,
  };
}

function readModel(model: unknown): ModelChoice[] {
  if (!isObject(model)) return [];
  const value = stringAt(model, 'value');
  if (value === undefined) return [];
  return [{ value, label: stringAt(model, 'displayName') ?? value, description: stringAt(model, 'description') ?? '' }];
}
