import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createClaudeEnvironment, type ClaudeEnvironment } from '../support/claudeEnvironment.js';
import type { Script } from '../support/model/script.js';
import { isCompaction } from '../support/model/side.js';
import { startModelServer, type ModelServer } from '../support/model/server.js';
import type { Action, Conversation, Decision, PermissionRule, Reopening, TurnRecord } from './conversation.js';
import type { Driver, Peer, PeerStart } from './driver.js';
import { Recorder, shorten } from './recorder.js';

/** What came of a conversation. */
export interface ConversationRecord {
  readonly turns: readonly TurnRecord[];
  /** By turn: the name of its failure, where the driver gives one. */
  readonly failures: readonly (string | undefined)[];
  /** What the user had newly said in each request for an answer. */
  readonly modelSaw: readonly (readonly string[])[];
  /** All that the user had said, as the last of those requests tells it. */
  readonly modelKnew: readonly string[];
  /** How many transcripts there are in the end; undefined when the conversation does not ask. */
  readonly transcripts: number | undefined;
  /** Whether the transcript that was forked from is still as it was; true when nothing was forked. */
  readonly parentUnchanged: boolean;
  /** The content of the files that the conversation names; null when missing. */
  readonly files: Readonly<Record<string, string | null>>;
}

/** How long a conversation may take before it counts as hung, in milliseconds. */
const patience = 60_000;
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
  private parent: { readonly name: string; readonly content: string } | undefined;

  private constructor(driver: Driver, program: string, model: ModelServer) {
    this.driver = driver;
    this.program = program;
    this.model = model;
    this.environment = createClaudeEnvironment({ baseUrl: model.url });
    const { workspace, root } = this.environment;
    this.recorder = new Recorder({
      [workspace]: '<workspace>',
      [root]: '<root>',
      // The program's own name for the folder, in paths of its files.
      [workspace.replace(/[^A-Za-z0-9]/g, '-')]: '<folder>',
      [model.url.slice('http://'.length)]: '<model>',
    });
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
    // Transcripts are complete only when the program has ended.
    if (conversation.group === undefined) await this.endProgram();
    const turns = this.recorder.turns.slice(firstTurn);
    const asked = this.model.requests
      .slice(firstRequest)
      .filter(({ answeredBy, turn }) => turn !== undefined && !isCompaction(turn) && !answeredBy.startsWith('side:'));
    return {
      turns,
      failures: turns.map((_, index) => this.recorder.failure(firstTurn + index)),
      modelSaw: asked.map(({ turn }) => turn?.newPrompts.map(shorten) ?? []),
      modelKnew: asked.at(-1)?.turn?.prompts.map(shorten) ?? [],
      transcripts: conversation.transcripts === undefined ? undefined : this.transcripts().size,
      parentUnchanged: this.parent === undefined || this.transcripts().get(this.parent.name) === this.parent.content,
      files: Object.fromEntries(Object.keys(conversation.files ?? {}).map((file) => [file, this.content(file)])),
    };
  }

  /** Ends the program and removes everything. */
  async close(): Promise<void> {
    await this.endProgram();
    await this.model.dispose();
    this.environment.dispose();
  }

  private async endProgram(): Promise<void> {
    const { peer } = this;
    this.peer = undefined;
    await peer?.close();
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
        model.release(action.gate);
        return;
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

  /** The transcripts of sessions, by file name. */
  private transcripts(): ReadonlyMap<string, string> {
    const projects = join(this.environment.configDir, 'projects');
    const files = existsSync(projects) ? readdirSync(projects, { recursive: true, encoding: 'utf8' }) : [];
    return new Map(
      files
        .filter((file) => /^[^/\\]+[/\\][^/\\]+\.jsonl$/.test(file))
        .map((file) => [basename(file), readFileSync(join(projects, file), 'utf8')]),
    );
  }

  private content(file: string): string | null {
    const path = join(this.environment.workspace, file);
    return existsSync(path) ? readFileSync(path, 'utf8') : null;
  }
}
