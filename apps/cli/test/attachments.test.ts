/** Files in a conversation, through a real server: sent, shown, found, saved, and taken back. */
import { randomBytes } from "node:crypto";
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FileSource, MessageView } from "@sotto/client";
import { fileSink, fileSource } from "@sotto/client/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Person, settleAll, soon, World } from "./support/world.ts";

const world = new World();
let ada: Person;
let bob: Person;

beforeAll(async () => {
  await world.startServer();
  [ada, bob] = [await world.person("ada"), await world.person("bob")];
  await ada.client.sendText(await ada.client.direct(await ada.client.findPerson("bob")), "start");
  await soon(async () => {
    await bob.client.accept((await bob.conversation("ada")).log);
  });
});
afterAll(() => world.end());

const outgoing = (path: string, name: string) => ({ source: fileSource(path), name, mediaType: "application/octet-stream" });

function file(name: string, bytes: Uint8Array = randomBytes(1000)) {
  const path = join(mkdtempSync(join(world.folder, "file-")), name);
  writeFileSync(path, bytes);
  return { path, bytes, outgoing: outgoing(path, name) };
}

const newFolder = (): string => mkdtempSync(join(world.folder, "saved-"));

async function sendFrom(person: Person, files: Parameters<Person["client"]["attachments"]["send"]>[1], caption = ""): Promise<MessageView> {
  const localId = await person.client.attachments.send((await person.conversation(person === ada ? "bob" : "ada")).log, files, { caption });
  await settleAll(person);
  const message = await person.client.message(localId);
  if (message === undefined) throw new Error("not sent");
  return message;
}

/** As it came to the other one. */
async function received(person: Person, sent: MessageView): Promise<MessageView> {
  let found: MessageView | undefined;
  await soon(async () => {
    found = sent.messageId && (await person.client.messageById(sent.messageId));
    expect(found).toBeDefined();
  });
  if (found === undefined) throw new Error("not received");
  return found;
}

const save = (person: Person, { localId }: MessageView, target: { to: string; place?: number; overwrite?: boolean }) => {
  const { to, place = 0, overwrite = false } = target;
  return person.client.attachments.save(localId, { place, sink: fileSink(to, { overwrite }) });
};

