import { arrayAt, isObject, objectAt, stringAt, type JsonObject } from '../../base/json.js';
import type { PermissionRequest } from '../../core/permissions/request.js';

/** Whose request it is. */
export interface PermissionOrigin {
  readonly sessionId: string;
  /** Absolute path of the session's folder. */
  readonly folder: string;
}

/**
 * Reads the `can_use_tool` request of the control protocol.
 * @param id the request's id
 * @param request the request as it came
 * @param origin the session that asks
 * @returns the request, or a sentence that says what is wrong with it
 */
export function readPermissionRequest(
  id: string,
  request: JsonObject,
  origin: PermissionOrigin,
): PermissionRequest | string {
  const tool = stringAt(request, 'tool_name');
  if (tool === undefined || tool === '') return 'it names no tool';
  const toolUseId = stringAt(request, 'tool_use_id');
  if (toolUseId === undefined) return 'it names no tool use';
  const input = objectAt(request, 'input');
  if (input === undefined) return 'its input is no object';
  return {
    id,
    sessionId: origin.sessionId,
    folder: origin.folder,
    toolUseId,
    tool,
    input,
    reason: stringAt(request, 'decision_reason') ?? null,
    blockedPath: stringAt(request, 'blocked_path') ?? null,
    agentId: stringAt(request, 'agent_id') ?? null,
    suggestions: arrayAt(request, 'permission_suggestions').filter(isObject),
    suppressAlways: request['suppress_always_allow_rule'] === true,
    defaultToNo: request['default_to_no'] === true,
  };
}
