/** What happened, line by line, and a hash of it: two runs of one seed are the same run if their hashes are. */
import { createHash } from "node:crypto";

export class Trace {
  readonly #hash = createHash("sha256");
  readonly #print: ((line: string) => void) | undefined;
  readonly #time: () => number;
  lines = 0;

  constructor(time: () => number, print: ((line: string) => void) | undefined) {
    this.#time = time;
    this.#print = print;
  }

  note(who: string, what: string): void {
    const line = `${(this.#time() / 1000).toFixed(3).padStart(10)} ${who.padEnd(8)} ${what}`;
    this.#hash.update(line).update("\n");
    this.lines++;
    this.#print?.(line);
  }

  /** Once, at the end. */
  digest(): string {
    return this.#hash.digest("hex");
  }
}
