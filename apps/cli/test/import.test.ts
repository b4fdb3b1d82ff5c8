/** A person without an account brings the history that Instagram gave them, on the command line. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "sotto-import-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const profile = join(folder, "profile");
const keyFile = join(folder, "key");
writeFileSync(keyFile, new Uint8Array(32).fill(9));

async function sotto(...args: readonly string[]): Promise<unknown[]> {
  const common = ["--profile", profile, "--key-file", keyFile, "--json"];
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, "../bin/sotto.mjs"), ...args, ...common]);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);
}

const thread = join(folder, "export/your_instagram_activity/messages/inbox/ylva_10001");
const photo = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);
mkdirSync(join(thread, "photos"), { recursive: true });
writeFileSync(join(thread, "photos/1.jpg"), photo);
writeFileSync(
  join(thread, "message_1.json"),
  JSON.stringify({
    participants: [{ name: "Ylva" }, { name: "Tibor" }],
    messages: [
      {
        sender_name: "Tibor",
        timestamp_ms: 1_600_000_002_000,
        photos: [{ uri: "your_instagram_activity/messages/inbox/ylva_10001/photos/1.jpg" }],
      },
      { sender_name: "Ylva", timestamp_ms: 1_600_000_001_000, content: "The harbourmaster waved" },
      "damaged",
    ],
    title: "Ylva",
    thread_path: "inbox/ylva_10001",
  }),
);

test("an export becomes part of the encrypted store, once, and is found again by any part of a word", async () => {
  const report = (await sotto("import", join(folder, "export"), "--yes")).at(-1);
  expect(report).toMatchObject({
    messages: { read: 3, imported: 2, duplicate: 0, skipped: 0, unparsed: 1 },
    media: { read: 1, imported: 1, duplicate: 0, missing: 0, skipped: 0 },
    conversations: 1,
    people: 2,
    services: ["instagram"],
    problems: [{ code: "record_invalid", count: 1 }],
  });
  expect((await sotto("import", join(folder, "export"), "--yes")).at(-1)).toMatchObject({
    messages: { read: 3, imported: 0, duplicate: 2, unparsed: 1 },
    media: { read: 1, imported: 0, duplicate: 1 },
  });
  const hits = await sotto("search", "rbourma");
  expect(hits).toMatchObject([{ from: "Ylva", text: "The harbourmaster waved", service: "instagram", title: "Ylva", state: "imported" }]);
  const [only, ...others] = readdirSync(join(profile, "media"), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(others).toEqual([]);
  expect(readFileSync(join(only?.parentPath ?? "", only?.name ?? "")).includes(photo)).toBe(false);
});

test("whose export it is is marked, and a path that is not there is a mistake of the command line", async () => {
  const other = JSON.stringify({
    participants: [{ name: "Noor" }, { name: "Tibor" }],
    messages: [],
    title: "Noor",
    thread_path: "inbox/noor_10002",
  });
  mkdirSync(join(thread, "../noor_10002"));
  writeFileSync(join(thread, "../noor_10002/message_1.json"), other);
  await sotto("import", join(folder, "export"), "--yes");
  const people = (await sotto("archive", "people")) as { readonly name: string; readonly isMe?: boolean }[];
  expect(people.filter(({ isMe }) => isMe).map(({ name }) => name)).toEqual(["Tibor"]);
  await expect(sotto("import", join(folder, "nowhere"), "--yes")).rejects.toMatchObject({ code: 2 });
});

test("the plan is shown without a profile being made", async () => {
  const [plan] = await sotto("import", join(folder, "export"), "--plan");
  expect(plan).toMatchObject({
    messages: { read: 3 },
    media: { read: 1, missing: 0 },
    conversations: expect.arrayContaining([expect.objectContaining({ title: "Ylva", messages: 2 })]) as unknown,
  });
});
