/** A ZIP that broke off while it was downloaded: what was whole comes in, and the report says where it ends. */
import { describe, expect, test } from "vitest";
import { deflateRawSync } from "node:zlib";
import { crc32 } from "node:zlib";
import { asBytes, bytesSource, GENERATORS, type GeneratedFile, generateInstagram, zipSource } from "@sotto/archive/testing";
import { importInto, MemorySink } from "./support/memory-sink.ts";

const SIZE = { seed: 3, conversations: 6, messagesEach: 200, photoOnce: 20, photoBytes: 500 };

async function bytesOf(files: Iterable<GeneratedFile>): Promise<Uint8Array> {
  const source = await zipSource("whole.zip", files);
  return source.read(0, source.bytes);
}

/** As most programs write it: sizes in front of the data, no descriptor. */
function plainZip(files: readonly GeneratedFile[]): Uint8Array {
  return new Uint8Array(
    Buffer.concat(
      files.flatMap(({ path, content }) => {
        const [packed, name, header] = [deflateRawSync(content), Buffer.from(path), Buffer.alloc(30)];
        header.writeUInt32LE(0x04034b50, 0);
        header.writeUInt16LE(20, 4);
        header.writeUInt16LE(0x800, 6);
        header.writeUInt16LE(8, 8);
        header.writeUInt32LE(crc32(content), 14);
        header.writeUInt32LE(packed.length, 18);
        header.writeUInt32LE(content.length, 22);
        header.writeUInt16LE(name.length, 26);
        return [header, name, packed];
      }),
    ),
  );
}

describe("a ZIP that was cut off", () => {
  test.each([
    ["sizes behind the data", (files: readonly GeneratedFile[]) => bytesOf(files)],
    ["sizes before the data", (files: readonly GeneratedFile[]) => Promise.resolve(plainZip(files))],
  ])("without its directory, with %s: everything comes in", async (_name, write) => {
    const files = [...generateInstagram(SIZE)];
    const whole = await write(files);
    const directory = Buffer.from(whole).indexOf("PK\u0001\u0002", 0, "latin1");
    const end = directory < 0 ? whole.length : directory;
    const sink = new MemorySink();
    const report = await importInto(sink, [bytesSource("instagram-part.zip", whole.subarray(0, end))]);
    expect(report.problems).toEqual([{ path: "instagram-part.zip", code: "zip_damaged", count: 1, at: end }]);
    expect(report.messages).toMatchObject({ read: 1200, imported: 1200 });
    expect(report.media).toMatchObject({ imported: report.media.read });
  });

  test("cut anywhere: the messages before the cut are the ones of the whole", async () => {
    const files = [...(GENERATORS["slack"]?.({ ...SIZE, conversations: 3 }) ?? [])];
    const whole = await bytesOf(files);
    const all = new MemorySink();
    await importInto(all, [bytesSource("slack.zip", whole)]);
    let before = 0;
    for (const part of [0.1, 0.35, 0.5, 0.75, 0.9, 0.97]) {
      const sink = new MemorySink();
      const report = await importInto(sink, [bytesSource("slack.zip", whole.subarray(0, Math.floor(whole.length * part)))]);
      expect(report.problems.map(({ code }) => code)).toContain("zip_damaged");
      expect(sink.messages.size).toBeGreaterThan(before);
      before = sink.messages.size;
      const known = new Set(all.records().map(({ nativeId, text }) => `${nativeId} ${text.replaceAll(/@U\d+/g, "")}`));
      expect(sink.records().every(({ nativeId, text }) => known.has(`${nativeId} ${text.replaceAll(/@U\d+/g, "")}`))).toBe(true);
    }
  });

  test("the entry in which it was cut is read as far as it goes", async () => {
    const message = (n: number): string =>
      `{"sender_name":"Ada","timestamp_ms":${1_600_000_000_000 + n},"content":"number ${n} ${(n * 7919).toString(36)}"}`;
    const content = asBytes(
      `{"participants":[{"name":"Ada"}],"title":"Ada","thread_path":"inbox/ada_1","messages":[${Array.from({ length: 60_000 }, (_, n) => message(n)).join(",")}]}`,
    );
    for (const whole of [
      await bytesOf([{ path: "inbox/ada_1/message_1.json", content }]),
      plainZip([{ path: "inbox/ada_1/message_1.json", content }]),
    ]) {
      const sink = new MemorySink();
      const report = await importInto(sink, [bytesSource("instagram.zip", whole.subarray(0, Math.floor(whole.length / 2)))]);
      expect(sink.messages.size).toBeGreaterThan(10_000);
      expect(sink.messages.size).toBeLessThan(35_000);
      expect(report.problems.map(({ code }) => code)).toContain("zip_damaged");
    }
  });

  test("a file that was cut is not kept as if it were whole", async () => {
    const record = { sender_name: "Ada", timestamp_ms: 1_600_000_000_000, photos: [{ uri: "inbox/ada_1/photos/a.jpg" }] };
    const photo = Uint8Array.from({ length: 50_000 }, (_, i) => (i * i * 31 + (i >> 3)) & 0xff);
    const whole = await bytesOf([
      {
        path: "inbox/ada_1/message_1.json",
        content: asBytes({ participants: [{ name: "Ada" }], title: "Ada", thread_path: "x", messages: [record] }),
      },
      { path: "inbox/ada_1/photos/a.jpg", content: photo },
    ]);
    const sink = new MemorySink();
    const report = await importInto(sink, [bytesSource("instagram.zip", whole.subarray(0, whole.length - 20_000))]);
    expect(report).toMatchObject({ messages: { imported: 1 }, media: { read: 1, imported: 0, skipped: 1 } });
    expect(sink.records()[0]?.media).toMatchObject([{ state: "refused" }]);
  });

  test("headers that lie, and descriptors that are none, end the search and nothing else", async () => {
    const header = plainZip([{ path: "a.json", content: asBytes("{}") }]);
    for (let at = 4; at < 36; at++) {
      const damaged = header.slice();
      damaged[at] = 0xff;
      await importInto(new MemorySink(), [bytesSource("a.zip", damaged)]);
    }
    const bait = asBytes("PK\u0007\u0008".repeat(20_000));
    const report = await importInto(new MemorySink(), [
      bytesSource(
        "b.zip",
        Uint8Array.from([
          ...header.subarray(0, 6),
          8,
          0,
          ...header.subarray(8, 14),
          ...new Uint8Array(12),
          ...header.subarray(26, 36),
          ...bait,
        ]),
      ),
    ]);
    expect(report.problems.map(({ code }) => code)).toEqual(["zip_damaged"]);
  });
});
