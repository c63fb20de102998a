import { next, say } from '../../support/model/answers.js';
import type { Conversation } from '../conversation.js';

/** Conversations that go on in another process. */
export const sessions: readonly Conversation[] = [
  {
    id: 'resume',
    title: 'T10 S6 a resumed conversation knows what was said',
    script: { steps: [next(say('Noted.')), next(say('You said alpha.'))] },
    actions: [
      { do: 'send', text: 'alpha' },
      { do: 'awaitTurns', count: 1 },
      { do: 'reopen', as: { kind: 'resume' } },
      { do: 'send', text: 'what did I say' },
      { do: 'awaitTurns', count: 2 },
    ],
    expected: [
      { outcome: 'completed' },
      { outcome: 'completed', prompt: 'what did I say', blocks: [{ text: 'You said alpha.' }] },
    ],
    modelKnew: ['alpha', 'what did I say'],
    transcripts: 1,
  },
  {
    id: 'resumeUnknown',
    title: 'T10 resuming a conversation that does not exist fails and says so',
    script: { steps: [next(say('Hi.'))] },
    actions: [
      { do: 'send', text: 'hi' },
      { do: 'awaitTurns', count: 1 },
      { do: 'reopen', as: { kind: 'resumeUnknown' } },
      { do: 'awaitTurns', count: 2 },
    ],
    expected: [{ outcome: 'completed' }, { outcome: 'failed', failure: 'conversationNotFound', blocks: [] }],
  },
  {
    id: 'fork',
    title: 'F1 a fork knows what was said and leaves its parent alone',
    script: { steps: [next(say('Noted.')), next(say('In the fork.'))] },
    actions: [
      { do: 'send', text: 'alpha' },
      { do: 'awaitTurns', count: 1 },
      { do: 'reopen', as: { kind: 'fork' } },
      { do: 'send', text: 'beta' },
      { do: 'awaitTurns', count: 2 },
    ],
    expected: [{ outcome: 'completed' }, { outcome: 'completed', prompt: 'beta', blocks: [{ text: 'In the fork.' }] }],
    modelKnew: ['alpha', 'beta'],
    transcripts: 2,
  },
  {
    id: 'forkAtMessage',
    title: 'F1 a fork at a message holds exactly what was said up to it',
    script: { steps: [next(say('One.')), next(say('Two.')), next(say('In the fork.'))] },
    actions: [
      { do: 'send', text: 'alpha' },
      { do: 'awaitTurns', count: 1 },
      { do: 'send', text: 'beta' },
      { do: 'awaitTurns', count: 2 },
      { do: 'reopen', as: { kind: 'fork', atTurn: 0 } },
      { do: 'send', text: 'gamma' },
      { do: 'awaitTurns', count: 3 },
    ],
    expected: [
      { outcome: 'completed' },
      { outcome: 'completed' },
      { outcome: 'completed', blocks: [{ text: 'In the fork.' }] },
    ],
    modelKnew: ['alpha', 'gamma'],
    transcripts: 2,
  },
  {
    id: 'ephemeral',
    title: 'F6 an ephemeral question knows what was said and leaves no transcript',
    script: { steps: [next(say('Noted.')), next(say('Aside.'))] },
    actions: [
      { do: 'send', text: 'alpha' },
      { do: 'awaitTurns', count: 1 },
      { do: 'reopen', as: { kind: 'ephemeral' } },
      { do: 'send', text: 'by the way' },
      { do: 'awaitTurns', count: 2 },
    ],
    expected: [{ outcome: 'completed' }, { outcome: 'completed', blocks: [{ text: 'Aside.' }] }],
    modelKnew: ['alpha', 'by the way'],
    transcripts: 1,
  },
];
