import { initLine, messageStart, toolLines } from '../../../support/fakes/cliLines.js';
import type { FakeBehaviour } from '../../../support/fakes/fakeClaude.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { stage, type Stage } from './stage.js';

/** A program that gives back what it is asked for. */
export const givesBack: FakeBehaviour = { onControl: () => ({ cancelled: true }) };

/** A session in whose turn a tool runs. */
export async function withTool(behaviour: FakeBehaviour = givesBack): Promise<Stage> {
  const on = stage({}, behaviour);
  on.session.send('Run');
  await settled();
  on.world.launcher.last.echo();
  on.world.launcher.last.print(initLine(), messageStart('m1'), ...toolLines('m1', 0, 't1', 'Bash', { command: 'ls' }));
  await settled();
  return on;
}

/** What processes were given, in its order, with its priority. */
export function sent({ world }: Stage): readonly string[] {
  return world.launcher.processes.flatMap(({ sent: all }) =>
    all.map(({ text, priority }) => (priority === undefined ? text : `${text} (${priority})`)),
  );
}

/** What the view shows of the queue. */
export function shown({ session }: Stage): readonly string[] {
  return session.queue.shown.map(({ text, state }) => `${text}: ${String(state)}`);
}

/** The id of a message that waits. */
export function idOf({ session }: Stage, text: string): string {
  return session.queue.messages.find((message) => message.text === text)?.id ?? '';
}
