/**
 * The planted faults. Each skips one durability write, or makes two of one:
 *
 *   server-early-answer   the server answers before its commit is on the disk: a crash takes back what it acknowledged
 *   client-early-send     the client goes on before its write is on the disk: bytes leave, and a crash forgets that they did
 *   split-apply           the cursor moves in a transaction before the one that stores what was read
 *   split-send            the ratchet moves in a transaction of its own, after the one that stores what was sealed with it
 *   split-join            an item of the inbox counts as taken in a transaction before the one that stores the invitation in it
 */
import type { DatabaseSync } from "node:sqlite";
import type { Statement, Store } from "@sotto/client";
import { type Disk, openMemoryStore } from "../world/memory-store.ts";
import type { Process } from "../world/process.ts";
import type { Plant } from "./plant.ts";

/** So many transactions reach the disk together. */
const LAZY_COMMITS = 4;

/** A transaction stays open when it is committed, and the next one goes on with it: until the last of some, nothing is durable. */
function lazyDatabase(database: DatabaseSync): DatabaseSync {
  let commits = 0;
  const exec = (sql: string): void => {
    if (sql.startsWith("BEGIN") && database.isTransaction) return;
    if (sql === "COMMIT" && ++commits % LAZY_COMMITS !== 0) return;
    database.exec(sql);
  };
  return new Proxy(database, {
    get: (target, name) => {
      if (name === "exec") return exec;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function lazyStore(disk: Disk, process: Process): Store {
  const { database } = disk;
  process.onDeath(() => {
    if (database.isTransaction) database.exec("ROLLBACK");
  });
  let writes = 0;
  return {
    ...openMemoryStore(disk),
    write: async (batch) => {
      if (!database.isTransaction) database.exec("BEGIN");
      for (const { sql, parameters } of batch) disk.prepare(sql).run(...parameters);
      if (++writes % LAZY_COMMITS === 0) database.exec("COMMIT");
    },
  };
}

/** Splits each batch of which a statement is `marked` in two: the marked ones, and the others. */
function splitting(store: Store, isMarked: (statement: Statement) => boolean, order: "marked first" | "marked last"): Store {
  return {
    all: (sql, parameters) => store.all(sql, parameters),
    close: () => store.close(),
    write: async (batch) => {
      const marked = batch.filter((statement) => isMarked(statement));
      const others = batch.filter((statement) => !isMarked(statement));
      if (marked.length === 0 || others.length === 0) return store.write(batch);
      const [first, second] = order === "marked first" ? [marked, others] : [others, marked];
      await store.write(first);
      return store.write(second);
    },
  };
}

const movesCursor = ({ sql }: Statement): boolean => /^UPDATE (conversations SET cursor|places SET last_entry)/.test(sql);
const movesRatchet = ({ sql }: Statement): boolean => /^(INSERT INTO|DELETE FROM) records/.test(sql);
const movesInbox = ({ sql, parameters }: Statement): boolean =>
  parameters[0] === "inbox_next" || sql.startsWith("INSERT OR IGNORE INTO inbox_taken");

export const PLANTS: readonly Plant[] = [
  { name: "server-early-answer", database: lazyDatabase },
  { name: "client-early-send", disk: lazyStore },
  { name: "split-apply", store: (store) => splitting(store, movesCursor, "marked first") },
  { name: "split-send", store: (store) => splitting(store, movesRatchet, "marked last") },
  { name: "split-join", store: (store) => splitting(store, movesInbox, "marked first") },
];
