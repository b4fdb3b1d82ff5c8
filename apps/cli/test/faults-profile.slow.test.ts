/** What a person reads when their profile cannot be opened or written; and that what was in it stays as it was. */
import { cpSync, mkdirSync, openSync, closeSync, readFileSync, statSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { openStore } from "@sotto/client/node";
import { expect, test } from "vitest";
import { TEST_KEY } from "./support/keys.ts";
import { newFolder, run, type Ran, serve } from "./support/processes.ts";
import { SmallDisk } from "./support/small-disk.ts";

const PAGE = 4096;

type Opened = { readonly profile: string; readonly key?: string; readonly env?: Readonly<Record<string, string>> };

const list = ({ profile, key, env = {} }: Opened): Promise<Ran> =>
  run(["list", "--profile", profile, ...(key === undefined ? [] : ["--key-file", key])], { env });

const refused = (code: string, exit = 1) => ({ exit, values: [], problem: expect.stringContaining(`"error":"${code}"`) });

/** A key file, and a profile with one conversation. */
async function livedIn(folder: string, profile = join(folder, "ada")) {
  const key = join(folder, "key");
  writeFileSync(key, TEST_KEY);
  const server = await serve(join(folder, "data"));
  const as = (who: string, ...args: readonly string[]) => run([...args, "--profile", who, "--key-file", key]);
  const bob = join(folder, "bob");
  for (const [name, place] of [
    ["ada", profile],
    ["bob", bob],
  ] as const) {
    expect((await as(place, "signup", name, "--server", server.address)).exit).toBe(0);
  }
  expect((await as(profile, "send", "@bob", "before")).exit).toBe(0);
  return { key, profile, bob, as, server };
}

test("a profile that does not open says why, and is left as it was", { timeout: 120_000 }, async () => {
  const folder = newFolder();
  const { key, profile } = await livedIn(folder);
  const database = join(profile, "profile.db");
  const before = readFileSync(database);
  const wrong = join(folder, "wrong");
  writeFileSync(wrong, Buffer.alloc(32, 6));
  const short = join(folder, "short");
  writeFileSync(short, "short");
  expect(await list({ profile, key: wrong })).toMatchObject(refused("store_passphrase"));
  expect(await list({ profile, key: short })).toMatchObject(refused("store_passphrase"));
  expect(await list({ profile, key: join(folder, "nowhere") })).toMatchObject(refused("key_file_unreadable"));
  expect(await list({ profile, env: { SOTTO_PASSPHRASE: "a guess" } })).toMatchObject(refused("store_passphrase"));
  expect(await list({ profile, env: { SOTTO_PASSPHRASE: "" } })).toMatchObject(refused("usage", 2));
  expect(readFileSync(database).equals(before)).toBe(true);

  const damaged = join(folder, "damaged");
  const copy = (change: (path: string) => void): Promise<Ran> => {
    cpSync(profile, damaged, { recursive: true });
    change(join(damaged, "profile.db"));
    return list({ profile: damaged, key });
  };
  const overwrite = (path: string, at: number): void => {
    const file = openSync(path, "r+");
    const noise = Buffer.alloc(Math.max(512, statSync(path).size - at), 0xee);
    writeSync(file, noise, 0, noise.length, at);
    closeSync(file);
  };
  // Without its first page, a file of noise and one of another key look alike.
  expect(await copy((path) => overwrite(path, 100))).toMatchObject(refused("store_passphrase"));
  expect(await copy((path) => overwrite(path, PAGE))).toMatchObject(refused("store_damaged"));
  expect(await copy((path) => truncateSync(path, 8))).toMatchObject(refused("store_passphrase"));
  expect(await copy((path) => truncateSync(path, 10 * PAGE))).toMatchObject(refused("store_damaged"));

  const [inFile, asFolder] = [join(key, "profile"), join(folder, "folder")];
  expect(await list({ profile: inFile, key })).toMatchObject(refused("profile_none"));
  mkdirSync(join(asFolder, "profile.db"), { recursive: true });
  expect(await list({ profile: asFolder, key })).toMatchObject(refused("store_unavailable"));
  expect(await list({ profile, key })).toMatchObject({ exit: 0, values: [{ title: "bob" }] });
});

test("a profile of a newer version is left alone", { timeout: 60_000 }, async () => {
  const folder = newFolder();
  const { key, profile } = await livedIn(folder);
  const store = openStore(join(profile, "profile.db"), { key: TEST_KEY });
  await store.write([{ sql: "PRAGMA user_version = 9999", parameters: [] }]);
  await store.close();
  expect(await list({ profile, key })).toMatchObject(refused("store_newer"));
  const again = openStore(join(profile, "profile.db"), { key: TEST_KEY });
  expect(await again.all("PRAGMA user_version")).toEqual([{ user_version: 9999 }]);
  await again.close();
});

test("a second process on a profile is turned away, and the first goes on", { timeout: 60_000 }, async () => {
  const folder = newFolder();
  const { key, profile, as } = await livedIn(folder);
  const first = openStore(join(profile, "profile.db"), { key: TEST_KEY });
  expect(await list({ profile, key })).toMatchObject(refused("store_locked"));
  expect(await as(profile, "send", "@bob", "from the second one")).toMatchObject(refused("store_locked"));
  await first.write([{ sql: "UPDATE contacts SET name = 'Bob'", parameters: [] }]);
  expect(await first.all("SELECT text FROM messages WHERE kind = 'text'")).toEqual([{ text: "before" }]);
  await first.close();
  expect(await list({ profile, key })).toMatchObject({ exit: 0, values: [{ title: "bob" }] });
});

test("a full disk and a read-only one are told, and nothing is half there", { timeout: 120_000 }, async (context) => {
  const disk = new SmallDisk(context, 4);
  const folder = newFolder();
  const { key, profile, bob, as } = await livedIn(folder, join(disk.path, "ada"));
  disk.fill();
  expect(await as(profile, "send", "@bob", "to a full disk")).toMatchObject(refused("store_disk_full"));
  expect(await as(join(disk.path, "new"), "signup", "carl")).toMatchObject(refused("store_disk_full"));
  disk.empty();
  expect((await as(profile, "send", "@bob", "after")).exit).toBe(0);
  const texts = (ran: Ran): unknown[] => ran.values.map(({ text }) => text);
  expect(texts(await as(profile, "read", "@bob", "--peek"))).toEqual(["before", "after"]);
  expect(texts(await as(bob, "read", "@ada", "--peek"))).toEqual(["before", "after"]);
  disk.setReadOnly(true);
  expect(await list({ profile, key })).toMatchObject(refused("store_unavailable"));
  disk.setReadOnly(false);
  expect(await list({ profile, key })).toMatchObject({ exit: 0, values: [{ title: "bob" }] });
});
