/** Files from a server, and from a sender, that mean no good; and transfers that are interrupted. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Client, HttpAnswer, MessageView, Ports } from "@sotto/client";
import { fileSink, fileSource } from "@sotto/client/node";
import { blobStatus, decodeForm, encodeForm, expectSuccess } from "@sotto/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Change, downloadsThrough, hasty, rowsThrough, withPorts } from "./support/altered.ts";
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

function file(bytes: Uint8Array) {
  const path = join(mkdtempSync(join(world.folder, "file-")), "photo.bin");
  writeFileSync(path, bytes);
  return { path, bytes, outgoing: { source: fileSource(path), name: "photo.bin", mediaType: "image/png" } };
}

async function send(outgoing: ReturnType<typeof file>["outgoing"]): Promise<MessageView> {
  await ada.client.attachments.send((await ada.only()).log, [outgoing]);
  await settleAll(ada);
  return await lastArrived();
}

/** Bob's last message, once he has all of Ada's. */
async function lastArrived(): Promise<MessageView> {
  const wanted = (await ada.messages("bob")).filter(({ state }) => state !== "failed" && state !== "sending").length;
  await soon(async () => expect(await bob.messages("ada")).toHaveLength(wanted));
  const last = (await bob.messages("ada")).at(-1);
  if (last === undefined) throw new Error("nothing arrived");
  return last;
}

const newFolder = (): string => mkdtempSync(join(world.folder, "saved-"));

function saveTo(client: Client, { localId }: MessageView, folder: string) {
  return client.attachments.save(localId, { place: 0, sink: fileSink(join(folder, "photo.bin"), { overwrite: false }) });
}

type Body = (body: AsyncIterable<Uint8Array>, aborted: Promise<never>) => AsyncIterable<Uint8Array>;
const withBody =
  (change: Body): Change =>
  (answer, aborted) => ({ ...answer, body: change(answer.body, aborted) });
const withHeader =
  (name: string, value: string | undefined): Change =>
  (answer) => ({ ...answer, header: (asked) => (asked === name ? value : answer.header(asked)) });

const through =
  (change: Change) =>
  (ports: Ports): Ports =>
    hasty({ ...ports, http: downloadsThrough(ports.http, change) });

async function* flipLast(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const bytes of body) {
    const changed = Uint8Array.from(bytes);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    yield changed;
  }
}

const cut = (bytesMax: number): Body =>
  async function* beginning(body) {
    let left = bytesMax;
    for await (const bytes of body) {
      yield bytes.subarray(0, left);
      left -= Math.min(left, bytes.length);
      if (left === 0) return;
    }
  };

async function* longer(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* body;
  for (;;) yield new Uint8Array(65_536);
}

async function* nothing(_body: AsyncIterable<Uint8Array>, aborted: Promise<never>): AsyncGenerator<Uint8Array> {
  yield await aborted;
}

async function* drops(body: AsyncIterable<Uint8Array>, aborted: Promise<never>): AsyncGenerator<Uint8Array> {
  for await (const bytes of body) {
    for (const byte of bytes) {
      await Promise.race([aborted, new Promise((resolve) => setTimeout(resolve, 20))]);
      yield Uint8Array.of(byte);
    }
  }
}

describe("a server that gives", () => {
  let message: MessageView;
  let bytes: Uint8Array;

  beforeAll(async () => {
    bytes = randomBytes(200_000);
    message = await send(file(bytes).outgoing);
  });

  test.each<[string, Change, string]>([
    ["other bytes", withBody(flipLast), "blob_damaged"],
    ["endlessly more bytes", withBody(longer), "blob_range"],
    ["nothing, for ever", withBody(nothing), "server_timeout"],
    ["a byte now and then", withBody(drops), "server_timeout"],
    ["seven bytes each time", withBody(cut(7)), "blob_incomplete"],
    ["an end before the beginning", withBody(cut(0)), "blob_incomplete"],
    ["another size", withHeader("content-range", "bytes 0-204799/204800"), "attachment_size"],
    ["another range", withHeader("content-range", "bytes 5-204799/204800"), "answer_invalid"],
    ["no range", withHeader("content-range", undefined), "answer_invalid"],
    ["garbage instead of a failure", (answer) => ({ ...answer, status: 404 }), "answer_invalid"],
    ["a redirection", (answer) => ({ ...answer, status: 302 }), "answer_invalid"],
  ])("%s: a code, and no file", { timeout: 20_000 }, async (_what, change, code) => {
    const folder = newFolder();
    await withPorts(bob, through(change), async (client) => {
      await expect(saveTo(client, message, folder)).rejects.toMatchObject({ code });
    });
    expect(readdirSync(folder).filter((name) => !/^\.photo\.bin\.[0-9a-f]{16}-0\.part$/.test(name))).toEqual([]);
    expect(Math.max(0, ...readdirSync(folder).map((name) => statSync(join(folder, name)).size))).toBeLessThanOrEqual(200_000);
    // Whatever was left, the file comes whole from an honest server.
    await saveTo(bob.client, message, folder);
    expect(readFileSync(join(folder, "photo.bin")).equals(bytes)).toBe(true);
    expect(readdirSync(folder)).toEqual(["photo.bin"]);
  });

  test("a part each time: the file comes, in as many requests", async () => {
    const folder = newFolder();
    await withPorts(bob, through(withBody(cut(17_000))), (client) => saveTo(client, message, folder));
    expect(readFileSync(join(folder, "photo.bin")).equals(bytes)).toBe(true);
  });
});

