/** Blobs over HTTP: uploads that go on where they stopped, ranges, limits. */
import { createHash, randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createBlob, newBlob, patchBlob, problemOf, statusOf, uploadBlob } from "./support/blobs.ts";
import { started } from "./support/started.ts";

const DAY_MS = 86_400_000;

describe("uploads", () => {
  test("go in pieces, in order, and end in the same bytes", async () => {
    const { address } = await started();
    const blob = newBlob(randomBytes(300_000));
    expect(await statusOf(await createBlob(address, blob.form))).toMatchObject({ size: 300_000, offset: 0 });
    expect(await statusOf(await patchBlob(address, blob, { offset: 0, end: 100_000 }))).toMatchObject({ offset: 100_000 });
    expect(await statusOf(await createBlob(address, blob.form))).toMatchObject({ offset: 100_000 });
    expect(await problemOf(await patchBlob(address, blob, { offset: 0, end: 100_000 }))).toEqual({ status: 409, code: "blob_offset" });
    expect(await problemOf(await fetch(`${address}/v1/blobs/${blob.id}`))).toEqual({ status: 404, code: "blob_incomplete" });
    expect(await statusOf(await patchBlob(address, blob, { offset: 100_000, end: 300_000 }))).toMatchObject({ offset: 300_000 });
    expect(await problemOf(await patchBlob(address, blob, { offset: 300_000, end: 300_000 }))).toMatchObject({ code: "blob_complete" });
    const read = Buffer.from(await (await fetch(`${address}/v1/blobs/${blob.id}`)).arrayBuffer());
    expect(createHash("sha256").update(read).digest()).toEqual(createHash("sha256").update(blob.bytes).digest());
  });

  test("keep what arrived when the connection breaks", async () => {
    const { address } = await started();
    const blob = newBlob(randomBytes(500_000));
    await createBlob(address, blob.form);
    await new Promise<void>((resolve) => {
      const upload = httpRequest(`${address}/v1/blobs/${blob.id}`, {
        method: "PATCH",
        headers: {
          authorization: `Sotto ${blob.token}`,
          "upload-offset": "0",
          "content-length": "500000",
          "content-type": "application/octet-stream",
        },
      });
      upload.on("error", () => undefined);
      upload.on("close", () => resolve());
      upload.write(blob.bytes.subarray(0, 200_000), () => setTimeout(() => upload.destroy(), 200));
    });
    const at = async () => (await statusOf(await fetch(`${address}/v1/blobs/${blob.id}/status`))).offset;
    await expect.poll(at, { timeout: 5_000 }).toBeGreaterThan(0);
    const offset = await at();
    expect(await statusOf(await patchBlob(address, blob, { offset, end: 500_000 }))).toMatchObject({ offset: 500_000 });
    expect(Buffer.from(await (await fetch(`${address}/v1/blobs/${blob.id}`)).arrayBuffer()).equals(blob.bytes)).toBe(true);
  });

  test("need the token, and take no more than was announced", async () => {
    const { address } = await started({ blobBytesMax: 1_000_000, blobBytesTotalMax: 1_500_000 });
    const blob = newBlob(randomBytes(1_000));
    await createBlob(address, blob.form);
    expect(await problemOf(await patchBlob(address, { ...blob, token: newBlob(Buffer.alloc(1)).token }, { offset: 0, end: 10 }))).toEqual({
      status: 403,
      code: "capability_invalid",
    });
    const longer = { ...blob, bytes: randomBytes(2_000) };
    expect(await problemOf(await patchBlob(address, longer, { offset: 0, end: 2_000 }))).toEqual({ status: 413, code: "blob_too_large" });
    expect(await problemOf(await createBlob(address, { ...blob.form, size: 999 }))).toEqual({ status: 409, code: "blob_exists" });
    expect(await problemOf(await createBlob(address, { ...newBlob(blob.bytes).form, size: 1_000_001 }))).toMatchObject({
      code: "blob_too_large",
    });
    await createBlob(address, { ...newBlob(blob.bytes).form, size: 1_000_000 });
    expect(await problemOf(await createBlob(address, { ...newBlob(blob.bytes).form, size: 999_999 }))).toMatchObject({
      code: "quota_exceeded",
    });
  });
});

test("many uploads that are asked for at once do not share one room, which is free again if nothing comes", async () => {
  let now = Date.now();
  const { address } = await started({ now: () => now, blobBytesTotalMax: 2_500 });
  const ask = async (): Promise<number> => (await createBlob(address, newBlob(Buffer.alloc(1_000)).form)).status;
  const statuses = await Promise.all(Array.from({ length: 10 }, ask));
  expect(statuses.filter((status) => status === 200)).toHaveLength(2);
  now -= 1;
  const [empty, begun] = [newBlob(randomBytes(100)), newBlob(randomBytes(100))];
  for (const { form } of [empty, begun]) await createBlob(address, form);
  const { expiresAt } = await statusOf(await patchBlob(address, begun, { offset: 0, end: 1 }));
  expect(expiresAt).toBe(now + 30 * DAY_MS);
  now += 3_600_001;
  expect(await problemOf(await fetch(`${address}/v1/blobs/${empty.id}/status`))).toMatchObject({ code: "blob_unknown" });
  expect(await statusOf(await createBlob(address, empty.form))).toMatchObject({ offset: 0, expiresAt: now + 3_600_000 });
  expect(await statusOf(await fetch(`${address}/v1/blobs/${begun.id}/status`))).toMatchObject({ offset: 1, expiresAt });
});

