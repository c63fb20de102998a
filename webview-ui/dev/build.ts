import type { Explanation } from '../../src/base/errors.js';
import type { JsonObject } from '../../src/base/json.js';
import type { AppState, SessionHeader, ToView } from '../../src/protocol/chat/toView.js';
import { noTurnUsage, noUsage, type SessionEvent, type TurnUsage } from '../../src/protocol/session/events.js';
import {
  emptyTranscript,
  type AssistantMessage,
  type Block,
  type ExplanationBlock,
  type Message,
  type ProseBlock,
  type ToolBlock,
  type UserMessage,
} from '../../src/protocol/session/transcript.js';

/** The session that all scenes are about. */
export const sceneSession = '5f0c1d2e-3b4a-4c5d-8e6f-7a8b9c0d1e2f';

/** The session that the forks among the scenes come from. */
export const sceneParent = '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d';

/** What a turn of a scene used. */
export const sceneUsage: TurnUsage = {
  tokens: { input: 1_204, output: 512, cacheRead: 18_400, cacheWrite: 950 },
  costUsd: 0.0213,
  durationMs: 8_400,
};

/** The window's state, with changes. */
export function appState(changes: Partial<AppState> = {}): ToView {
  return { type: 'app', app: { demo: false, blocked: null, folders: 1, ...changes } };
}

/** A session's header, with changes. */
export function sceneHeader(changes: Partial<SessionHeader> = {}): SessionHeader {
  return {
    id: sceneSession,
    name: 'Speed up the search index',
    folder: { name: 'sample-workspace', path: '/home/ada/sample-workspace' },
    branch: 'main',
    worktree: null,
    model: 'default',
    models: [
      { value: 'default', label: 'Default', description: 'The model that your plan chooses' },
      { value: 'opus', label: 'Opus', description: 'For hard problems' },
      { value: 'haiku', label: 'Haiku', description: 'Fastest' },
    ],
    mode: 'default',
    modes: [
      { value: 'default', label: 'Ask First', description: 'Asks before tools run' },
      { value: 'acceptEdits', label: 'Accept Edits', description: 'Changes files without asking' },
      { value: 'plan', label: 'Plan', description: 'Reads and plans, changes nothing' },
    ],
    state: 'ready',
    queue: [],
    queueHeld: false,
    lineage: null,
    ...changes,
  };
}

/** A snapshot of a conversation. */
export function snapshot(
  messages: Message[],
  header: Partial<SessionHeader> = {},
  more: Partial<Omit<Extract<ToView, { type: 'snapshot' }>, 'type' | 'header' | 'transcript'>> = {},
): Extract<ToView, { type: 'snapshot' }> {
  const last = messages.at(-1);
  const running = last?.role === 'assistant' && last.state === 'streaming';
  return {
    type: 'snapshot',
    header: sceneHeader(header),
    transcript: {
      ...emptyTranscript(),
      messages,
      turn: running ? last.turn : null,
      activity: { kind: running ? 'working' : 'idle' },
      turnTokens: running ? { ...noUsage, input: 1_204, output: 96 } : noUsage,
      total: messages.length === 0 ? noTurnUsage : sceneUsage,
    },
    earlier: 0,
    unread: false,
    next: 0,
    draft: '',
    scroll: null,
    ...more,
  };
}

/** A batch of events. */
export function batch(from: number, events: readonly SessionEvent[]): ToView {
  return { type: 'events', session: sceneSession, from, next: from + events.length, events };
}

/** The user's message. */
export function user(number: number, text: string): UserMessage {
  return { role: 'user', number, uuid: `user-${String(number)}`, text, at: 1_700_000_000_000 + number };
}

/** Claude's message. */
export function claude(number: number, blocks: Block[], changes: Partial<AssistantMessage> = {}): AssistantMessage {
  return {
    role: 'assistant',
    number,
    turn: `turn-${String(number)}`,
    uuid: null,
    model: 'claude-opus',
    state: 'complete',
    usage: sceneUsage,
    at: 1_700_000_000_000 + number,
    blocks,
    ...changes,
  };
}

/** A text block. */
export function prose(key: string, text: string, changes: Partial<ProseBlock> = {}): ProseBlock {
  return { type: 'text', key, text, streaming: false, ...changes };
}

/** A tool use. */
export function tool(id: string, name: string, input: JsonObject, changes: Partial<ToolBlock> = {}): ToolBlock {
  return {
    type: 'tool',
    key: id,
    id,
    name,
    state: 'done',
    inputText: '',
    input,
    inputInvalid: false,
    elapsedSeconds: 0,
    result: null,
    resultAttachments: 0,
    resultCutFrom: null,
    deniedReason: null,
    children: [],
    ...changes,
  };
}

/** An error or notice. */
export function card(
  key: string,
  level: ExplanationBlock['level'],
  explanation: Omit<Explanation, 'code'>,
): ExplanationBlock {
  return {
    type: level === 'error' ? 'error' : 'notice',
    key,
    level,
    explanation: { code: 'unexpected', ...explanation },
  };
}
