/** What every BlobStore has to do. An adapter calls {@link describeBlobStore} in a test file of its own. */
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { blobId, capabilityHash, expectSuccess, toId } from "@sotto/protocol";
import { describe, expect, test } from "vitest";
import type { BlobStore, NewBlob } from "../src/blobs/blob-store.ts";

/** Of all blobs together, in the stores of these tests. */
export const BYTES_TOTAL_MAX = 100_000;

export type BlobOpening = {
  readonly store: BlobStore;
  /** Closes the store and opens it again on what it kept. */
  readonly reopen: () => Promise<BlobStore>;
  /** Sets the clock of the store. */
  readonly setNow: (now: number) => void;
};

type Open = () => Promise<BlobOpening>;
type TestBlob = { readonly made: NewBlob; readonly token: Uint8Array; readonly bytes: Buffer };

const failed = (code: string) => expect.objectContaining({ ok: false, code });

function newBlob(size: number, expiresAt = 10_000): TestBlob {
  const [blob, token] = [toId(blobId, new Uint8Array(randomBytes(16))), new Uint8Array(randomBytes(32))];
  return { made: { blob, size, write: capabilityHash(blob, token), expiresAt }, token, bytes: randomBytes(size) };
}

function upload(store: BlobStore, { made, token, bytes }: TestBlob, part: { readonly offset: number; readonly end: number }) {
  const { offset, end } = part;
  const piece = Readable.from([bytes.subarray(offset, end)]);
  return store.upload({ blob: made.blob, token, offset, length: end - offset, bytes: piece, expiresAt: made.expiresAt });
}

async function whole(store: BlobStore, size = 1_000): Promise<TestBlob> {
  const blob = newBlob(size);
  expectSuccess(await store.create(blob.made));
  expectSuccess(await upload(store, blob, { offset: 0, end: size }));
  return blob;
}

export function describeBlobStore(adapter: string, open: Open): void {
  describe(`blob store: ${adapter}`, () => {
    describeUploads(open);
    describeEnds(open);
  });
}

function describeUploads(open: Open): void {
  test("takes a blob in pieces, over a restart, and gives the same bytes back, whole or in part", async () => {
    const { store, reopen } = await open();
    const blob = newBlob(1_000);
    expect(expectSuccess(await store.create(blob.made))).toEqual({ size: 1_000, offset: 0, expiresAt: 10_000 });
    expect(expectSuccess(await upload(store, blob, { offset: 0, end: 400 })).offset).toBe(400);
    expect(await store.read(blob.made.blob, { start: 0, end: 9 })).toEqual(failed("blob_incomplete"));
    const again = await reopen();
    expect(expectSuccess(await again.status(blob.made.blob)).offset).toBe(400);
    expect(await upload(again, blob, { offset: 0, end: 400 })).toEqual(failed("blob_offset"));
    expect(expectSuccess(await upload(again, blob, { offset: 400, end: 1_000 })).offset).toBe(1_000);
    const read = async (start: number, end: number) => buffer(expectSuccess(await again.read(blob.made.blob, { start, end })));
    expect((await read(0, 999)).equals(blob.bytes)).toBe(true);
    expect((await read(390, 410)).equals(blob.bytes.subarray(390, 411))).toBe(true);
    expect(await again.read(blob.made.blob, { start: 0, end: 1_000 })).toEqual(failed("blob_range"));
    expect(await upload(again, blob, { offset: 1_000, end: 1_000 })).toEqual(failed("blob_complete"));
  });

  test("keeps what came before a broken connection", async () => {
    const { store } = await open();
    const blob = newBlob(1_000);
    await store.create(blob.made);
    const bytes = Readable.from(
      (function* broken() {
        yield blob.bytes.subarray(0, 300);
        throw new Error("connection reset");
      })(),
    );
    const { blob: id } = blob.made;
    expect(
      expectSuccess(await store.upload({ blob: id, token: blob.token, offset: 0, length: 1_000, bytes, expiresAt: 10_000 })).offset,
    ).toBe(300);
    expect(expectSuccess(await upload(store, blob, { offset: 300, end: 1_000 })).offset).toBe(1_000);
    expect((await buffer(expectSuccess(await store.read(id, { start: 0, end: 999 })))).equals(blob.bytes)).toBe(true);
  });

  test("is made once, by whom it was made, and no larger than was said", async () => {
    const { store } = await open();
    const blob = newBlob(100);
    await store.create(blob.made);
    expect(expectSuccess(await store.create(blob.made)).offset).toBe(0);
    expect(await store.create({ ...blob.made, size: 101 })).toEqual(failed("blob_exists"));
    expect(await store.create({ ...blob.made, write: new Uint8Array(32) })).toEqual(failed("blob_exists"));
    expect(await upload(store, { ...blob, token: newBlob(1).token }, { offset: 0, end: 10 })).toEqual(failed("capability_invalid"));
    const longer = { ...blob, bytes: randomBytes(200) };
    expect(await upload(store, longer, { offset: 0, end: 200 })).toEqual(failed("blob_too_large"));
    const lying = {
      blob: blob.made.blob,
      token: blob.token,
      offset: 0,
      length: 50,
      bytes: Readable.from([longer.bytes]),
      expiresAt: 10_000,
    };
    expect(await store.upload(lying)).toEqual(failed("blob_too_large"));
    expect(expectSuccess(await store.status(blob.made.blob)).offset).toBe(0);
    expect(await store.status(newBlob(1).made.blob)).toEqual(failed("blob_unknown"));
  });

  test("is written by one upload at a time", async () => {
    const { store } = await open();
    const blob = newBlob(1_000);
    await store.create(blob.made);
    const both = await Promise.all([1, 2].map(() => upload(store, blob, { offset: 0, end: 500 })));
    expect(both.map((outcome) => (outcome.ok ? outcome.value.offset : outcome.code))).toEqual([500, "blob_offset"]);
  });
}

