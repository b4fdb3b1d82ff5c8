/** What the server has taken and this device has not read yet, in a conversation that goes on behind a break. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "@sotto/client/node";
import { afterAll, expect, test } from "vitest";
import { shownAsSent } from "../src/send/sent.ts";
import { migrate } from "../src/store/migrate.ts";

const folder = mkdtempSync(join(tmpdir(), "sotto-accepted-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LOG = new Uint8Array(16).fill(1);
const idOf = (text: string): Uint8Array => new TextEncoder().encode(text.padEnd(16));

test("after a break the place in the log is not the one in the timeline, where something else may stand", async () => {
  const store = openStore(join(folder, "profile.db"), { key: new Uint8Array(32).fill(3) });
  await migrate(store);
  const insert =
    "INSERT INTO messages (local_id, log, seq, message_id, sender, at, kind, text, state) VALUES (?, ?, ?, ?, x'', 0, 'text', ?, ?)";
  const row = (text: string, seq: number | null, state: string) => ({
    sql: insert,
    parameters: [idOf(text), LOG, seq, idOf(text), text, state],
  });
  await store.write([
    { sql: "INSERT INTO places (log, group_id, anchor, base) VALUES (?, ?, ?, 10)", parameters: [LOG, LOG, LOG] },
    row("before", 5, "received"),
    row("taken", 16, "received"),
    row("sent after", null, "sending"),
    row("sent at once", null, "sending"),
  ]);
  await store.write([
    shownAsSent(idOf("sent after"), { seq: 5, acceptedAt: 7 }),
    shownAsSent(idOf("sent at once"), { seq: 6, acceptedAt: 8 }),
  ]);
  const rows = await store.all("SELECT text, seq, state FROM messages WHERE state <> 'received' ORDER BY id");
  expect(rows).toEqual([
    { text: "sent after", seq: 15, state: "sent" },
    { text: "sent at once", seq: null, state: "sending" },
  ]);
  await store.close();
});
