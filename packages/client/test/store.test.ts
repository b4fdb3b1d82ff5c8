/** The encrypted store on Node.js: the acceptance suite of the port, and what happens at a locked door. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Client } from "@sotto/client";
import { nodePorts, openStore } from "@sotto/client/node";
import { testStore } from "../testing/store-acceptance.ts";

const folder = mkdtempSync(join(tmpdir(), "sotto-store-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const lock = { key: new Uint8Array(32).fill(7) };
const codeOf = (call: () => unknown): unknown => {
  try {
    call();
    return undefined;
  } catch (error) {
    return error instanceof Error && "code" in error ? error.code : error;
  }
};

describe("the store", () => {
  testStore(() => Promise.resolve(openStore(join(folder, "acceptance.db"), lock)));
});

describe("the door", () => {
  test("a wrong passphrase is told, and the right one opens", async () => {
    const path = join(folder, "door.db");
    await openStore(path, { passphrase: "correct horse" }).close();
    expect(codeOf(() => openStore(path, { passphrase: "wrong horse" }))).toBe("store_passphrase");
    await openStore(path, { passphrase: "correct horse" }).close();
  });

  test("a second process is turned away while the first has the file", async () => {
    const path = join(folder, "twice.db");
    const first = openStore(path, lock);
    expect(codeOf(() => openStore(path, lock))).toBe("store_locked");
    await first.close();
  });

  test("no text is on the disk in clear", async () => {
    const path = join(folder, "clear.db");
    const store = openStore(path, lock);
    await store.write([
      { sql: "CREATE TABLE secrets (text TEXT)", parameters: [] },
      { sql: "INSERT INTO secrets VALUES (?)", parameters: ["sotto voce"] },
    ]);
    for (const name of readdirSync(folder)) expect(readFileSync(join(folder, name)).includes("sotto voce")).toBe(false);
    await store.close();
  });

  test("a file that is no store, and a store of a newer version, are told apart", async () => {
    const path = join(folder, "broken.db");
    writeFileSync(path, "x".repeat(8192));
    expect(codeOf(() => openStore(path, lock))).toBe("store_passphrase");
    const newer = openStore(join(folder, "newer.db"), lock);
    await newer.write([{ sql: "PRAGMA user_version = 9999", parameters: [] }]);
    await expect(Client.open(await nodePorts(newer, "http://127.0.0.1:1"))).rejects.toMatchObject({ code: "store_newer" });
    await newer.close();
  });
});
