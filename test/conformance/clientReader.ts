import type { SessionEvent, TurnUsage } from '../../src/protocol/session/events.js';
import type { TurnRecord } from './conversation.js';
import type { Recorder } from './recorder.js';

function tokens({ tokens: { input, output } }: TurnUsage): TurnRecord['tokens'] {
  return { input, output };
}

/** Takes down our client's events. */
export class ClientReader {
  private readonly recorder: Recorder;

  constructor(recorder: Recorder) {
    this.recorder = recorder;
  }

  /** Takes down an event. Kinds that the Agent SDK has nothing for are left out. */
  read(event: SessionEvent): void {
    const { recorder } = this;
    switch (event.kind) {
      case 'text':
      case 'thinking': {
        const { parent, message, index } = event.block;
        recorder.text(event.kind, { parent, message, key: index }, event.text, event.whole);
        return;
      }
      case 'toolUse':
        if (event.phase === 'ready') {
          const { parent, message, index } = event.block;
          recorder.toolUse({ parent, message, key: index }, event.id, event.name, event.input);
        }
        return;
      case 'toolResult':
        recorder.toolResult(event.id, event.output.text, event.isError);
        return;
      case 'message':
        if (event.uuid !== null) recorder.messageUuid(event.parent, event.uuid);
        return;
      case 'steeringDelivered':
        recorder.prompt(event.prompt.text);
        return;
      case 'status':
        if (event.status === 'retrying') recorder.status(`retrying ${event.reason}`);
        if (event.status === 'compacted') recorder.status(`compacted ${event.trigger}`);
        return;
      case 'complete':
        recorder.outcome('completed', tokens(event.usage));
        return;
      case 'canceled':
        recorder.outcome('canceled', tokens(event.usage));
        return;
      case 'error':
        recorder.outcome('failed', tokens(event.usage), event.error.code);
        return;
      default:
    }
  }
}