/** Answers to requests of one method come changed. */
const answering = (method: "POST" | "PATCH", change: (bytes: Uint8Array) => Uint8Array) => (ports: Ports) =>
  hasty({
    ...ports,
    http: {
      send: (request) => {
        const exchange = ports.http.send(request);
        if (request.method !== method) return exchange;
        const answer = exchange.answer.then((given): HttpAnswer => {
          const body = async function* changed(): AsyncGenerator<Uint8Array> {
            for await (const bytes of given.body) yield change(Uint8Array.from(bytes));
          };
          return { ...given, body: body() };
        });
        return { ...exchange, answer };
      },
    },
  });

describe("a server that takes an upload and", () => {
  test.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ["answers garbage", () => Uint8Array.of(1, 2, 3)],
    ["answers far too much", () => new Uint8Array(100_000)],
  ])("%s: it asks how much arrived, and goes on", async (_what, change) => {
    const { bytes, outgoing } = file(randomBytes(150_000));
    const { log } = await ada.only();
    await withPorts(ada, answering("PATCH", change), (client) => client.attachments.send(log, [outgoing]));
    ada.client.connect();
    await settleAll(ada);
    const folder = newFolder();
    await saveTo(bob.client, await lastArrived(), folder);
    expect(readFileSync(join(folder, "photo.bin")).equals(bytes)).toBe(true);
  });
});

test("a server that claims to have a file that was never sent is not believed", async () => {
  const { outgoing } = file(randomBytes(150_000));
  const { log } = await ada.only();
  const claims = (bytes: Uint8Array): Uint8Array => {
    const { size, offset: _, expiresAt } = expectSuccess(decodeForm(blobStatus, bytes, 1_000));
    return encodeForm(blobStatus, { size, offset: size, expiresAt });
  };
  await withPorts(ada, answering("POST", claims), async (client) => {
    await expect(client.attachments.send(log, [outgoing])).rejects.toMatchObject({ code: "answer_invalid" });
  });
});

describe("a sender who", () => {
  /** What Ada's program says of a file once it is at the server. */
  const claiming = (claim: Record<string, string | number>) => (ports: Ports) => ({
    ...ports,
    store: rowsThrough(ports.store, (row) => {
      const isUploaded = row["cipher_hash"] instanceof Uint8Array && row["cipher_hash"].some((byte) => byte !== 0);
      return isUploaded ? { ...row, ...claim } : row;
    }),
  });

  async function claimed(claim: Record<string, string | number>, bytes: Uint8Array): Promise<MessageView> {
    const { outgoing } = file(bytes);
    const { log } = await ada.only();
    await withPorts(ada, claiming(claim), (client) => client.attachments.send(log, [outgoing]));
    await settleAll(ada);
    return await lastArrived();
  }

  test.each([
    ["../../../.ssh/authorized_keys", "authorized_keys"],
    ["C:\\Windows\\System32\\drivers.dll", "drivers.dll"],
    ["invoice\u202Efdp.exe", "invoicefdp.exe"],
    ["\u001b[2Jclear.txt", "[2Jclear.txt"],
    ["NUL.txt", "_NUL.txt"],
    ["..", "file"],
  ])("names a file %j: it is shown and saved as %j", async (name, shown) => {
    const message = await claimed({ name, media_type: "image/png\u001b[0m" }, randomBytes(10));
    expect(message.attachments).toMatchObject([{ name: shown, mediaType: "application/octet-stream" }]);
    expect((await bob.client.search(shown)).length).toBeGreaterThan(0);
  });

  test.each([
    ["a little less", 99_999, "blob_damaged"],
    ["a little more", 100_001, "blob_damaged"],
    ["more", 110_000, "attachment_size"],
    ["much less", 10, "attachment_size"],
    ["two gigabytes", 2 ** 31, "attachment_size"],
  ])("says that a file is another size: %s: a code, and no file", async (_what, size, code) => {
    const message = await claimed({ size }, randomBytes(100_000));
    const folder = newFolder();
    await expect(saveTo(bob.client, message, folder)).rejects.toMatchObject({ code });
    expect(readdirSync(folder).filter((name) => !name.endsWith(".part"))).toEqual([]);
  });
});

