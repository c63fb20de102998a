/** Tells the day of a moment, such as `2026-01-31`; days in this form sort by their time. */
export type DayOf = (at: number) => string;

/** A time zone and its days. */
export interface LocalDays {
  /** IANA name, such as `Europe/Berlin`. */
  readonly timeZone: string;
  readonly dayOf: DayOf;
}

/** Time zones differ from each other by whole quarters of an hour, so that every day begins at one. */
const quarterMs = 15 * 60_000;
const dayMs = 24 * 60 * 60_000;

/**
 * The days of a time zone.
 * @param timeZone its IANA name, such as `Europe/Berlin`
 * @throws RangeError when there is no such time zone
 */
export function daysOf(timeZone: string): LocalDays {
  const format = new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  const known = new Map<number, string>();
  const dayOf = (at: number): string => {
    const quarter = Math.floor(at / quarterMs);
    const day = known.get(quarter) ?? dayIn(format, quarter * quarterMs);
    known.set(quarter, day);
    return day;
  };
  return { timeZone, dayOf };
}

function dayIn(format: Intl.DateTimeFormat, at: number): string {
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const year = (parts.get('year') ?? '').padStart(4, '0');
  return `${year}-${parts.get('month') ?? ''}-${parts.get('day') ?? ''}`;
}

/** The day so many days before another, whatever its clocks did meanwhile. */
export function dayBefore(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - days * dayMs).toISOString().slice(0, 10);
}
