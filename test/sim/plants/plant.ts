/** A fault that is planted by putting something else in the place of a port. The code that is tested stays as it is. */
import type { DatabaseSync } from "node:sqlite";
import type { Store } from "@sotto/client";
import type { Disk } from "../world/memory-store.ts";
import type { Process } from "../world/process.ts";

export type Plant = {
  readonly name: string;
  /** Between a client and its store: each write that comes out of it may be the last one. */
  readonly store?: (store: Store) => Store;
  /** In the place of a client's store. */
  readonly disk?: (disk: Disk, process: Process) => Store;
  /** In the place of a server's database. */
  readonly database?: (database: DatabaseSync) => DatabaseSync;
};

export const NOTHING_PLANTED: Plant = { name: "nothing" };
