/**
 * What is measured, and what a contender brings to be measured.
 */

/** In the order in which they are measured and printed. */
export const operations = {
  keyPackage: "make a key package",
  createAndAdd: "create a group and add N-1 members by one commit",
  join: "join a group of N by its welcome, tree included",
  addOne: "commit that adds one member to a group of N",
  updateCommitCreate: "make an update commit in a group of N",
  updateCommitProcess: "process an update commit in a group of N",
  encrypt1KiB: "encrypt 1 KiB in a group of N",
  decrypt1KiB: "decrypt 1 KiB in a group of N",
} as const;

export type Operation = keyof typeof operations;

export type Awaitable<T> = T | Promise<T>;

/** One operation at one size, set up. Only `run` is timed; `prepare` makes its input, and the inputs of a round are all made before it. */
export interface Case<Input = unknown> {
  prepare(): Awaitable<Input>;
  run(input: Input): Awaitable<unknown>;
  /** Bytes of what was sent, if it is of interest. */
  readonly bytes?: () => number | undefined;
}

/** Sets a case up for a group of n members; the setting up is not timed. */
export type Setup = (n: number) => Promise<Case>;

export interface Named {
  readonly name: string;
  /** Shown under the table. */
  readonly notes?: readonly string[];
}

export interface Contender extends Named {
  readonly ops: Partial<Record<Operation, Setup>>;
  /** The largest N for operations that would take minutes beyond it; `--slow` goes past it. */
  readonly limits?: Partial<Record<Operation, number>>;
}

/** Keeps the input type of a case together, and forgets it. */
export function makeCase<Input>(given: Case<Input>): Case {
  return given;
}