describe("a file", () => {
  test.each([0, 1, 65_520, 65_521, 64 * 65_520, 64 * 65_520 + 1])("of %i bytes arrives as it was sent", async (size) => {
    const { bytes, outgoing: one } = file(`size-${size}.bin`, randomBytes(size));
    const sent = await sendFrom(ada, [one]);
    expect(sent).toMatchObject({ state: "sent", attachments: [{ name: `size-${size}.bin`, size, upload: undefined }] });
    const message = await received(bob, sent);
    expect(message.attachments).toMatchObject([{ place: 0, name: `size-${size}.bin`, size, upload: undefined }]);
    const folder = newFolder();
    expect(await save(bob, message, { to: join(folder, "saved") })).toEqual({ bytes: size, wasThere: false });
    expect(readFileSync(join(folder, "saved")).equals(bytes)).toBe(true);
    expect(readdirSync(folder)).toEqual(["saved"]);
  });

  test("comes with others and a caption in one message, and is found by name and by words", async () => {
    const files = ["Grundriss Küche.pdf", "Ansicht Süd.pdf"].map((name) => file(name));
    const sent = await sendFrom(
      ada,
      files.map(({ outgoing: one }) => one),
      "The plans of the house",
    );
    const message = await received(bob, sent);
    expect(message).toMatchObject({
      text: "The plans of the house",
      attachments: [{ name: "Grundriss Küche.pdf" }, { name: "Ansicht Süd.pdf" }],
    });
    for (const person of [ada, bob]) {
      for (const query of ["küch", ".pdf", "sicht", "PLANS", "ü"]) {
        expect((await person.client.search(query)).map(({ text }) => text)).toEqual(["The plans of the house"]);
      }
    }
    const folder = newFolder();
    for (const [place, { bytes }] of files.entries()) {
      await save(bob, message, { to: join(folder, String(place)), place });
      expect(readFileSync(join(folder, String(place))).equals(bytes)).toBe(true);
    }
    await expect(save(bob, message, { to: join(folder, "third"), place: 2 })).rejects.toMatchObject({ code: "attachment_unknown" });
  });

  test("stays when the caption is changed, and goes when the message is taken back", async () => {
    const { outgoing: one, bytes } = file("keepsake.txt");
    const sent = await sendFrom(ada, [one], "Teh keepsake");
    if (sent.messageId === undefined) throw new Error("not sent");
    await received(bob, sent);
    await ada.client.sendText(sent.log, "The keepsake", { replaces: sent.messageId });
    await soon(async () => expect((await received(bob, sent)).text).toBe("The keepsake"));
    const to = join(newFolder(), "keepsake.txt");
    await save(bob, await received(bob, sent), { to });
    expect(readFileSync(to).equals(bytes)).toBe(true);
    await ada.client.unsend(sent.log, sent.messageId);
    await soon(async () => expect(await received(bob, sent)).toMatchObject({ kind: "deleted", attachments: [] }));
    expect(await bob.client.search("keepsake")).toEqual([]);
  });

  test("is forwarded with the words that its message has by then", async () => {
    const { outgoing: one, bytes } = file("recipe.md");
    const sent = await sendFrom(ada, [one], "A recipie");
    if (sent.messageId === undefined) throw new Error("not sent");
    await ada.client.sendText(sent.log, "A recipe", { replaces: sent.messageId });
    await settleAll(ada);
    const forwarded = await ada.client.message(await ada.client.forward(sent.messageId, sent.log));
    if (forwarded === undefined) throw new Error("not forwarded");
    await settleAll(ada);
    const message = await received(bob, forwarded);
    expect(message).toMatchObject({ text: "A recipe", attachments: [{ name: "recipe.md" }] });
    const to = join(newFolder(), "recipe.md");
    await save(bob, message, { to });
    expect(readFileSync(to).equals(bytes)).toBe(true);
  });

  test("answers a request, as words do", async () => {
    const cleo = await world.person("cleo");
    await cleo.client.sendText(await cleo.client.direct(await cleo.client.findPerson("ada")), "Hello Ada");
    await soon(async () => expect((await ada.conversation("cleo")).status).toBe("request"));
    await ada.client.attachments.send((await ada.conversation("cleo")).log, [file("map.png").outgoing]);
    await settleAll(ada);
    expect((await ada.conversation("cleo")).status).toBe("active");
    await ada.client.leave((await ada.conversation("cleo")).log);
    await settleAll(ada);
  });
});

describe("saving", () => {
  test("replaces another file only when told to, and knows the same one", async () => {
    const { outgoing: one, bytes } = file("notes.txt");
    const message = await received(bob, await sendFrom(ada, [one]));
    const to = join(newFolder(), "notes.txt");
    writeFileSync(to, "mine");
    await expect(save(bob, message, { to })).rejects.toMatchObject({ code: "file_exists" });
    expect(readFileSync(to, "utf8")).toBe("mine");
    expect(await save(bob, message, { to, overwrite: true })).toMatchObject({ wasThere: false });
    expect(readFileSync(to).equals(bytes)).toBe(true);
    expect(await save(bob, message, { to })).toMatchObject({ wasThere: true });
    mkdirSync(`${to}.d`);
    await expect(save(bob, message, { to: `${to}.d` })).rejects.toMatchObject({ code: "file_exists" });
    await expect(save(bob, message, { to: join(to, "below") })).rejects.toMatchObject({ code: "file_unwritable" });
    await expect(save(bob, message, { to: join(world.folder, "nowhere", "x") })).rejects.toMatchObject({ code: "file_unwritable" });
  });

  test("loads again what was kept and is damaged", async () => {
    const { outgoing: one, bytes } = file("long.bin", randomBytes(300_000));
    const message = await received(bob, await sendFrom(ada, [one]));
    const folder = newFolder();
    const id = Buffer.from(message.localId.subarray(-8)).toString("hex");
    for (const kept of [randomBytes(200_000), randomBytes(400_000), bytes.subarray(0, 131_040), bytes]) {
      writeFileSync(join(folder, `.long.bin.${id}-0.part`), kept);
      await save(bob, message, { to: join(folder, "long.bin"), overwrite: true });
      expect(readFileSync(join(folder, "long.bin")).equals(bytes)).toBe(true);
      expect(readdirSync(folder)).toEqual(["long.bin"]);
    }
  });
});

