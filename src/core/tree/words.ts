const minute = 60_000;
const units = [
  { milliseconds: 365 * 24 * 60 * minute, short: 'y', long: 'year' },
  { milliseconds: 30 * 24 * 60 * minute, short: 'mo', long: 'month' },
  { milliseconds: 7 * 24 * 60 * minute, short: 'wk', long: 'week' },
  { milliseconds: 24 * 60 * minute, short: 'd', long: 'day' },
  { milliseconds: 60 * minute, short: 'h', long: 'hour' },
  { milliseconds: minute, short: 'min', long: 'minute' },
] as const;

/**
 * How long ago something was, such as `5 min` or `3 d`; `now` below a minute and for what the clock says is still to come.
 * @param at milliseconds since 1970
 * @param now milliseconds since 1970
 */
export function shortAge(at: number, now: number): string {
  const unit = units.find(({ milliseconds }) => now - at >= milliseconds);
  return unit ? `${String(Math.floor((now - at) / unit.milliseconds))} ${unit.short}` : 'now';
}

/** As `shortAge`, in words for a screen reader: `5 minutes ago`. */
export function spokenAge(at: number, now: number): string {
  const unit = units.find(({ milliseconds }) => now - at >= milliseconds);
  return unit ? `${counted(Math.floor((now - at) / unit.milliseconds), unit.long)} ago` : 'just now';
}

/** A number of things: `1 fork`, `2 forks`. */
export function counted(count: number, thing: string): string {
  return `${String(count)} ${thing}${count === 1 ? '' : 's'}`;
}

/** An amount of money in millionths of a US dollar, such as `$0.12`; undefined for nothing. */
export function money(micros: number): string | undefined {
  if (micros <= 0) return undefined;
  return micros < 10_000 ? '<$0.01' : `$${(micros / 1_000_000).toFixed(2)}`;
}
