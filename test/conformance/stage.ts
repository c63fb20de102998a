import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createClaudeEnvironment, type ClaudeEnvironment } from '../support/claudeEnvironment.js';
import type { Script } from '../support/model/script.js';
import { startModelServer, type ModelServer } from '../support/model/server.js';
import type { Action, Conversation, Decision, PermissionRule, Reopening, TurnRecord } from './conversation.js';
import type { Driver, Peer, PeerStart } from './driver.js';
import { Recorder } from './recorder.js';

/** What came of a conversation. */
export interface ConversationRecord {
  readonly turns: readonly TurnRecord[];
  /** By turn: the name of its failure, where the driver gives one. */
  readonly failures: readonly (string | undefined)[];
  /** What the user had newly said in each request for an answer. */
  readonly modelSaw: readonly (readonly string[])[];
  /** The content of the files that the conversation names; null when missing. */
  readonly files: Readonly<Record<string, string | null>>;
}

/** How long a conversation may take before it counts as hung, in milliseconds. */
const patience = 25_000;
const filePoll = 15;

/** Answers without usage of their own get this one, so that totals do not depend on the size of the system prompt. */
const steadyUsage = { inputTokens: 11, outputTokens: 7 };

function withUsage(script: Script): Script {
  const steps = script.steps.map((step) => ({ ...step, answer: { usage: steadyUsage, ...step.answer } }));
  return { otherwise: 'fail', ...script, steps };
}

function applies(rule: PermissionRule, tool: string, input: Record<string, unknown>): boolean {
  return rule.tool === tool && (rule.command === undefined || rule.command === input['command']);
}

/** One program in an environment of its own, for one conversation or for several of a group, one after the other. */
export class Stage {
  private readonly driver: Driver;
  private readonly program: string;
  private readonly model: ModelServer;
  private readonly environment: ClaudeEnvironment;
  private readonly recorder: Recorder;
  private peer: Peer | undefined;
  private permissions: readonly PermissionRule[] = [];
  private sessionId: string = randomUUID();

  private constructor(driver: Driver, program: string, model: ModelServer) {
    this.driver = driver;
    this.program = program;
    this.model = model;
    this.environment = createClaudeEnvironment({ baseUrl: model.url });
    const { workspace, root } = this.environment;
    this.recorder = new Recorder({ [workspace]: '<workspace>', [root]: '<root>', [model.url.slice(7)]: '<model>' });
  }

  /** Sets up the model and the environment; the program is started with the first conversation. */
  static async open(driver: Driver, program: string): Promise<Stage> {
    return new Stage(driver, program, await startModelServer({ script: { steps: [], otherwise: 'fail' } }));
  }

  /**
   * Plays a conversation.
   * @throws Error that says where it stood, when it does not come to its end in time
   */
  async play(conversation: Conversation): Promise<ConversationRecord> {
    this.permissions = conversation.permissions ?? [];
    this.model.setScript(withUsage(conversation.script));
    const firstRequest = this.model.requests.length;
    const firstTurn = this.recorder.turns.length;
    let at: Action | undefined;
    const done = new AbortController();
    const patienceLost = pause(patience, undefined, { signal: done.signal });
    const actions = (async () => {
      this.peer ??= await this.start({ kind: 'new', sessionId: this.sessionId });
      for (const action of conversation.actions) {
        at = action;
        await this.perform(action, this.peer, firstTurn);
      }
    })();
    const hung = patienceLost.then(() => {
      throw new Error(`${conversation.id} hangs at ${JSON.stringify(at)}\n${this.recorder.describe()}`);
    });
    try {
      await Promise.race([actions, hung]);
    } finally {
      done.abort();
      await Promise.allSettled([hung]);
    }
    const turns = this.recorder.turns.slice(firstTurn);
    return {
      turns,
      failures: turns.map((_, index) => this.recorder.failure(firstTurn + index)),
      modelSaw: this.model.requests
        .slice(firstRequest)
        .filter(({ answeredBy }) => !answeredBy.startsWith('side:'))
        .flatMap(({ turn }) => (turn === undefined ? [] : [turn.newPrompts])),
      files: Object.fromEntries(Object.keys(conversation.files ?? {}).map((file) => [file, this.content(file)])),
    };
  }

  /** Ends the program and removes everything. */
  async close(): Promise<void> {
    await this.peer?.close();
    await this.model.dispose();
    this.environment.dispose();
  }

  private start(start: PeerStart, persist = true): Promise<Peer> {
    const { driver, program, environment, recorder } = this;
    return driver.start({
      program,
      environment,
      start,
      persist,
      recorder,
      decide: (tool, input) => this.decide(tool, input),
    });
  }

  private decide(tool: string, input: Record<string, unknown>): Decision {
    const rule = this.permissions.find((candidate) => applies(candidate, tool, input));
    if (rule === undefined) return { behavior: 'allow', input };
    if (rule.answer === 'hold') return 'hold';
    if (rule.answer === 'deny') return { behavior: 'deny', message: rule.message, interrupt: rule.interrupt ?? false };
    return { behavior: 'allow', input: { ...input, ...rule.change } };
  }

  private async perform(action: Action, peer: Peer, firstTurn: number): Promise<void> {
    const { recorder, model } = this;
    switch (action.do) {
      case 'send':
        return peer.send(action.text, action.priority);
      case 'interrupt':
        return peer.interrupt();
      case 'release':
        return model.release(action.gate);
      case 'reopen':
        return this.reopen(action.as, peer, firstTurn);
      case 'awaitTurns':
        return recorder.until(() => recorder.turns.length >= firstTurn + action.count);
      case 'awaitGate':
        return model.reached(action.gate);
      case 'awaitText':
        return recorder.until(() => recorder.sees({ text: action.text }));
      case 'awaitPermission':
        return recorder.until(() => recorder.sees({ permission: action.tool }));
      case 'awaitFile':
        while (this.content(action.file) === null) await pause(filePoll);
    }
  }

  private async reopen(as: Reopening, peer: Peer, firstTurn: number): Promise<void> {
    await peer.close();
    const from = this.sessionId;
    if (as.kind !== 'resume') this.sessionId = randomUUID();
    const { sessionId } = this;
    if (as.kind === 'resume' || as.kind === 'resumeUnknown') {
      this.peer = await this.start({ kind: 'resume', sessionId });
      return;
    }
    const at =
      as.kind === 'fork' && as.atTurn !== undefined ? this.recorder.answerUuid(firstTurn + as.atTurn) : undefined;
    const start: PeerStart = { kind: 'fork', sessionId, from, ...(at === undefined ? {} : { at }) };
    this.peer = await this.start(start, as.kind !== 'ephemeral');
  }

  private content(file: string): string | null {
    const path = join(this.environment.workspace, file);
    return existsSync(path) ? readFileSync(path, 'utf8') : null;
  }
}
