import type { PermissionEvent, ToolResultEvent, ToolUseEvent } from '../../protocol/session/events.js';
import type { ToolBlock } from '../../protocol/session/transcript.js';

/** The tool uses of a conversation, found by their id, and which of them are still open. */
export class ToolIndex {
  readonly #tools = new Map<string, ToolBlock>();
  readonly #open = new Set<ToolBlock>();

  /** Whether a tool runs or waits for a permission. One whose input is still streaming does neither. */
  get isAnyRunning(): boolean {
    for (const tool of this.#open) if (tool.state !== 'input') return true;
    return false;
  }

  /** The tool use of that id, or undefined. */
  get(id: string): ToolBlock | undefined {
    return this.#tools.get(id);
  }

  /** Takes a tool use that a snapshot holds. */
  adopt(tool: ToolBlock): void {
    this.#tools.set(tool.id, tool);
    if (tool.state === 'input' || tool.state === 'running' || tool.state === 'awaiting') this.#open.add(tool);
  }

  /** Takes a step of a tool use. @returns the tool and whether it is new */
  applyUse(event: ToolUseEvent): { readonly tool: ToolBlock; readonly isNew: boolean } {
    const known = this.#tools.get(event.id);
    const tool = known ?? newTool(event.id);
    if (!known) {
      this.#tools.set(event.id, tool);
      this.#open.add(tool);
    }
    if (event.phase === 'input') tool.inputText += event.json;
    else tool.name = event.name;
    if (event.phase === 'ready') {
      tool.input = event.input;
      tool.inputInvalid = event.invalid;
      if (!event.invalid) tool.inputText = '';
      if (tool.state === 'input') tool.state = 'running';
    }
    return { tool, isNew: !known };
  }

  /** Takes a tool's result. @returns the tool, or undefined when it is not known */
  applyResult(event: ToolResultEvent): ToolBlock | undefined {
    const tool = this.#tools.get(event.id);
    if (!tool) return undefined;
    tool.result = event.output.text;
    tool.resultCutFrom = event.output.cutFrom ?? null;
    tool.resultAttachments = event.output.attachments;
    if (event.canceled) tool.state = 'canceled';
    else if (tool.state !== 'denied' && tool.state !== 'canceled') tool.state = event.isError ? 'failed' : 'done';
    this.#open.delete(tool);
    return tool;
  }

  /** Takes a step of a tool's permission. @returns the tool, or undefined when it is not known */
  applyPermission(event: PermissionEvent): ToolBlock | undefined {
    const tool = this.#tools.get(event.toolUseId);
    // The answer may be recorded after the tool's end.
    if (!tool || !this.#open.has(tool)) return undefined;
    if (event.phase === 'asked') tool.state = 'awaiting';
    else if (event.phase === 'allowed') tool.state = 'running';
    else {
      this.#open.delete(tool);
      tool.state = event.canceled ? 'canceled' : 'denied';
      tool.deniedReason = event.canceled ? null : event.reason;
    }
    return tool;
  }

  /** Cancels what is open. @returns the tools it was */
  cancelOpen(): readonly ToolBlock[] {
    const ended = [...this.#open];
    for (const tool of ended) tool.state = 'canceled';
    this.#open.clear();
    return ended;
  }
}

function newTool(id: string): ToolBlock {
  return {
    type: 'tool',
    key: id,
    id,
    name: '',
    state: 'input',
    inputText: '',
    input: null,
    inputInvalid: false,
    elapsedSeconds: 0,
    result: null,
    resultAttachments: 0,
    resultCutFrom: null,
    deniedReason: null,
    children: [],
  };
}
