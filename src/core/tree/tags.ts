const longest = 60;

/**
 * Reads tags as the user types them, with commas between.
 * @returns each once, in their order, at most 60 characters long
 */
export function parseTags(text: string): readonly string[] {
  const tags = text.split(',').map((tag) => Array.from(tag.trim()).slice(0, longest).join('').trim());
  return [...new Set(tags.filter((tag) => tag !== ''))];
}

/** The tags that all of these have. */
export function commonTags(all: readonly (readonly string[])[]): readonly string[] {
  const [first = [], ...rest] = all;
  return first.filter((tag) => rest.every((tags) => tags.includes(tag)));
}

/**
 * The tags of one of several sessions after what they have in common was edited: its other tags stay.
 * @param tags what it had
 * @param common what all had
 * @param edited what the user made of that
 */
export function retagged(
  tags: readonly string[],
  common: readonly string[],
  edited: readonly string[],
): readonly string[] {
  return [...new Set([...tags.filter((tag) => !common.includes(tag)), ...edited])];
}
