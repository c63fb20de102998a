import type { JSX } from 'preact';
import type { Activity } from '../../../src/protocol/session/transcript.js';
import type { SessionHeader } from '../../../src/protocol/chat/toView.js';
import type { Conversation } from '../state/conversation.js';
import { allInput, compactCount, usageDetail, usageLine } from '../text/format.js';
import { Icon } from './icon.js';

/** What goes on now, and what the session has used. */
export function StatusLine({
  header,
  conversation,
}: {
  readonly header: SessionHeader;
  readonly conversation: Conversation;
}): JSX.Element {
  const { activity, total, turnTokens, rateLimit } = conversation.fields;
  const busy = busyText(header, activity);
  return (
    <div class="status">
      <span class="status-now">
        {busy && (
          <>
            <Icon name={header.state === 'waiting' ? 'shield' : 'loading'} />
            <span>{busy}</span>
            {turnTokens.output > 0 && (
              <span class="status-tokens">
                {compactCount(allInput(turnTokens))} in · {compactCount(turnTokens.output)} out
              </span>
            )}
          </>
        )}
        {!busy && rateLimit && rateLimit.state !== 'ok' && (
          <>
            <Icon name="warning" /> {rateLimit.state === 'blocked' ? 'Usage limit reached' : 'Usage limit is near'}
            {rateLimit.resetsAt !== null && `, resets at ${timeOf(rateLimit.resetsAt)}`}
          </>
        )}
      </span>
      {total.durationMs + allInput(total.tokens) > 0 && (
        <span class="status-total" title={`This session\n${usageDetail(total)}`}>
          <span class="for-readers">This session: </span>
          {usageLine(total)}
        </span>
      )}
    </div>
  );
}

function busyText(header: SessionHeader, activity: Activity): string | null {
  switch (header.state) {
    case 'starting':
      return 'Starting Claude Code…';
    case 'stopping':
      return 'Stopping…';
    case 'waiting':
      return 'Waiting for your permission';
    case 'running':
      if (activity.kind === 'compacting') return 'Compacting the conversation…';
      if (activity.kind === 'retrying') {
        return `Trying again (${activity.attempt} of ${activity.attempts}): ${activity.reason}`;
      }
      return 'Working…';
    case 'idle':
    case 'ready':
      return null;
  }
}

function timeOf(at: number): string {
  return new Date(at).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
}
