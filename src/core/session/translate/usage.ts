import { numberAt, type JsonObject } from '../../../base/json.js';
import type { TokenUsage } from '../../../protocol/session/events.js';

/** Reads the API's `usage` object; what is missing is zero. */
export function readUsage(usage: JsonObject): TokenUsage {
  return {
    input: numberAt(usage, 'input_tokens') ?? 0,
    output: numberAt(usage, 'output_tokens') ?? 0,
    cacheRead: numberAt(usage, 'cache_read_input_tokens') ?? 0,
    cacheWrite: numberAt(usage, 'cache_creation_input_tokens') ?? 0,
  };
}
