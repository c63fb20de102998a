/** Finds a letter of a script that is written from right to left. */
export const rightToLeft = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

const firstLetter = /\p{L}/u;

/** Whether a text is written from right to left, as its first letter says. */
export function isRightToLeft(text: string): boolean {
  const first = firstLetter.exec(text)?.[0];
  return first !== undefined && rightToLeft.test(first);
}
