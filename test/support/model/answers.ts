import type { Answer, AnswerBlock, Chunking, HttpError, Step } from './script.js';

const errorTypes: Readonly<Record<number, readonly [type: string, message: string]>> = {
  400: ['invalid_request_error', 'The request is not valid.'],
  401: ['authentication_error', 'invalid x-api-key'],
  403: ['permission_error', 'Your API key may not do that.'],
  404: ['not_found_error', 'Not found.'],
  429: ['rate_limit_error', 'This request would exceed your rate limit.'],
  500: ['api_error', 'Internal server error'],
  529: ['overloaded_error', 'Overloaded'],
};

/**
 * The type and message that the API gives with an HTTP status.
 * @param status an HTTP status; an unknown one counts as a server's error
 */
export function usualError(status: number): { readonly errorType: string; readonly message: string } {
  const [errorType, message] = errorTypes[status] ?? ['api_error', `HTTP ${status}`];
  return { errorType, message };
}

/** An answer of one text block. */
export function say(text: string, chunk?: Chunking): Answer {
  return { blocks: [chunk === undefined ? { type: 'text', text } : { type: 'text', text, chunk }] };
}

/** A tool call as a block; give `id` when a test refers to it. */
export function toolUse(name: string, input: Readonly<Record<string, unknown>>, id?: string): AnswerBlock {
  return id === undefined ? { type: 'toolUse', name, input } : { type: 'toolUse', name, input, id };
}

/** An answer that calls one tool. */
export function callTool(name: string, input: Readonly<Record<string, unknown>>, id?: string): Answer {
  return { blocks: [toolUse(name, input, id)] };
}

/** An answer that is an HTTP error, with the API's usual body for that status unless told otherwise. */
export function apiError(status: number, more: Omit<HttpError, 'status'> = {}): Answer {
  return { error: { status, ...more } };
}

/** The error of a prompt that does not fit into the model's context. */
export function contextOverflow(tokens = 1_200_000, maximum = 1_000_000): Answer {
  return apiError(400, { message: `prompt is too long: ${tokens} tokens > ${maximum} maximum` });
}

/** A step that is taken by the next request whatever it says. */
export function next(answer: Answer): Step {
  return { answer };
}
