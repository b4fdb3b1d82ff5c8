import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { expectSuccess } from "@sotto/protocol";
import { describeLogStore, type Opening } from "../../test/log-store-suite.ts";
import { hashesOf, message, newLogId } from "../../test/support/logs.ts";
import { newFolder } from "../../test/support/started.ts";
import { openDatabase } from "../sqlite/database.ts";
import { LOG_SCHEMA } from "./log-schema.ts";
import { createReceipts } from "./receipts.ts";
import { SqliteLogStore } from "./sqlite-log-store.ts";

function openStore(path: string, now: () => number, mayWrite?: () => void): SqliteLogStore {
  const store = new SqliteLogStore({
    database: openDatabase(path, LOG_SCHEMA),
    receiptOf: createReceipts(new Uint8Array(32)),
    now,
    ...(mayWrite === undefined ? {} : { mayWrite }),
  });
  return store;
}

async function open(): Promise<Opening> {
  const path = join(newFolder(), "logs.db");
  let now = 1_000;
  let store = openStore(path, () => now);
  onTestFinished(() => store.close());
  return {
    store,
    reopen: async () => {
      await store.close();
      store = openStore(path, () => now);
      return store;
    },
    setNow: (to) => {
      now = to;
    },
  };
}

describeLogStore("SQLite", open);

describe("a failing disk", () => {
  test("refuses appends, keeps what it has, and takes appends again", async () => {
    const path = join(newFolder(), "logs.db");
    let isFull = false;
    const store = openStore(path, Date.now, () => {
      if (isFull) throw Object.assign(new Error("full"), { errcode: 13 });
    });
    onTestFinished(() => store.close());
    const log = newLogId();
    await store.create({ log, epoch: 0, hashes: hashesOf(log, 0) });
    await store.append(message(log, 0));
    isFull = true;
    const refused = message(log, 0);
    await expect(store.append(refused)).rejects.toMatchObject({ code: "server_disk_full" });
    isFull = false;
    expect(expectSuccess(await store.append(refused))).toMatchObject({ outcome: "appended", seq: 2 });
  });
});