describe("an interrupted transfer", () => {
  test("of a file goes on where it was, under the same key, and fails if the file is another one by then", async () => {
    const { path, bytes, outgoing } = file(randomBytes(9_000_000));
    const { log } = await ada.only();
    const stopped = async (): Promise<void> => {
      const controller = new AbortController();
      const onProgress = (now: { readonly bytes: number }): void => {
        if (now.bytes > 5_000_000) controller.abort();
      };
      const options = { onProgress, cancellation: controller.signal };
      await expect(ada.client.attachments.send(log, [outgoing], options)).rejects.toMatchObject({ code: "transfer_stopped" });
    };
    await stopped();
    const waiting = (await ada.messages("bob")).at(-1);
    expect(waiting).toMatchObject({ state: "sending", attachments: [{ upload: { totalBytes: expect.any(Number) } }] });
    await ada.restart();
    const firsts: number[] = [];
    const localId = await ada.client.attachments.send(log, [outgoing], { onProgress: (now) => firsts.push(now.bytes) });
    expect(localId).toEqual(waiting?.localId);
    expect(firsts[0]).toBeGreaterThanOrEqual(4_194_304);
    await settleAll(ada);
    const folder = newFolder();
    const message = await lastArrived();
    const saving = new AbortController();
    const sink = fileSink(join(folder, "photo.bin"), { overwrite: false });
    const half = {
      onProgress: (now: { readonly bytes: number }) => void (now.bytes > 4_000_000 && saving.abort()),
      cancellation: saving.signal,
    };
    await expect(bob.client.attachments.save(message.localId, { place: 0, sink }, half)).rejects.toMatchObject({
      code: "transfer_stopped",
    });
    await bob.restart();
    const later: number[] = [];
    await bob.client.attachments.save(message.localId, { place: 0, sink }, { onProgress: (now) => later.push(now.bytes) });
    expect(later[0]).toBeGreaterThan(3_000_000);
    expect(readFileSync(join(folder, "photo.bin")).equals(bytes)).toBe(true);

    await stopped();
    writeFileSync(path, randomBytes(9_000_000));
    await expect(ada.client.attachments.send(log, [outgoing])).rejects.toMatchObject({ code: "file_changed" });
    expect((await ada.messages("bob")).at(-1)).toMatchObject({ state: "failed" });
  });

  test("of a process that dies between any two writes of its store: each message that was taken arrives once", async () => {
    const { bytes, outgoing } = file(randomBytes(100_000));
    const { log } = await ada.conversation("bob");
    const caption = "through all crashes";
    for (let writes = 1; writes <= 6; writes++) {
      await ada.crash(writes);
      await ada.client.attachments.send(log, [outgoing], { caption }).catch(() => undefined);
    }
    await ada.crash();
    // Goes on with what the last crash left behind, if it left something that is not sent.
    await ada.client.attachments.send(log, [outgoing], { caption });
    await settleAll(ada);
    const captioned = (messages: readonly MessageView[]): MessageView[] => messages.filter(({ text }) => text === caption);
    const sent = captioned(await ada.messages("bob"));
    await soon(async () => expect(captioned(await bob.messages("ada"))).toHaveLength(sent.length));
    const came = captioned(await bob.messages("ada"));
    expect(came.map(({ messageId }) => messageId)).toEqual(sent.map(({ messageId }) => messageId));
    for (const message of came) {
      const folder = newFolder();
      await saveTo(bob.client, message, folder);
      expect(readFileSync(join(folder, "photo.bin")).equals(bytes)).toBe(true);
    }
  });

  test("of a file whose bytes changed and whose times did not is noticed before a byte leaves", async () => {
    const bytes = randomBytes(5_000_000);
    const source = (content: Uint8Array) => ({
      place: "same place",
      open: () =>
        Promise.resolve({
          size: content.length,
          version: () => Promise.resolve("same version"),
          read: (piece: Uint8Array, offset: number) => {
            const part = content.subarray(offset, offset + piece.length);
            piece.set(part);
            return Promise.resolve(part.length);
          },
          close: () => Promise.resolve(),
        }),
    });
    const { log } = await ada.only();
    const controller = new AbortController();
    const onProgress = (): void => controller.abort();
    const of = (content: Uint8Array) => [{ source: source(content), name: "disk image", mediaType: "" }];
    const stopping = {
      onProgress: (now: { readonly bytes: number }) => void (now.bytes > 1_000_000 && onProgress()),
      cancellation: controller.signal,
    };
    await expect(ada.client.attachments.send(log, of(bytes), stopping)).rejects.toMatchObject({ code: "transfer_stopped" });
    const sent: number[] = [];
    const changed = bytes.map((byte, i) => (i === 4_000_000 ? byte ^ 1 : byte));
    await withPorts(
      ada,
      (ports) => ({
        ...ports,
        http: {
          send: (request) => {
            if (request.method === "PATCH") sent.push(request.length);
            return ports.http.send(request);
          },
        },
      }),
      async (client) => {
        await expect(client.attachments.send(log, of(changed))).rejects.toMatchObject({ code: "file_changed" });
      },
    );
    expect(sent).toEqual([]);
  });
});
