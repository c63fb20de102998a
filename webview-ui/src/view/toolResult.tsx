import type { JSX } from 'preact';
import type { ToolBlock } from '../../../src/protocol/session/transcript.js';
import { plainOutput } from '../text/visible.js';
import { useChat } from './context.js';
import { Foldable } from './foldable.js';

/** What a tool gave back: folded when long, the whole in an editor when it was cut for the view. */
export function ToolResult({
  tool,
  session,
}: {
  readonly tool: ToolBlock;
  readonly session: string;
}): JSX.Element | null {
  const { post } = useChat();
  if (tool.result === null) return null;
  const { resultAttachments: attachments, resultCutFrom } = tool;
  // Of a denied tool the program says the reason again; it is shown above.
  if (tool.state === 'denied' && tool.deniedReason !== null && tool.result.includes(tool.deniedReason)) return null;
  const text = plainOutput(tool.result);
  const long = resultCutFrom !== null || text.length > 2000;
  return (
    <div class="tool-result">
      {text === '' && attachments === 0 && <p class="tool-note">No output</p>}
      <Foldable
        text={text}
        label="Result"
        kind={tool.state === 'failed' ? 'error' : 'code'}
        more={
          long ? (
            <button
              type="button"
              class="link"
              onClick={() => {
                post({ type: 'openOutput', session, toolUseId: tool.id });
              }}
            >
              Open full output
            </button>
          ) : undefined
        }
      />
      {attachments > 0 && (
        <p class="tool-note">{attachments === 1 ? '1 attachment' : `${attachments} attachments`}, not shown here</p>
      )}
    </div>
  );
}
