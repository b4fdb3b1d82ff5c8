import type { ArchiveMessage } from "@sotto/protocol";
import { expect, test } from "vitest";
import { fromStored, toStored } from "./stored-record.ts";

const record: ArchiveMessage = {
  id: "AAAA",
  at: 1_600_000_000_000,
  kind: "text",
  text: "in a column",
  time: { precision: "min", zone: "assumed" },
  media: [{ kind: "photo", state: "missing", name: "lake.jpg" }],
  source: { path: "a/b.json", at: 7, raw: "AAAAAAAAAAAAAAAAAAAAAA" },
};
const stored = toStored(record, 3);

test("comes back as it was written", () => {
  expect(fromStored(stored)).toEqual({ media: record.media, t: ["min", "assumed"], s: [3, 7, record.source.raw] });
});

test("one that is damaged says so, and nothing is thrown", () => {
  for (const text of ["", "{", "[]", "null", '{"s":[1,2]}', '{"s":[1,2,"x"],"media":{}}', '{"s":[1,2,"x"],"t":[1]}'])
    expect(fromStored(text)).toMatchObject({ doubt: "what is stored beside the text is damaged" });
  const changed = Array.from(stored, (_, at) => [
    stored.slice(0, at),
    stored.slice(0, at) + stored.slice(at + 1),
    `${stored.slice(0, at)}[${stored.slice(at)}`,
  ]);
  for (const text of changed.flat()) {
    const { s, media = [] } = fromStored(text);
    expect(s.length >= 3 && Array.isArray(media)).toBe(true);
  }
});
