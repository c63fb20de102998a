import { detach } from './detach.js';
import type { Disposable } from './disposable.js';

/** Makes a thing when it is first asked for, and disposes it only if it was made. Making it may take time, and may fail. */
export class Lazy<T extends Disposable> implements Disposable {
  readonly #make: () => Promise<T>;
  #made: Promise<T> | null = null;

  /** @param make makes the thing */
  constructor(make: () => Promise<T>) {
    this.#make = make;
  }

  /** The thing; the same at every call. Rejects when it could not be made. */
  get(): Promise<T> {
    this.#made ??= this.#make();
    return this.#made;
  }

  /** The thing if it was asked for, else null. */
  get made(): Promise<T> | null {
    return this.#made;
  }

  /** Disposes the thing, as soon as it is made. */
  dispose(): void {
    const made = this.#made?.then((thing) => {
      thing.dispose();
    });
    this.#made = null;
    // That it could not be made was told to who asked for it.
    if (made) detach(made, () => undefined);
  }
}
