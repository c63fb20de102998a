import { apiError, contextOverflow } from '../answers.js';
import type { DemoSkill } from './demo.js';

/** An error's HTTP status, when the prompt asks for one by number. */
function statusIn(prompt: string): number {
  const number = /\b(400|401|403|404|413|429|500|503|529)\b/.exec(prompt)?.[1];
  if (number !== undefined) return Number(number);
  if (/overload/i.test(prompt)) return 529;
  if (/rate.?limit|too many/i.test(prompt)) return 429;
  if (/sign.?in|log.?in|api key|unauthori[sz]ed/i.test(prompt)) return 401;
  return 500;
}

/** Ways for an answer to fail. */
export const failing: readonly DemoSkill[] = [
  {
    name: 'drop',
    words: /\b(drop|lose|cut|break)\b.*\bconnection\b|\bconnection\b.*\b(drops?|lost|breaks?)\b/i,
    answer: () => ({
      blocks: [
        { type: 'text', text: ['This answer breaks off in the middle of a sen', { pauseMs: 300 }, { drop: true }] },
      ],
    }),
  },
  {
    name: 'overflow',
    words: /\b(context|prompt)\b.*\b(overflows?|too long|full)\b|\boverflow\b/i,
    answer: () => contextOverflow(),
  },
  {
    name: 'error',
    words: /\b(fail|error|overload(ed)?|rate.?limit(ed)?)\b/i,
    answer: ({ prompt }) => apiError(statusIn(prompt), statusIn(prompt) === 429 ? { retryAfter: 2 } : {}),
  },
];
