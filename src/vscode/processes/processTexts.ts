import { makeVisible } from '../../base/visibleText.js';
import type { ProcessAction, ProcessList, ProcessRow } from '../../core/lifecycle/processRows.js';

/** How a row is shown and read out: all of it in words, the icon says nothing that they do not. */
export interface RowText {
  readonly icon: string;
  readonly label: string;
  readonly description: string;
  readonly detail: string;
}

const states: Readonly<Record<ProcessRow['state'], { readonly icon: string; readonly text: string }>> = {
  asleep: { icon: 'moon', text: 'asleep' },
  starting: { icon: 'loading~spin', text: 'starting' },
  ready: { icon: 'pass', text: 'ready' },
  background: { icon: 'sync', text: 'working in the background' },
  running: { icon: 'sync~spin', text: 'running' },
  waiting: { icon: 'shield', text: 'waiting for your permission' },
  stopping: { icon: 'debug-stop', text: 'stopping' },
  ending: { icon: 'circle-slash', text: 'ending' },
  failed: { icon: 'error', text: 'ended by itself' },
  closed: { icon: 'circle-slash', text: 'closed' },
  spare: { icon: 'rocket', text: 'for the next new session' },
};

/** What each action is called, and its icon. */
export const actionTexts: Readonly<Record<ProcessAction, { readonly icon: string; readonly title: string }>> = {
  stop: { icon: 'debug-stop', title: 'Stop' },
  restart: { icon: 'debug-restart', title: 'Restart' },
  resume: { icon: 'debug-start', title: 'Resume' },
};

/** What each action comes to, for this row. */
export function actionDetail(action: ProcessAction, row: ProcessRow): string {
  const turn = row.state === 'running' || row.state === 'waiting' ? 'The running turn is stopped. ' : '';
  if (row.state === 'spare')
    return action === 'stop' ? 'Another one comes with the next turn.' : 'Ended and started anew.';
  switch (action) {
    case 'stop':
      return `${turn}The conversation stays; the next message starts a process again.`;
    case 'restart':
      return `${turn}The process is ended and started anew with the same conversation.`;
    case 'resume':
      return 'Starts a process for this conversation now, instead of with the next message.';
  }
}

/** A row's name: the session's, or what stands for it. */
export function rowLabel({ name, state }: ProcessRow): string {
  if (state === 'spare') return 'Spare process';
  // An icon in a name stays text.
  return name === '' ? 'New session' : makeVisible(name).replaceAll('$(', '\\$(');
}

/** How a row is shown. */
export function rowText(row: ProcessRow): RowText {
  const { state, pid, ageMs, memoryBytes, folder } = row;
  const facts = [
    states[state].text,
    ...(ageMs === null ? [] : [ageText(ageMs)]),
    ...(memoryBytes === null ? [] : [memoryText(memoryBytes)]),
    ...(pid === null ? [] : [`process ${String(pid)}`]),
  ];
  return {
    icon: states[state].icon,
    label: rowLabel(row),
    description: facts.join(' · '),
    detail: makeVisible(folder),
  };
}

/** The list in one line. */
export function listTitle({ processes, memoryBytes }: ProcessList): string {
  const count = processes === 1 ? '1 process' : `${String(processes)} processes`;
  return memoryBytes > 0 ? `Arbor: ${count}, ${memoryText(memoryBytes)}` : `Arbor: ${count}`;
}

/** A time in words, as coarse as a reader needs it, so that the list does not change with every second. */
export function ageText(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return 'for less than a minute';
  if (minutes < 60) return `for ${String(minutes)} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48
    ? `for ${String(hours)} h ${String(minutes % 60)} min`
    : `for ${String(Math.floor(hours / 24))} days`;
}

/** An amount of memory in words. */
export function memoryText(bytes: number): string {
  const megabytes = bytes / 2 ** 20;
  return megabytes < 1000 ? `${String(Math.round(megabytes))} MB` : `${(megabytes / 1024).toFixed(1)} GB`;
}
