/** A person without an account looks which conversations of an imported history hold copies of what should not lie about. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { jpegWithPlace } from "@sotto/archive/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "sotto-exposure-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const profile = join(folder, "profile");
const keyFile = join(folder, "key");
writeFileSync(keyFile, new Uint8Array(32).fill(9));

async function sotto(...args: readonly string[]): Promise<Record<string, unknown>[]> {
  const common = ["--profile", profile, "--key-file", keyFile, "--json"];
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, "../bin/sotto.mjs"), ...args, ...common]);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Threads are told apart by their numbers. */
const idOf = (name: string): number => 10_000 + name.charCodeAt(0);
const CARD = "4111 1111 1111 1111";

function writeThread(name: string, messages: readonly string[], photo?: Uint8Array): void {
  const thread = join(folder, "export/your_instagram_activity/messages/inbox", `${name.toLowerCase()}_${idOf(name)}`);
  mkdirSync(thread, { recursive: true });
  const content = messages.map((text, at) => ({ sender_name: name, timestamp_ms: 1_600_000_000_000 + at * 1000, content: text }));
  const uri = `your_instagram_activity/messages/inbox/${name.toLowerCase()}_${idOf(name)}/photos/1.jpg`;
  const pictures = photo === undefined ? [] : [{ sender_name: name, timestamp_ms: 1_600_000_100_000, photos: [{ uri }] }];
  if (photo !== undefined) {
    mkdirSync(join(thread, "photos"), { recursive: true });
    writeFileSync(join(thread, "photos/1.jpg"), photo);
  }
  writeFileSync(
    join(thread, "message_1.json"),
    JSON.stringify({
      participants: [{ name }, { name: "Tibor" }],
      messages: [...content, ...pictures].toReversed(),
      title: name,
      thread_path: `inbox/${name.toLowerCase()}_${idOf(name)}`,
    }),
  );
}

beforeAll(async () => {
  writeThread("Ylva", ["here is my card", CARD, "and the IBAN DE89 3704 0044 0532 0130 00"]);
  writeThread("Noor", [`use card ${CARD}`, "it rains"]);
  writeThread("Emil", ["it rains here as well", "order no. 4111111111111111"]);
  await sotto("import", join(folder, "export"), "--yes");
});

test("conversations are told with what they hold, and nothing is shown in full", async () => {
  const report = await sotto("exposure");
  expect(report).toMatchObject([
    { title: "Ylva", service: "instagram", counts: { card: { likely: 1, things: 1 }, iban: { confirmed: 1 } } },
    { title: "Noor", counts: { card: { confirmed: 1, likely: 0 } } },
  ]);
  const shown = await sotto("exposure", "show");
  expect(shown).toMatchObject([
    { kind: "card", title: "Noor", what: "visa", masked: "••••1111", level: "confirmed", conversations: 2, isImported: true },
    { kind: "card", title: "Ylva", level: "likely", conversations: 2 },
    { kind: "iban", title: "Ylva", masked: "DE ••••3000", conversations: 1 },
  ]);
  expect(JSON.stringify([report, shown])).not.toMatch(/4111 ?1111 ?1111|0532/);
  expect(await sotto("exposure", "show", "--conversation", "Ylva", "--kind", "iban")).toHaveLength(1);
});

test("what comes later is looked at with the next call, and what was seen stays as it is", async () => {
  const before = await sotto("exposure", "show");
  writeThread("Runa", ["password: hunter2!x"]);
  await sotto("import", join(folder, "export"), "--yes");
  const after = await sotto("exposure", "show");
  expect(after).toHaveLength(before.length + 1);
  expect(after).toEqual(expect.arrayContaining(before));
  expect(after.find(({ title }) => title === "Runa")).toMatchObject({ kind: "password", level: "likely" });
});

type Finding = { readonly id: number; readonly kind: string; readonly title: string; readonly part: string };
const show = async (): Promise<Finding[]> => (await sotto("exposure", "show")) as Finding[];
const mediaFiles = (): number =>
  readdirSync(join(profile, "media"), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;

test("a photo loses its place and stays, in every conversation that has it", async () => {
  writeThread("Odo", ["look"], jpegWithPlace(52.520008, 13.404954));
  writeThread("Pia", ["look"], jpegWithPlace(52.520008, 13.404954));
  await sotto("import", join(folder, "export"), "--yes");
  const found = (await show()).filter(({ kind }) => kind === "place");
  expect(found).toMatchObject([
    { title: "Odo", part: "file", what: "photo-place", masked: "near 52.5, 13.4", conversations: 2 },
    { title: "Pia", part: "file" },
  ]);
  expect(mediaFiles()).toBe(1);
  await sotto("exposure", "strip", String(found[0]?.id));
  expect((await show()).filter(({ kind }) => kind === "place")).toEqual([]);
  expect(mediaFiles()).toBe(1);
  expect((await sotto("import", join(folder, "export"), "--yes")).at(-1)).toMatchObject({
    messages: { imported: 0 },
    media: { imported: 0 },
  });
  expect((await show()).filter(({ kind }) => kind === "place")).toEqual([]);
});

test("a reminder to ask the other side outlasts the own copy, and ends when that was done", async () => {
  const [card] = (await show()).filter(({ kind, title }) => kind === "card" && title === "Noor");
  expect(await sotto("exposure", "ask", String(card?.id))).toMatchObject([{ title: "Noor", masked: "••••1111" }]);
  await sotto("exposure", "delete", String(card?.id));
  const [reminder] = (await sotto("exposure")).filter((line) => "reminder" in line);
  expect(reminder).toMatchObject({ title: "Noor", words: expect.stringContaining("delete it on your side") as unknown });
  await sotto("exposure", "asked", String(reminder?.["reminder"]));
  expect((await sotto("exposure")).filter((line) => "reminder" in line)).toEqual([]);
});

test("what is deleted here is gone from reports, pages and search, and another import does not bring it back", async () => {
  const [iban] = (await show()).filter(({ kind, title }) => kind === "iban" && title === "Ylva");
  await sotto("exposure", "delete", String(iban?.id));
  await sotto("import", join(folder, "export"), "--yes");
  expect((await show()).filter(({ kind }) => kind === "iban")).toEqual([]);
  expect(await sotto("search", "IBAN")).toEqual([]);
  expect(await sotto("archive", "show", "Ylva")).toMatchObject([{}, { text: CARD }, { kind: "deleted", text: "" }]);
});

test("what may stay is not told again", async () => {
  const [first] = await show();
  await sotto("exposure", "keep", String(first?.id));
  expect((await show()).map(({ id }) => id)).not.toContain(first?.id);
  await expect(sotto("exposure", "delete", "99999")).rejects.toMatchObject({
    stderr: expect.stringContaining("exposure_unknown") as unknown,
  });
});

test("a picture of which is said that it is a passport is possible, and told only when asked for", async () => {
  writeThread("Sven", ["this is my passport"], jpegWithPlace(0, 0));
  await sotto("import", join(folder, "export"), "--yes");
  expect((await show()).filter(({ title }) => title === "Sven")).toEqual([]);
  const possible = await sotto("exposure", "show", "--possible", "--conversation", "Sven");
  expect(possible).toMatchObject([{ kind: "document", level: "possible", what: "document-mentioned", part: "file" }]);
});
