/** A fault that is planted by putting something else in the place of a port. The code that is tested stays as it is. */
import type { DatabaseSync } from "node:sqlite";
import type { Store } from "@sotto/client";
import type { Process } from "../world/process.ts";

export type Plant = {
  readonly name: string;
  readonly store?: (store: Store, process: Process) => Store;
  readonly database?: (database: DatabaseSync) => DatabaseSync;
};

export const NOTHING_PLANTED: Plant = { name: "nothing" };
