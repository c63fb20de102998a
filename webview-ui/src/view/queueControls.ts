import type { QueuedMessage } from '../../../src/protocol/chat/toView.js';
import type { IconName } from './icon.js';

/** What can be done with a queued message. */
export type QueueAction = 'edit' | 'up' | 'down' | 'hold' | 'release' | 'steer' | 'sendNow' | 'remove';

/** A button of a queued message. */
export interface QueueControl {
  readonly action: QueueAction;
  readonly name: string;
  readonly title: string;
  readonly icon: IconName;
  readonly enabled: boolean;
}

/** Where a message stands: its place from 0, how many there are, and whether a turn runs. */
export interface QueuePlace {
  readonly place: number;
  readonly count: number;
  readonly running: boolean;
}

/** The buttons of a message, in their order. */
export function controlsOf({ state }: QueuedMessage, { place, count, running }: QueuePlace): readonly QueueControl[] {
  const isSent = state === 'sent';
  const control = (action: QueueAction, name: string, icon: IconName, title: string, enabled = true): QueueControl => ({
    action,
    name,
    icon,
    title,
    enabled,
  });
  return [
    control('edit', 'Edit', 'edit', 'Edit (F2)'),
    control('up', 'Move Up', 'arrow-up', 'Move Up (Alt+Up)', place > 0 && !isSent),
    control('down', 'Move Down', 'arrow-down', 'Move Down (Alt+Down)', place < count - 1 && !isSent),
    state === 'held'
      ? control('release', 'Release', 'play', 'Release: send it in its turn')
      : control('hold', 'Hold', 'debug-pause', 'Hold: do not send it until you say so'),
    ...(running
      ? [
          control('steer', 'Steer', 'debug-step-into', 'Steer: deliver at the next step', !isSent),
          control('sendNow', 'Send Now', 'send', 'Send Now: interrupt and send now'),
        ]
      : [control('sendNow', 'Send Now', 'send', 'Send Now')]),
    control('remove', 'Remove', 'trash', 'Remove (Delete)'),
  ];
}

/** What a message waits for, in words. */
export function stateWords(
  { state, priority }: QueuedMessage,
  running: boolean,
): { readonly icon: IconName; readonly words: string } {
  switch (state) {
    case 'sent':
      return { icon: 'debug-step-into', words: 'Sent, read at the next step' };
    case 'held':
      return { icon: 'debug-pause', words: 'Held' };
    case 'edited':
      return { icon: 'edit', words: 'Being changed' };
    case 'waiting':
    case undefined:
      break;
  }
  if (priority === 'now' && running) return { icon: 'stop-circle', words: 'Interrupting…' };
  if (priority === 'next' && running) return { icon: 'debug-step-into', words: 'For the next step' };
  return { icon: 'history', words: running ? 'After this turn' : 'Next' };
}

/** What was done, for those who do not see it. */
export function doneWords(action: QueueAction, { place, count }: QueuePlace): string {
  switch (action) {
    case 'up':
      return `Moved up to place ${place} of ${count}.`;
    case 'down':
      return `Moved down to place ${place + 2} of ${count}.`;
    case 'hold':
      return 'Held.';
    case 'release':
      return 'Released.';
    case 'steer':
      return 'To be delivered at the next step.';
    case 'sendNow':
      return 'Sent now.';
    case 'remove':
      return 'Removed.';
    case 'edit':
      return '';
  }
}

/** What a key does with a message; null for any other. */
export function keyAction(event: KeyboardEvent): QueueAction | null {
  const { key, altKey, ctrlKey, metaKey, shiftKey } = event;
  if (ctrlKey || metaKey || shiftKey) return null;
  if (altKey) return key === 'ArrowUp' ? 'up' : key === 'ArrowDown' ? 'down' : null;
  if (key === 'F2') return 'edit';
  return key === 'Delete' ? 'remove' : null;
}