describe("changes from one address", () => {
  const few = { limits: { address: { perSecond: 0.001, burst: 2 } } };
  const post = async (url: string, from?: string) =>
    (await fetch(url, { method: "POST", ...(from === undefined ? {} : { headers: { "x-forwarded-for": from } }) })).status;

  test("are counted however the path is written, and reading is not", async () => {
    const { address } = await started(few);
    const statuses: number[] = [];
    for (const path of ["/v1/%62lobs", "/v1/blobs?a", "/v1/blob%73", "/v1/blobs"]) statuses.push(await post(`${address}${path}`));
    expect(statuses).toEqual([400, 400, 429, 429]);
    for (const method of ["PATCH", "DELETE"]) expect((await fetch(`${address}/v1/%62lobs/x`, { method })).status).toBe(429);
    expect((await fetch(`${address}/v1/blobs/x`)).status).toBe(400);
  });

  test("are counted for the address that the proxy saw, whatever was written before it", async () => {
    const { address } = await started({ ...few, trustProxy: true });
    const url = `${address}/v1/blobs`;
    const statuses: number[] = [];
    for (const first of ["203.0.113.1", "203.0.113.2", "203.0.113.3"]) statuses.push(await post(url, `${first}, 198.51.100.7`));
    for (const last of ["2001:db8::1", "2001:db8::2", "2001:db8::3"]) statuses.push(await post(url, last));
    expect(statuses).toEqual([400, 400, 429, 400, 400, 429]);
  });
});

describe("reading", () => {
  test("gives ranges", async () => {
    const { address } = await started();
    const { id, bytes } = await uploadBlob(address, randomBytes(10_000));
    const range = async (header: string) => fetch(`${address}/v1/blobs/${id}`, { headers: { range: header } });
    const cases = [
      ["bytes=0-0", 0, 1],
      ["bytes=100-199", 100, 200],
      ["bytes=9990-", 9_990, 10_000],
      ["bytes=-10", 9_990, 10_000],
      ["bytes=5000-99999", 5_000, 10_000],
    ] as const;
    for (const [header, start, end] of cases) {
      const response = await range(header);
      expect(response.status).toBe(206);
      expect(response.headers.get("content-range")).toBe(`bytes ${start}-${end - 1}/10000`);
      expect(Buffer.from(await response.arrayBuffer()).equals(bytes.subarray(start, end))).toBe(true);
    }
    expect(await problemOf(await range("bytes=10000-"))).toEqual({ status: 416, code: "blob_range" });
    expect((await range("lines=1-2")).status).toBe(200);
  });

  test("ends with deletion, or when the time is over", async () => {
    let now = Date.now();
    const { address, folder } = await started({ now: () => now, blobDaysKept: 1 });
    const [first, second] = [await uploadBlob(address, randomBytes(100)), await uploadBlob(address, randomBytes(100))];
    const gone = await fetch(`${address}/v1/blobs/${first.id}`, { method: "DELETE", headers: { authorization: `Sotto ${first.token}` } });
    expect(gone.status).toBe(200);
    expect(await problemOf(await fetch(`${address}/v1/blobs/${first.id}`))).toMatchObject({ code: "blob_unknown" });
    now += 2 * DAY_MS;
    expect(await problemOf(await fetch(`${address}/v1/blobs/${second.id}`))).toMatchObject({ code: "blob_unknown" });
    expect(readdirSync(join(folder, "blobs", first.hex.slice(0, 2)))).not.toContain(first.hex);
  });

  test("answers what is no blob with a code", async () => {
    const { address } = await started();
    expect(await problemOf(await fetch(`${address}/v1/blobs/not-an-id`))).toEqual({ status: 400, code: "id_invalid" });
    expect(await problemOf(await fetch(`${address}/v1/blobs/${newBlob(Buffer.alloc(1)).id}`))).toEqual({
      status: 404,
      code: "blob_unknown",
    });
    expect(await problemOf(await fetch(`${address}/elsewhere`))).toEqual({ status: 404, code: "operation_unknown" });
    const garbage = await fetch(`${address}/v1/blobs`, {
      method: "POST",
      headers: { "content-type": "application/cbor" },
      body: "garbage",
    });
    expect(garbage.status).toBe(400);
  });
});
