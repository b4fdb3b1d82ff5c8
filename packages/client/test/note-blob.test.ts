/** What is too large for a note: sealed once, sent until it is there, and believed only if it is what the note says. */
import { type HttpPort, type HttpRequest } from "@sotto/client";
import { nodePorts, openStore } from "@sotto/client/node";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BLOB_OPERATIONS, blobStatus, decodeForm, encodeForm, LIMITS, logId, problem, toId } from "@sotto/protocol";
import { afterAll, expect, test } from "vitest";
import { fetchNoteBlob, noteBlob, uploadNoteBlob } from "../src/attachments/note-blob.ts";

const folder = mkdtempSync(join(tmpdir(), "sotto-note-blob-"));
const store = openStore(join(folder, "profile.db"), { key: new Uint8Array(32).fill(3) });
const real = await nodePorts(store, "http://127.0.0.1:1");
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const LOG = toId(logId, new Uint8Array(16).fill(1));
const tree = Uint8Array.from({ length: 300_000 }, (_, index) => index % 251);

/** Keeps one blob, and the bytes of each attempt; breaks off when told to. */
class Shelf {
  blob = new Uint8Array();
  offset = 0;
  readonly attempts: Uint8Array[] = [];
  breaksAfter = Number.POSITIVE_INFINITY;
  refusal: string | undefined;

  readonly http: HttpPort = {
    send: (request) => ({ answer: this.#answer(request), abort: () => undefined }),
  };

  async #answer(request: HttpRequest) {
    const { method, headers, body } = request;
    if (this.refusal !== undefined) return told(404, encodeForm(problem, { code: this.refusal, retryAfterMs: null }));
    if (method === "GET") {
      const range = `bytes 0-${this.blob.length - 1}/${this.blob.length}`;
      return told(206, this.blob.slice(0, this.breaksAfter), { "content-range": range });
    }
    if (method === "PATCH") {
      const sent = Buffer.concat([...body]);
      this.attempts.push(Uint8Array.from(sent));
      const taken = sent.subarray(0, this.breaksAfter);
      if (headers["upload-offset"] !== String(this.offset)) throw new Error("another offset");
      this.blob.set(taken, this.offset);
      this.offset += taken.length;
      if (taken.length < sent.length) throw new Error("the connection broke");
    } else if (this.blob.length === 0) {
      this.blob = new Uint8Array(sizeOf(request));
    }
    return Promise.resolve(told(200, encodeForm(blobStatus, { size: this.blob.length, offset: this.offset, expiresAt: 0 })));
  }
}

function sizeOf({ body }: HttpRequest): number {
  const form = decodeForm(BLOB_OPERATIONS["blob.create"].request, Buffer.concat([...body]), 4_096);
  return form.ok ? form.value.size : 0;
}

function told(status: number, bytes: Uint8Array, headers: Readonly<Record<string, string>> = {}) {
  async function* body() {
    yield await Promise.resolve(bytes);
  }
  return { status, header: (name: string) => headers[name], body: body() };
}

function sealed(content = tree) {
  const made = noteBlob({ ports: real }, content, { log: LOG });
  if (made === undefined) throw new Error("too large");
  const draft = made.statement.parameters.find((value) => value instanceof Uint8Array && value.length > content.length);
  if (!(draft instanceof Uint8Array)) throw new Error("no draft");
  return { attachment: made.attachment, draft };
}

async function uploaded() {
  const { attachment, draft } = sealed();
  const shelf = new Shelf();
  expect(await uploadNoteBlob({ ...real, http: shelf.http }, draft)).toBeUndefined();
  return { attachment, shelf, ports: { ...real, http: shelf.http } };
}

test("an upload that breaks goes on where the server stands, with the same bytes, and opens", async () => {
  const { attachment, draft } = sealed();
  const shelf = new Shelf();
  const ports = { ...real, http: shelf.http };
  shelf.breaksAfter = 100_000;
  expect(await uploadNoteBlob(ports, draft)).toBe("server_unreachable");
  shelf.breaksAfter = Number.POSITIVE_INFINITY;
  expect(await uploadNoteBlob(ports, draft)).toBeUndefined();
  const [first, second] = shelf.attempts;
  expect(first?.slice(100_000)).toEqual(second);
  expect(Buffer.from(shelf.blob).includes(Buffer.from(tree.slice(0, 64)))).toBe(false);
  expect(await fetchNoteBlob(ports, attachment)).toEqual({ ok: true, value: tree });
  // Once more changes nothing: the server has it all.
  expect(await uploadNoteBlob(ports, draft)).toBeUndefined();
  expect(shelf.attempts).toHaveLength(2);
});

test("a download that ends early can be tried again; one that the server has not got is over", async () => {
  const { attachment, shelf, ports } = await uploaded();
  shelf.breaksAfter = 70_000;
  expect(await fetchNoteBlob(ports, attachment)).toMatchObject({ ok: false, code: "server_unreachable" });
  shelf.breaksAfter = Number.POSITIVE_INFINITY;
  expect(await fetchNoteBlob(ports, attachment)).toMatchObject({ ok: true });
  shelf.refusal = "blob_unknown";
  expect(await fetchNoteBlob(ports, attachment)).toMatchObject({ ok: false, code: "blob_unknown" });
});

test("a blob that is damaged, longer, or another one than the note names is refused", async () => {
  const { attachment, shelf, ports } = await uploaded();
  const other = { ...attachment, fileHash: new Uint8Array(32) };
  expect(await fetchNoteBlob(ports, other)).toMatchObject({ ok: false, code: "blob_damaged" });
  shelf.blob[1_000] = (shelf.blob[1_000] ?? 0) ^ 1;
  expect(await fetchNoteBlob(ports, attachment)).toMatchObject({ ok: false, code: "blob_damaged" });
  expect(await fetchNoteBlob(ports, { ...attachment, size: 1_000 })).toMatchObject({ ok: false, code: "attachment_size" });
});

test("what is larger than any group's tree is neither made nor fetched", async () => {
  expect(noteBlob({ ports: real }, new Uint8Array(LIMITS.noteBlobBytesMax + 1), { log: LOG })).toBeUndefined();
  const { attachment, shelf, ports } = await uploaded();
  shelf.refusal = "server_failed";
  const huge = { ...attachment, size: LIMITS.noteBlobBytesMax + 1 };
  expect(await fetchNoteBlob(ports, huge)).toEqual({ ok: false, code: "blob_too_large" });
});
