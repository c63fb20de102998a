/** Work that took less, in milliseconds, is done whenever it is asked for. */
const cheap = 8;
/** After costly work, rest for so many times what it took. */
const share = 4;

/**
 * Keeps costly work to a share of the time: a list of thousands of items that still grows is then drawn a few times a
 * second, and not for every word.
 */
export class Rest {
  #notBefore = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** Notes how long the work took, in milliseconds. */
  worked(took: number): void {
    this.#notBefore = took < cheap ? 0 : performance.now() + took * share;
  }

  /** Postpones the work if it is too early. @returns whether it was */
  wait(work: () => void): boolean {
    const wait = this.#notBefore - performance.now();
    if (wait <= 0) return false;
    this.#timer = setTimeout(work, wait);
    return true;
  }

  /** Forgets the work that was postponed. */
  cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
