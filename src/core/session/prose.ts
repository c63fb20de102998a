import type { BlockAddress, TextEvent, ThinkingEvent } from '../../protocol/session/events.js';
import type { ProseBlock } from '../../protocol/session/transcript.js';

/** The text and thinking blocks of a conversation, found by their address, and which of them still stream. */
export class ProseIndex {
  readonly #blocks = new Map<string, ProseBlock>();
  readonly #streaming = new Set<ProseBlock>();

  /** Takes a block that a snapshot holds. */
  adopt(block: ProseBlock): void {
    this.#blocks.set(block.key, block);
    if (block.streaming) this.#streaming.add(block);
  }

  /**
   * Takes a piece of prose.
   * @returns the block it belongs to and whether it is new; null when there is nothing to show
   */
  apply(event: TextEvent | ThinkingEvent): { readonly block: ProseBlock; readonly isNew: boolean } | null {
    const key = blockKey(event.kind, event.block);
    const known = this.#blocks.get(key);
    if (!known) {
      if (event.whole && event.text === '') return null;
      const block: ProseBlock = { type: event.kind, key, text: event.text, streaming: !event.whole };
      this.#blocks.set(key, block);
      if (block.streaming) this.#streaming.add(block);
      return { block, isNew: true };
    }
    if (event.whole) {
      known.text = event.text;
      known.streaming = false;
      this.#streaming.delete(known);
    } else known.text += event.text;
    return { block: known, isNew: false };
  }

  /** Ends all blocks. @returns those that were still streaming */
  close(): readonly ProseBlock[] {
    const ended = [...this.#streaming];
    for (const block of ended) block.streaming = false;
    this.#streaming.clear();
    return ended;
  }
}

/** The id of the message that a block is a part of, from the block's key. */
export function messageOfKey(key: string): string {
  return /^[^/]*\/[^/]*\/(.*)\/\d+$/su.exec(key)?.[1] ?? '';
}

function blockKey(kind: string, block: BlockAddress): string {
  return `${kind}/${block.parent ?? ''}/${block.message}/${String(block.index)}`;
}
