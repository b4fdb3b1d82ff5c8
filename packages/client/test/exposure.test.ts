/** A scan that is cut short goes on, looks at nothing twice, and looks again at what changed. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Client, type ExposureDetector } from "@sotto/client";
import { nodePorts, openMediaFiles, openStore } from "@sotto/client/node";

const folder = mkdtempSync(join(tmpdir(), "sotto-exposure-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ROWS = 10_000;
const INSERT = "INSERT INTO messages (local_id, log, sender, at, kind, text, state) VALUES (?, ?, ?, ?, 'text', ?, 'received')";
const LOG = new Uint8Array(16).fill(1);

/** Sees every text with a 7 in it, and remembers what it was asked about. */
function sevens(version: number): ExposureDetector & { readonly asked: string[] } {
  const asked: string[] = [];
  const inText: ExposureDetector["inText"] = (text) => {
    asked.push(text);
    return text.includes("7") ? [{ kind: "card", level: "likely", what: "seven", masked: "••••", value: "7", start: 0, length: 1 }] : [];
  };
  return { version, asked, inText, inFile: () => [], inFileName: () => [], headBytes: 16, ofPlace: () => [] };
}

test("a scan goes on where it was cut short, and looks again at what changed", async () => {
  const store = openStore(join(folder, "profile.db"), { key: new Uint8Array(32).fill(3) });
  const client = await Client.open(await nodePorts(store, "http://127.0.0.1:1"));
  const exposure = client.exposure(openMediaFiles(join(folder, "media")));
  const localId = (row: number): Uint8Array => new Uint8Array(new Uint32Array([row, 1, 2, 3]).buffer);
  await store.write(
    Array.from({ length: ROWS }, (_, row) => ({ sql: INSERT, parameters: [localId(row), LOG, LOG, row, `number ${row}`] })),
  );
  const withSeven = Array.from({ length: ROWS }, (_, row) => String(row)).filter((text) => text.includes("7")).length;
  const levels = ["likely"] as const;

  const first = sevens(1);
  let looks = 0;
  expect(await exposure.scan(first, { isCancelled: () => (looks += 1) > 25 })).toBe(false);
  expect(first.asked.length).toBeLessThan(ROWS);
  const second = sevens(1);
  expect(await exposure.scan(second)).toBe(true);
  expect(first.asked.length + second.asked.length).toBe(ROWS);
  expect(await exposure.count({ levels })).toMatchObject([{ likely: withSeven, things: 1 }]);

  await store.write([
    { sql: "UPDATE messages SET text = 'nothing' WHERE id = 8", parameters: [] },
    { sql: "UPDATE messages SET text = 'another 7' WHERE id = 1", parameters: [] },
    { sql: "DELETE FROM messages WHERE id = 18", parameters: [] },
  ]);
  const third = sevens(1);
  await exposure.scan(third);
  expect(third.asked.toSorted()).toEqual(["another 7", "nothing"]);
  expect(await exposure.count({ levels })).toMatchObject([{ likely: withSeven - 1 }]);

  const [seven] = await exposure.list({ levels, limit: 1 });
  await exposure.remove(seven?.id ?? 0);
  expect(await store.all("SELECT kind, text, content FROM messages WHERE local_id = ?", [seven?.localId ?? null])).toEqual([
    { kind: "deleted", text: "", content: null },
  ]);
  expect(await exposure.count({ levels })).toMatchObject([{ likely: withSeven - 2 }]);

  const newer = sevens(2);
  await exposure.scan(newer);
  expect(newer.asked.length).toBe(ROWS - 2);
  expect(await exposure.count({ levels })).toMatchObject([{ likely: withSeven - 2 }]);
  await client.close();
});