function describeEnds(open: Open): void {
  test("is kept from its first bytes on, and shortly without any", async () => {
    const { store, setNow } = await open();
    const blob = newBlob(10, 2_000);
    expect(expectSuccess(await store.create(blob.made)).expiresAt).toBe(2_000);
    expect(expectSuccess(await store.create({ ...blob.made, expiresAt: 3_000 })).expiresAt).toBe(3_000);
    const later = { ...blob, made: { ...blob.made, expiresAt: 90_000 } };
    expect(expectSuccess(await upload(store, later, { offset: 0, end: 5 }))).toEqual({ size: 10, offset: 5, expiresAt: 90_000 });
    const latest = { ...blob, made: { ...blob.made, expiresAt: 99_000 } };
    expect(expectSuccess(await upload(store, latest, { offset: 5, end: 10 })).expiresAt).toBe(90_000);
    expect(expectSuccess(await store.create(latest.made)).expiresAt).toBe(90_000);
    setNow(90_001);
    expect(await store.status(blob.made.blob)).toEqual(failed("blob_unknown"));
  });

  test("takes up its whole size from the moment it is asked for, however many are asked for at once", async () => {
    const { store, reopen } = await open();
    const blobs = Array.from({ length: 10 }, () => newBlob(BYTES_TOTAL_MAX / 2));
    const outcomes = await Promise.all(blobs.map(async ({ made }) => store.create(made)));
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(2);
    expect(outcomes.slice(2)).toEqual(Array.from({ length: 8 }, () => failed("quota_exceeded")));
    const again = await reopen();
    expect(await again.bytesTotal()).toBe(BYTES_TOTAL_MAX);
    const [one] = blobs;
    if (one === undefined) throw new Error("no blob");
    expectSuccess(await again.create(one.made));
    expectSuccess(await again.delete(one.made.blob, one.token));
    expect(await again.bytesTotal()).toBe(BYTES_TOTAL_MAX / 2);
    expectSuccess(await again.create(newBlob(BYTES_TOTAL_MAX / 2).made));
    expect(await again.create(newBlob(1).made)).toEqual(failed("quota_exceeded"));
  });

  test("is deleted by who made it", async () => {
    const { store, reopen } = await open();
    const blob = await whole(store);
    expect(await store.bytesTotal()).toBe(1_000);
    expect(await store.delete(blob.made.blob, newBlob(1).token)).toEqual(failed("capability_invalid"));
    expect(await store.delete(blob.made.blob, blob.token)).toEqual({ ok: true, value: null });
    expect(await store.delete(blob.made.blob, blob.token)).toEqual(failed("blob_unknown"));
    const again = await reopen();
    expect([await again.status(blob.made.blob), await again.bytesTotal()]).toEqual([failed("blob_unknown"), 0]);
  });

  test("is gone for everybody once it has expired, and its room is free after a while", async () => {
    const { store, setNow } = await open();
    const [early, late] = [await whole(store), newBlob(10, 20_000)];
    await store.create(late.made);
    setNow(10_001);
    expect(await store.status(early.made.blob)).toEqual(failed("blob_unknown"));
    expect(await store.read(early.made.blob, { start: 0, end: 1 })).toEqual(failed("blob_unknown"));
    expect(await store.expire(10_001)).toBe(false);
    expect(await store.bytesTotal()).toBe(10);
    expect(expectSuccess(await store.status(late.made.blob)).size).toBe(10);
  });
}
