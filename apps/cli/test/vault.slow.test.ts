/** A person moves what the exposure report found into the vault, and gets it out again with its passphrase only. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { jpegWithPlace } from "@sotto/archive/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "sotto-vault-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const profile = join(folder, "profile");
const keyFile = join(folder, "key");
writeFileSync(keyFile, new Uint8Array(32).fill(9));
const PASSPHRASE = "only for this test";

async function sotto(
  args: readonly string[],
  passphrase = PASSPHRASE,
  more: Record<string, string> = {},
): Promise<Record<string, unknown>[]> {
  const common = ["--profile", profile, "--key-file", keyFile, "--json"];
  const env = { ...process.env, SOTTO_VAULT_PASSPHRASE: passphrase, ...more };
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, "../bin/sotto.mjs"), ...args, ...common], {
    env,
  });
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

const photo = jpegWithPlace(52.520008, 13.404954);
const CARD = "my card is 4111 1111 1111 1111";

beforeAll(async () => {
  const thread = join(folder, "export/your_instagram_activity/messages/inbox/ylva_10001");
  mkdirSync(join(thread, "photos"), { recursive: true });
  writeFileSync(join(thread, "photos/1.jpg"), photo);
  const uri = "your_instagram_activity/messages/inbox/ylva_10001/photos/1.jpg";
  const messages = [
    { sender_name: "Ylva", timestamp_ms: 1_600_000_002_000, photos: [{ uri }] },
    { sender_name: "Ylva", timestamp_ms: 1_600_000_001_000, content: CARD },
  ];
  const text = JSON.stringify({
    participants: [{ name: "Ylva" }, { name: "Tibor" }],
    messages,
    title: "Ylva",
    thread_path: "inbox/ylva_10001",
  });
  writeFileSync(join(thread, "message_1.json"), text);
  await sotto(["import", join(folder, "export"), "--yes"]);
});

const filesIn = (name: string): Buffer[] =>
  readdirSync(join(profile, name), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));

test("words and photos move from a conversation into the vault, and are nowhere else then", async () => {
  const found = await sotto(["exposure", "show"]);
  expect(found.map(({ kind }) => kind)).toEqual(["card", "place"]);
  await sotto(["vault", "move", ...found.map(({ id }) => String(id)), "--tag", "papers"]);
  expect(await sotto(["exposure", "show"])).toEqual([]);
  expect(await sotto(["archive", "show", "Ylva"])).toMatchObject([{ text: "" }, { media: [{ state: "removed" }] }]);
  expect(await sotto(["search", "my card"])).toEqual([]);
  expect(filesIn("media")).toEqual([]);
  const items = await sotto(["vault"]);
  expect(items).toMatchObject([
    { kind: "file", name: "1.jpg", from: "Ylva", tags: ["papers"], bytes: photo.length },
    { kind: "text", name: "visa ••••1111", from: "Ylva" },
  ]);
  const [file, words] = items;
  expect(await sotto(["vault", "take", String(words?.["id"])])).toMatchObject([{ text: CARD }]);
  await sotto(["vault", "take", String(file?.["id"]), "--to", join(folder, "out.jpg")]);
  expect(readFileSync(join(folder, "out.jpg")).equals(photo)).toBe(true);
  const [sealed] = filesIn("vault");
  expect(sealed?.includes(Buffer.from("Exif"))).toBe(false);
});

test("nobody gets in with another passphrase, and a changed one takes the place of the old", async () => {
  await expect(sotto(["vault"], "another one")).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining("vault_passphrase") as unknown,
  });
  await sotto(["vault", "lock"], PASSPHRASE, { SOTTO_VAULT_NEW_PASSPHRASE: "a better one" });
  await expect(sotto(["vault"])).rejects.toMatchObject({ stderr: expect.stringContaining("vault_passphrase") as unknown });
  expect(await sotto(["vault"], "a better one")).toHaveLength(2);
  await sotto(["vault", "lock"], "a better one", { SOTTO_VAULT_NEW_PASSPHRASE: PASSPHRASE });
});

test("a file from the disk gets tags, is found by them, and goes for good", async () => {
  writeFileSync(join(folder, "passport.txt"), "specimen");
  const [added] = await sotto(["vault", "add", join(folder, "passport.txt"), "--tag", "travel,papers"]);
  const id = String(added?.["id"]);
  expect(await sotto(["vault", "list", "--tag", "travel"])).toMatchObject([{ id, name: "passport.txt" }]);
  await sotto(["vault", "tag", id, "home"]);
  expect(await sotto(["vault", "list", "--tag", "travel"])).toEqual([]);
  expect(await sotto(["vault", "list", "--tag", "home"])).toHaveLength(1);
  const before = filesIn("vault").length;
  await sotto(["vault", "remove", id]);
  expect(filesIn("vault")).toHaveLength(before - 1);
  await expect(sotto(["vault", "take", id])).rejects.toMatchObject({ stderr: expect.stringContaining("vault_item_unknown") as unknown });
});
