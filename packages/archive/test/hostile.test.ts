/** Exports made to do harm, or broken on the way: what is wrong is in the report with its place, the rest comes in, nothing hangs. */
import { describe, expect, test } from "vitest";
import { crc32 } from "node:zlib";
import { deflateRawSync } from "node:zlib";
import { ArchiveImport, type Source } from "@sotto/archive";
import { asBytes, bytesSource, type GeneratedFile, zipSource } from "@sotto/archive/testing";
import { importInto, MemorySink, ports } from "./support/memory-sink.ts";

const FOLDER = "your_instagram_activity/messages/inbox/ada_123456";
const good: GeneratedFile = {
  path: `${FOLDER}/message_1.json`,
  content: asBytes({
    participants: [{ name: "Ada" }],
    messages: [{ sender_name: "Ada", timestamp_ms: 1_600_000_000_000, content: "fine" }],
    title: "Ada",
    thread_path: "inbox/ada_123456",
  }),
};

type RawEntry = {
  readonly name: string;
  readonly data: Uint8Array;
  readonly mode?: number;
  readonly flags?: number;
  readonly claimedBytes?: number;
};

/** A ZIP with whatever one wants in its fields. */
function rawZip(entries: readonly RawEntry[]): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data, mode = 0, flags = 0, claimedBytes = data.length } of entries) {
    const packed = deflateRawSync(data);
    const path = Buffer.from(name);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(20, 4);
    local.writeUInt16LE(flags | 0x800, 6);
    local.writeUInt16LE(8, 8);
    local.writeUInt32LE(crc32(data), 14);
    local.writeUInt32LE(packed.length, 18);
    local.writeUInt32LE(claimedBytes, 22);
    local.writeUInt16LE(path.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(0x0314, 4);
    central.writeUInt16LE(20, 6);
    local.copy(central, 8, 6, 30);
    central.writeUInt16LE(path.length, 28);
    central.writeUInt32LE(((mode << 16) | 0) >>> 0, 38);
    central.writeUInt32LE(offset, 42);
    parts.push(local, path, packed);
    directory.push(central, path);
    offset += 30 + path.length + packed.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return new Uint8Array(Buffer.concat([...parts, ...directory, end]));
}

async function problemsOf(sources: readonly Source[]): Promise<{ readonly codes: readonly string[]; readonly sink: MemorySink }> {
  const sink = new MemorySink();
  const report = await importInto(sink, sources);
  expect(report.problems.every(({ path }) => path !== "")).toBe(true);
  return { codes: report.problems.map(({ code }) => code), sink };
}

const photo = (name: string): GeneratedFile => ({
  path: `${FOLDER}/message_2.json`,
  content: asBytes({
    participants: [{ name: "Ada" }],
    messages: [{ sender_name: "Ada", timestamp_ms: 1_500_000_000_000, photos: [{ uri: name }] }],
    title: "Ada",
    thread_path: "x",
  }),
});
const entry = ({ path, content }: GeneratedFile): RawEntry => ({ name: path, data: content });

describe("hostile ZIPs", () => {
  test("names that lead outside, links and locked entries are left out", async () => {
    const zip = rawZip([
      { name: "../../etc/passwd.json", data: good.content },
      { name: "/absolute.json", data: good.content },
      { name: String.raw`C:\windows.json`, data: good.content },
      { name: "link.json", data: asBytes("/etc/passwd"), mode: 0o120_777 },
      { name: "locked.json", data: good.content, flags: 1 },
      entry(good),
    ]);
    const { codes, sink } = await problemsOf([bytesSource("instagram.zip", zip)]);
    expect(codes).toEqual(["path_unsafe", "link_refused", "zip_encrypted"]);
    expect(sink.texts()).toEqual(["fine"]);
  });

  test("a file that grows far beyond its size is left out, wherever it is read", async () => {
    const bomb = new Uint8Array(40 * 1024 * 1024);
    const { codes, sink } = await problemsOf([
      bytesSource(
        "instagram.zip",
        rawZip([{ name: `${FOLDER}/photos/bomb.jpg`, data: bomb }, entry(photo(`${FOLDER}/photos/bomb.jpg`)), entry(good)]),
      ),
    ]);
    expect(codes).toEqual(["zip_ratio"]);
    expect(sink.records().map(({ media, text }) => [text, media?.[0]?.state])).toEqual([
      ["", "refused"],
      ["fine", undefined],
    ]);
  });

  test("a file of another size than it says, and one with a wrong check sum", async () => {
    const content = Uint8Array.from({ length: 5000 }, (_, i) => i % 251);
    for (const claimedBytes of [10, 6000]) {
      const name = `${FOLDER}/photos/a.jpg`;
      const { codes, sink } = await problemsOf([
        bytesSource("instagram.zip", rawZip([{ name, data: content, claimedBytes }, entry(photo(name)), entry(good)])),
      ]);
      expect(codes).toHaveLength(1);
      expect(["zip_size", "zip_damaged"]).toContain(codes[0]);
      expect(sink.messages.size).toBe(2);
    }
  });

  test("a ZIP that was cut off is told, and the other parts come in", async () => {
    const whole = rawZip([entry(good)]);
    const { codes, sink } = await problemsOf([
      bytesSource("part-1.zip", whole.subarray(0, whole.length - 40)),
      await zipSource("instagram-2.zip", [good]),
    ]);
    expect(codes).toEqual(["zip_damaged"]);
    expect(sink.texts()).toEqual(["fine"]);
  });

  test("a ZIP in a ZIP is opened, one in that is not", async () => {
    const inner = rawZip([entry(good), { name: "deeper.zip", data: rawZip([entry(good)]) }]);
    const { codes, sink } = await problemsOf([bytesSource("outer.zip", rawZip([{ name: "instagram-inner.zip", data: inner }]))]);
    expect(codes).toEqual(["zip_nested"]);
    expect(sink.texts()).toEqual(["fine"]);
  });
});

describe("hostile records", () => {
  const within = (messages: string, more = ""): Source =>
    bytesSource(
      "message_1.json",
      asBytes(`{"participants":[{"name":"Ada"}],"messages":[${messages}],"title":"Ada","thread_path":"inbox/ada_123456"${more}}`),
    );
  const fine = '{"sender_name":"Ada","timestamp_ms":1600000000000,"content":"fine"}';

  test("deep nesting, a record of 9 MB, numbers, null and damage each cost themselves and nothing else", async () => {
    const deep = `{"sender_name":"Ada","timestamp_ms":1,"x":${"[".repeat(5000)}${"]".repeat(5000)}}`;
    const long = `{"sender_name":"Ada","timestamp_ms":1,"content":"${"x".repeat(9_000_000)}"}`;
    const { codes, sink } = await problemsOf([within([deep, long, "7", "null", '{"sender_name":"Ada",,}', fine].join(","))]);
    expect(codes.toSorted()).toEqual(["json_damaged", "json_too_deep", "record_invalid", "record_too_long"]);
    expect(sink.texts()).toEqual(["fine"]);
  });

  test("NULs and lone surrogates are replaced, and it is said", async () => {
    const { codes, sink } = await problemsOf([
      within(String.raw`{"sender_name":"A\u0000da","timestamp_ms":1600000000001,"content":"a\u0000b\ud83dc"}`),
    ]);
    expect(codes).toEqual(["text_repaired"]);
    expect(sink.texts()).toEqual(["a\uFFFDb\uFFFDc"]);
  });

  test("times of year 0, of year 9999 and of no year", async () => {
    const times = ["-62167219200000", "253402300799999", "1e400", '"soon"', "1.5"];
    const { codes, sink } = await problemsOf([
      within([...times.map((time) => `{"sender_name":"Ada","timestamp_ms":${time},"content":"t"}`), fine].join(",")),
    ]);
    expect(codes).toEqual(["time_implausible"]);
    expect(sink.messages.size).toBe(6);
  });

  test("keys of objects that mean something to JavaScript are only keys", async () => {
    const { sink } = await problemsOf([
      within('{"sender_name":"Ada","timestamp_ms":1600000000000,"content":"p","__proto__":{"polluted":1},"constructor":2}'),
    ]);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
    expect(sink.records()[0]?.extra).toEqual({ constructor: 2 });
  });

  test("a text file of one line of 100 MB is passed by, in bounded memory", async () => {
    const head = asBytes("23/10/2018, 14:05 - Ada: fine\n");
    const size = 100 * 1024 * 1024;
    const piece = new Uint8Array(1024 * 1024).fill(0x61);
    const source: Source = {
      path: "WhatsApp Chat with Ada.txt",
      bytes: head.length + size,
      read: (offset, length) => {
        if (offset < head.length) return Promise.resolve(head.subarray(offset, offset + length));
        return Promise.resolve(piece.subarray(0, Math.min(length, head.length + size - offset)));
      },
    };
    const { codes, sink } = await problemsOf([source]);
    expect(codes).toEqual(["line_too_long"]);
    expect(sink.texts()).toEqual(["fine"]);
  });

  test("a file that cannot be read is told, and a file that nobody knows is no harm", async () => {
    const broken: Source = { path: "broken.json", bytes: 10, read: () => Promise.reject(new Error("disk")) };
    const { codes } = await problemsOf([
      broken,
      bytesSource("note.txt", asBytes("just a note")),
      bytesSource("empty.json", new Uint8Array()),
    ]);
    expect(codes).toEqual(["input_unreadable"]);
    const plan = await (await ArchiveImport.open([bytesSource("x.bin", new Uint8Array(100))], ports, { zone: "Nowhere/None" })).plan();
    expect(plan).toMatchObject({ services: [], conversations: [] });
  });
});
