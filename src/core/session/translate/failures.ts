import type { ErrorCode, Explanation } from '../../../base/errors.js';

/*
 * What an API failure means to the user. The program names a category on its `assistant` line (`error`) and gives the
 * API's words in the `result` line; both are hostile data and only shown as detail.
 */

const byCategory: Readonly<Record<string, ErrorCode>> = {
  authentication_failed: 'signInRequired',
  oauth_org_not_allowed: 'signInRequired',
  verification_required: 'signInRequired',
  account_on_hold: 'signInRequired',
  billing_error: 'limitReached',
  rate_limit: 'rateLimited',
  overloaded: 'overloaded',
  server_error: 'apiError',
  invalid_request: 'apiError',
  model_not_found: 'apiError',
};

const kept = 'The conversation and everything Claude said so far are kept.';

const explanations: Partial<Record<ErrorCode, Omit<Explanation, 'code'>>> = {
  signInRequired: {
    what: 'Claude Code is not signed in, or its sign-in was refused.',
    kept,
    next: 'Sign in with the claude program in a terminal, then send the message again.',
    actions: ['signIn', 'retry'],
  },
  limitReached: {
    what: 'A limit of your account or of this session was reached.',
    kept,
    next: 'Check your plan or budget, then send the message again.',
    actions: ['retry'],
  },
  rateLimited: {
    what: 'The service takes no more requests from you for now (rate limit).',
    kept,
    next: 'Wait a little, then try again.',
    actions: ['retry'],
  },
  overloaded: {
    what: 'The service is overloaded.',
    kept,
    next: 'Wait a little, then try again.',
    actions: ['retry'],
  },
  apiError: {
    what: 'The service answered with an error.',
    kept,
    next: 'Try again. If it goes on, the detail below helps in a report.',
    actions: ['retry', 'showLog'],
  },
  connectionLost: {
    what: 'The connection to the service was lost.',
    kept,
    next: 'Check the network, then try again.',
    actions: ['retry'],
  },
  contextOverflow: {
    what: 'The conversation is too long for the model.',
    kept,
    next: 'Send /compact to let Claude go on from a summary, or begin a new session.',
    actions: ['newSession'],
  },
  executionError: {
    what: 'Claude Code stopped with an error.',
    kept,
    next: 'Try again. If it goes on, the detail below helps in a report.',
    actions: ['retry', 'showLog'],
  },
  messageMissing: {
    what: 'Claude Code does not have the message any more at which this conversation was to go on: it was compacted, cut or rewritten.',
    kept: 'The conversation and your message are kept.',
    next: 'Fork from a later message, or send a recap in a new session.',
    actions: ['recapInNewSession'],
  },
  conversationNotFound: {
    what: 'Claude Code does not have this conversation any more.',
    kept: 'What is shown here is kept.',
    next: 'Go on in a new conversation; a recap of this one can be sent along.',
    actions: ['sendRecap', 'newSession'],
  },
};

/**
 * The explanation of a failed turn.
 * @param code what went wrong
 * @param detail the program's or the API's own words
 */
export function explainFailure(code: ErrorCode, detail: string): Explanation {
  const known = explanations[code] ?? {
    what: 'The turn failed.',
    kept,
    next: 'Try again.',
    actions: ['retry' as const],
  };
  return detail === '' ? { code, ...known } : { code, ...known, detail: detail.slice(0, 4000) };
}

/**
 * Which failure the program speaks of.
 * @param category the `error` of the last assistant line, or null
 * @param words the API's or the program's own words
 */
export function classifyFailure(category: string | null, words: string): ErrorCode {
  if (/no conversation found/i.test(words)) return 'conversationNotFound';
  if (/no message found with message\.uuid/i.test(words)) return 'messageMissing';
  if (/prompt is too long|context (window|length)|too many tokens/i.test(words)) return 'contextOverflow';
  if (
    /connection (error|closed|reset)|ECONNRE|socket hang up|network error|fetch failed|stream (ended|closed)/i.test(
      words,
    )
  ) {
    return 'connectionLost';
  }
  if (/invalid api key|please run \/login|not logged in|oauth token|authentication_error/i.test(words))
    return 'signInRequired';
  // The status says more than the category: an overloaded service is a mere `server_error` there.
  const status = /API Error:?\s*\(?(\d{3})/i.exec(words)?.[1];
  if (status === '401' || status === '403') return 'signInRequired';
  if (status === '429') return 'rateLimited';
  if (status === '529') return 'overloaded';
  const known = category === null ? undefined : byCategory[category];
  if (known) return known;
  return status === undefined && category === null ? 'executionError' : 'apiError';
}
