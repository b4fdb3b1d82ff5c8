/** What every adapter of the Store port must do. `open` gives a store at the same place each time, as after a restart. */
import { expect, test } from "vitest";
import type { Store } from "@sotto/client";

const sql = (text: string, ...parameters: (string | number | null | Uint8Array)[]) => ({ sql: text, parameters });

export function testStore(open: () => Promise<Store>): void {
  test("gives back the values that were written, by kind", async () => {
    const store = await open();
    await store.write([
      sql("CREATE TABLE IF NOT EXISTS kinds (id INTEGER PRIMARY KEY, value ANY) STRICT"),
      ...[null, 7, 2 ** 40, "tëxt", Uint8Array.of(0, 255), new Uint8Array()].map((value) =>
        sql("INSERT INTO kinds (value) VALUES (?)", value),
      ),
    ]);
    const rows = await store.all("SELECT value FROM kinds ORDER BY id");
    const values = rows.map(({ value }) => (value instanceof Uint8Array ? [...value] : value));
    expect(values).toEqual([null, 7, 2 ** 40, "tëxt", [0, 255], []]);
    await store.close();
  });

  test("keeps a batch whole or not at all", async () => {
    const store = await open();
    await store.write([sql("CREATE TABLE IF NOT EXISTS whole (id INTEGER PRIMARY KEY) STRICT"), sql("INSERT INTO whole VALUES (1)")]);
    await expect(store.write([sql("INSERT INTO whole VALUES (2)"), sql("INSERT INTO whole VALUES (1)")])).rejects.toThrow(
      /UNIQUE|constraint/,
    );
    expect(await store.all("SELECT id FROM whole")).toEqual([{ id: 1 }]);
    await store.close();
  });

  test("has what it wrote after it was closed and opened", async () => {
    const first = await open();
    await first.write([sql("CREATE TABLE IF NOT EXISTS kept (text TEXT) STRICT"), sql("INSERT INTO kept VALUES (?)", "still here")]);
    await first.close();
    const second = await open();
    expect(await second.all("SELECT text FROM kept")).toEqual([{ text: "still here" }]);
    await second.close();
  });

  test("finds any part of a word with the trigram index", async () => {
    const store = await open();
    await store.write([
      sql("CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(text, tokenize='trigram')"),
      sql("INSERT INTO words VALUES (?)", "Blumentopferde"),
    ]);
    expect(await store.all("SELECT text FROM words WHERE words MATCH ?", ['"TOPF"'])).toHaveLength(1);
    await store.close();
  });
}
