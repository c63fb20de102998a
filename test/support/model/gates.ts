interface Gate {
  readonly opened: Promise<void>;
  readonly open: () => void;
  readonly reached: Promise<void>;
  readonly arrive: () => void;
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** Points at which an answer waits until a test lets it go on. A gate that was opened stays open. */
export class Gates {
  private readonly gates = new Map<string, Gate>();

  private gate(name: string): Gate {
    const known = this.gates.get(name);
    if (known !== undefined) return known;
    const opened = deferred();
    const reached = deferred();
    const gate = { opened: opened.promise, open: opened.resolve, reached: reached.promise, arrive: reached.resolve };
    this.gates.set(name, gate);
    return gate;
  }

  /** Waits at the gate. */
  async pass(name: string): Promise<void> {
    const gate = this.gate(name);
    gate.arrive();
    await gate.opened;
  }

  /** Opens the gate for whoever waits there and for all who come later. */
  release(name: string): void {
    this.gate(name).open();
  }

  /** Settles when an answer has come to the gate for the first time. */
  async reached(name: string): Promise<void> {
    await this.gate(name).reached;
  }

  /** Opens every gate and forgets them all. */
  reset(): void {
    for (const gate of this.gates.values()) gate.open();
    this.gates.clear();
  }
}
