import type { Disposable } from './disposable.js';

/** Makes a thing when it is first asked for, and disposes it only if it was made. */
export class Lazy<T extends Disposable> implements Disposable {
  readonly #make: () => T;
  #made: T | null = null;

  /** @param make makes the thing */
  constructor(make: () => T) {
    this.#make = make;
  }

  /** The thing; the same at every call. */
  get(): T {
    this.#made ??= this.#make();
    return this.#made;
  }

  /** The thing if it was made, else null. */
  get made(): T | null {
    return this.#made;
  }

  dispose(): void {
    this.#made?.dispose();
    this.#made = null;
  }
}
