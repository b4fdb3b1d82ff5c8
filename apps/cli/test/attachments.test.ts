/** Files in a conversation, through a real server: sent, shown, found, saved, and taken back. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileSink, fileSource } from "@sotto/client/node";
import { randomBytes } from "node:crypto";
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

function file(name: string, bytes: Uint8Array) {
  const path = join(world.folder, name);
  writeFileSync(path, bytes);
  return { path, bytes, outgoing: { source: fileSource(path), name, mediaType: "application/octet-stream" } };
}

const inbox = (): string => {
  const folder = join(world.folder, `inbox-${randomBytes(4).toString("hex")}`);
  mkdirSync(folder);
  return folder;
};

describe("a file", () => {
  test.each([0, 1, 65_519, 65_520, 65_521, 64 * 65_520, 64 * 65_520 + 1, 5_000_000])("of %i bytes arrives as it was sent", async (size) => {
    const { bytes, outgoing } = file(`size-${size}.bin`, randomBytes(size));
    const { log } = await ada.only();
    const localId = await ada.client.attachments.send(log, [outgoing]);
    await settleAll(ada);
    expect(await ada.client.message(localId)).toMatchObject({ state: "sent", attachments: [{ name: `size-${size}.bin`, size }] });
    const folder = inbox();
    await soon(async () => {
      expect((await bob.messages("ada")).at(-1)?.attachments).toMatchObject([
        { place: 0, name: `size-${size}.bin`, size, upload: undefined },
      ]);
    });
    const message = (await bob.messages("ada")).at(-1);
    if (message === undefined) throw new Error("no message");
    const sink = fileSink(join(folder, "saved"), { overwrite: false });
    expect(await bob.client.attachments.save(message.localId, { place: 0, sink })).toEqual({ bytes: size, wasThere: false });
    expect(readFileSync(join(folder, "saved")).equals(bytes)).toBe(true);
    expect(readdirSync(folder)).toEqual(["saved"]);
  });
});
