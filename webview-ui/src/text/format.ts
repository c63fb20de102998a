import { makeLineVisible } from '../../../src/base/visibleText.js';
import type { ModelUsage, TokenUsage, TurnUsage } from '../../../src/protocol/session/events.js';

/** A count in few characters: `950`, `1.2k`, `34k`, `1.5M`. */
export function compactCount(count: number): string {
  if (count < 1000) return String(Math.round(count));
  const [value, unit] = count < 999_500 ? [count / 1000, 'k'] : [count / 1_000_000, 'M'];
  return `${value < 9.95 ? String(Number(value.toFixed(1))) : String(Math.round(value))}${unit}`;
}

/** US dollars: cents, and more digits for less than ten cents; nothing for zero. */
export function dollars(amount: number): string {
  if (amount <= 0) return '$0';
  return `$${amount < 0.1 ? amount.toFixed(4) : amount.toFixed(2)}`;
}

/** A duration: `0.4 s`, `12 s`, `3 min 5 s`, `1 h 2 min`. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${String(whole)} s`;
  if (whole < 3600) return `${String(Math.floor(whole / 60))} min ${String(whole % 60)} s`;
  return `${String(Math.floor(whole / 3600))} h ${String(Math.floor((whole % 3600) / 60))} min`;
}

/** All tokens that went in, cached ones included. */
export function allInput(tokens: TokenUsage): number {
  return tokens.input + tokens.cacheRead + tokens.cacheWrite;
}

/** What was used, on one line. */
export function usageLine(usage: TurnUsage): string {
  const { tokens } = usage;
  const used = `${compactCount(allInput(tokens))} in · ${compactCount(tokens.output)} out`;
  // A conversation that is read from its transcript says nothing of costs: that is not the same as none.
  return usage.costUsd > 0 ? `${used} · ${dollars(usage.costUsd)}` : used;
}

/** What was used, in full, for a tooltip; by model as well where there is more than one. */
export function usageDetail(usage: TurnUsage): string {
  const { tokens, models = [] } = usage;
  return [
    `Input: ${String(tokens.input)} tokens`,
    `Output: ${String(tokens.output)} tokens`,
    `Cache read: ${String(tokens.cacheRead)} tokens`,
    `Cache written: ${String(tokens.cacheWrite)} tokens`,
    usage.costUsd > 0 ? `Cost: ${dollars(usage.costUsd)}` : 'Cost: not known',
    `Time: ${duration(usage.durationMs)}`,
    ...(models.length > 1 ? models.map(modelLine) : []),
  ].join('\n');
}

function modelLine({ model, tokens, costUsd }: ModelUsage): string {
  const used = `${compactCount(allInput(tokens))} in · ${compactCount(tokens.output)} out · ${dollars(costUsd)}`;
  return `${makeLineVisible(model)}: ${used}`;
}
