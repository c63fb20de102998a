/** A moment for people, in their own way of writing it. @param at milliseconds since 1970; 0 is not known and gives nothing */
export function dateText(at: number): string {
  return at === 0 ? '' : new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}
