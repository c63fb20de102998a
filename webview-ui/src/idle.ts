/** The longest that work goes on in one idle moment, in milliseconds; the browser would give up to 50. */
const slice = 8;
/** The least of an idle moment that is worth beginning with. */
const least = 2;

/** An idle moment of the browser, kept short so that a key or a message that comes in the middle does not wait. */
export class IdleMoment {
  readonly #deadline: IdleDeadline;
  readonly #until: number;

  /** @param deadline what the browser grants */
  constructor(deadline: IdleDeadline) {
    this.#deadline = deadline;
    this.#until = performance.now() + slice;
  }

  /** Whether there is time for more. */
  get lasts(): boolean {
    return this.#deadline.timeRemaining() > least && performance.now() < this.#until;
  }

  /** Waits for the next one; one comes after two seconds even when the browser is never idle. */
  static next(): Promise<IdleMoment> {
    return new Promise((resolve) => {
      requestIdleCallback(
        (deadline) => {
          resolve(new IdleMoment(deadline));
        },
        { timeout: 2000 },
      );
    });
  }
}
