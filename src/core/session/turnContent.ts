import {
  isOutcome,
  type BlockAddress,
  type SessionEvent,
  type StartEvent,
  type TurnOutcome,
} from '../../protocol/session/events.js';

/** A turn's events: the one it begins with, what happened, and its end. */
export interface RecordedTurn {
  readonly start: StartEvent;
  readonly events: readonly SessionEvent[];
  readonly outcome: TurnOutcome | null;
}

/** Cuts events into turns. What is not in a turn, such as a notice between two, is left out. */
export function turnsOf(events: readonly SessionEvent[]): readonly RecordedTurn[] {
  const turns: { start: StartEvent; events: SessionEvent[]; outcome: TurnOutcome | null }[] = [];
  let open: (typeof turns)[number] | undefined;
  for (const event of events) {
    if (event.kind === 'start') {
      open = { start: event, events: [], outcome: null };
      turns.push(open);
    } else if (open && isOutcome(event)) {
      open.outcome = event;
      open = undefined;
    } else open?.events.push(event);
  }
  return turns;
}

/** A piece of prose: where it is and what it says by now. */
export interface Prose {
  readonly kind: 'text' | 'thinking';
  readonly block: BlockAddress;
  text: string;
}

/**
 * What a turn consists of, by names that the live stream and the transcript have in common: ids of messages, tools and prompts.
 * Blocks of prose are told apart by their order among those of their kind in their message, because a transcript does not say
 * their index.
 */
export class TurnContent {
  readonly prose = new Map<string, Prose>();
  /** Tool uses, and those of them that Claude itself made. */
  readonly tools = new Set<string>();
  readonly ownTools = new Set<string>();
  readonly results = new Set<string>();
  /** Messages that the program gave whole. */
  readonly messages = new Set<string>();
  readonly prompts = new Set<string>();
  /** Messages that Claude itself said something in, in their order. */
  readonly spoken = new Set<string>();
  readonly #byAddress = new Map<string, Prose>();
  readonly #names = new Map<string, string>();

  /** @param turn the turn */
  constructor({ start, events }: RecordedTurn) {
    if (start.prompt) this.prompts.add(start.prompt.uuid);
    for (const event of events) this.#take(event);
    this.#nameProse();
  }

  /** Whether anything was said or done in the turn. */
  get isEmpty(): boolean {
    return this.prose.size === 0 && this.tools.size === 0;
  }

  /** The name of the block at an address; undefined when nothing is in it. */
  nameOf(kind: Prose['kind'], block: BlockAddress): string | undefined {
    return this.#names.get(addressKey(kind, block));
  }

  #take(event: SessionEvent): void {
    switch (event.kind) {
      case 'text':
      case 'thinking': {
        const key = addressKey(event.kind, event.block);
        const known = this.#byAddress.get(key) ?? { kind: event.kind, block: event.block, text: '' };
        known.text = event.whole ? event.text : known.text + event.text;
        this.#byAddress.set(key, known);
        this.#spoke(event.block);
        return;
      }
      case 'toolUse':
        this.tools.add(event.id);
        if (event.block.parent === null) this.ownTools.add(event.id);
        this.#spoke(event.block);
        return;
      case 'toolResult':
        this.results.add(event.id);
        return;
      case 'message':
        if (event.uuid !== null) this.messages.add(messageKey(event.parent, event.message));
        return;
      case 'steeringDelivered':
        this.prompts.add(event.prompt.uuid);
        return;
      default:
        return;
    }
  }

  #spoke({ parent, message }: BlockAddress): void {
    if (parent === null) this.spoken.add(messageKey(parent, message));
  }

  /** Blocks without text, such as those that the program took back, are not counted. */
  #nameProse(): void {
    const counts = new Map<string, number>();
    const blocks = [...this.#byAddress].filter(([, { text }]) => text !== '');
    blocks.sort(([, a], [, b]) => a.block.index - b.block.index);
    for (const [key, prose] of blocks) {
      const within = `${prose.kind}/${messageKey(prose.block.parent, prose.block.message)}`;
      const count = counts.get(within) ?? 0;
      counts.set(within, count + 1);
      const name = `${within}/${String(count)}`;
      this.#names.set(key, name);
      this.prose.set(name, prose);
    }
  }
}

/** A message's name, for `TurnContent.messages`. */
export function messageKey(parent: string | null, message: string): string {
  return `${parent ?? ''}/${message}`;
}

function addressKey(kind: string, { parent, message, index }: BlockAddress): string {
  return `${kind}/${messageKey(parent, message)}/${String(index)}`;
}