describe("what cannot be sent", () => {
  const send = async (source: FileSource) =>
    ada.client.attachments.send((await ada.conversation("bob")).log, [{ source, name: "x", mediaType: "" }]);

  test("has a code, and leaves nothing in the conversation", async () => {
    const before = (await ada.messages("bob")).length;
    await expect(send(fileSource(join(world.folder, "nothing")))).rejects.toMatchObject({ code: "file_unknown" });
    await expect(send(fileSource(world.folder))).rejects.toMatchObject({ code: "file_unsupported" });
    await expect(send(fileSource("/dev/null"))).rejects.toMatchObject({ code: "file_unsupported" });
    await expect(ada.client.attachments.send((await ada.conversation("bob")).log, [])).rejects.toMatchObject({ code: "attachment_count" });
    const many = Array.from({ length: 21 }, () => file("one").outgoing);
    await expect(ada.client.attachments.send((await ada.conversation("bob")).log, many)).rejects.toMatchObject({
      code: "attachment_count",
    });
    const huge = { size: 2 ** 31 + 1, version: () => Promise.resolve("1"), read: () => Promise.resolve(0), close: () => Promise.resolve() };
    await expect(send({ place: "huge", open: () => Promise.resolve(huge) })).rejects.toMatchObject({ code: "blob_too_large" });
    expect(await ada.messages("bob")).toHaveLength(before);
  });

  test.skipIf(process.getuid?.() === 0)("a file that may not be read has a code (not as root, who may read everything)", async () => {
    const { path } = file("secret");
    chmodSync(path, 0);
    await expect(send(fileSource(path))).rejects.toMatchObject({ code: "file_unreadable" });
  });

  test.each([
    ["grows", (path: string) => appendFileSync(path, "more")],
    ["shrinks", (path: string) => truncateSync(path, 4_300_000)],
    ["is written over", (path: string) => writeFileSync(path, randomBytes(4_500_000))],
  ])("a file that %s while it is read: the message fails, and the file can be sent again", async (_how, change) => {
    const { path, outgoing: one } = file("log.txt", randomBytes(4_500_000));
    const { log } = await ada.conversation("bob");
    let isChanged = false;
    const onProgress = ({ bytes }: { readonly bytes: number }): void => {
      if (bytes >= 4_194_304 && !isChanged) change(path);
      isChanged ||= bytes >= 4_194_304;
    };
    await expect(ada.client.attachments.send(log, [one], { onProgress })).rejects.toMatchObject({ code: "file_changed" });
    const failed = (await ada.messages("bob")).at(-1);
    expect(failed).toMatchObject({ state: "failed", attachments: [{ name: "log.txt", upload: undefined }] });
    if (failed === undefined) throw new Error("no message");
    await expect(save(ada, failed, { to: join(newFolder(), "x") })).rejects.toMatchObject({ code: "attachment_uploading" });
    expect(await ada.client.attachments.discard(failed.localId)).toBe(true);
    expect((await ada.messages("bob")).map(({ localId }) => localId)).not.toContainEqual(failed.localId);
    const sent = await sendFrom(ada, [one]);
    expect(sent).toMatchObject({ state: "sent" });
    expect(await ada.client.attachments.discard(sent.localId)).toBe(false);
  });
});
