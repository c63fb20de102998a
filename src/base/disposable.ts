/** Something that holds a resource until `dispose` is called. Disposing twice does nothing the second time. */
export interface Disposable {
  dispose(): void;
}

/**
 * Wraps a function as a disposable that runs it once.
 * @param release what to do at the first `dispose`
 */
export function toDisposable(release: () => void): Disposable {
  let done = false;
  return {
    dispose: () => {
      if (!done) {
        done = true;
        release();
      }
    },
  };
}

/**
 * Owns disposables and releases them together, the last acquired first. What is added after the store was disposed
 * is released at once, so that a late acquisition cannot leak.
 */
export class DisposableStore implements Disposable {
  readonly #owned = new Set<Disposable>();
  #disposed = false;

  /** Whether `dispose` was called. */
  get isDisposed(): boolean {
    return this.#disposed;
  }

  /**
   * Takes ownership and returns the same object, so that acquiring and owning is one line.
   * @param disposable what this store releases from now on
   */
  add<T extends Disposable>(disposable: T): T {
    if (this.#disposed) disposable.dispose();
    else this.#owned.add(disposable);
    return disposable;
  }

  /**
   * Releases one owned disposable early.
   * @param disposable one that was added before; others are ignored
   */
  release(disposable: Disposable): void {
    if (this.#owned.delete(disposable)) disposable.dispose();
  }

  /** Releases everything. If some throw, the rest is still released and the errors are thrown together. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    const errors: unknown[] = [];
    for (const owned of [...this.#owned].reverse()) {
      try {
        owned.dispose();
      } catch (error) {
        errors.push(error);
      }
    }
    this.#owned.clear();
    if (errors.length > 0) throw new AggregateError(errors, 'Some resources could not be released');
  }
}
