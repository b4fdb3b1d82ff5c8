/** Turns a producer that pushes into one that is pulled from, one piece at a time: the producer waits until its piece was taken. */
type Step = { readonly value: Uint8Array } | { readonly error: unknown } | undefined;

export class Rendezvous {
  #offered: { readonly step: Step; readonly taken: () => void } | undefined;
  #wake: (() => void) | undefined;
  #isStopped = false;

  /** False once nobody pulls any more. */
  async offer(value: Uint8Array): Promise<boolean> {
    if (!this.#isStopped) await this.#put({ value });
    return !this.#isStopped;
  }

  async end(): Promise<void> {
    if (!this.#isStopped) await this.#put(undefined);
  }

  async fail(error: unknown): Promise<void> {
    if (!this.#isStopped) await this.#put({ error });
  }

  #put(step: Step): Promise<void> {
    return new Promise((taken) => {
      this.#offered = { step, taken };
      this.#wake?.();
    });
  }

  /** Every piece in order; leaving the loop early stops the producer. */
  async *pull(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        if (this.#offered === undefined) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
        const offered = this.#offered;
        this.#offered = undefined;
        this.#wake = undefined;
        if (offered === undefined) continue;
        try {
          if (offered.step === undefined) return;
          if ("error" in offered.step) throw offered.step.error;
          yield offered.step.value;
        } finally {
          // Also when nobody goes on pulling: the producer must come to its end, for the ZIP reader has only so many at a time.
          offered.taken();
        }
      }
    } finally {
      this.#isStopped = true;
      this.#offered?.taken();
    }
  }
}
