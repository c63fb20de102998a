import type { PermissionPrompter } from './broker.js';

/**
 * Chooses who asks: some tools, such as a question to the user, have a surface of their own.
 * @param byTool the tools that have one
 * @param otherwise asks for all others
 */
export function toolPrompters(
  byTool: Readonly<Record<string, PermissionPrompter>>,
  otherwise: PermissionPrompter,
): PermissionPrompter {
  return {
    prompt: (request, token) =>
      ((Object.hasOwn(byTool, request.tool) ? byTool[request.tool] : null) ?? otherwise).prompt(request, token),
  };
}
