/**
 * Every importer reads exports that were damaged at random, from a seed: each ends in a report that balances and in records that the archive's form allows.
 * `SLOW=1` makes it a thousand times as many.
 */
import { describe, expect, test } from "vitest";
import { parseArchiveMessage } from "@sotto/protocol";
import { bytesSource, Dice, GENERATORS } from "@sotto/archive/testing";
import { importInto, MemorySink } from "./support/memory-sink.ts";

const isSlow = process.env["SLOW"] === "1";
const ROUNDS = isSlow ? 12_000 : 12;
const SIZE = { seed: 3, conversations: 3, messagesEach: 15, photoOnce: 10, photoBytes: 20 };
const WORDS = [
  "null",
  "{}",
  "[]",
  '""',
  "-1",
  "1e400",
  String.raw`"\u0000\ud800"`,
  "[[[[[[[[",
  "}}}}",
  '"',
  "\\",
  "9".repeat(30),
  "\n",
  ",",
  "true",
  `"${"x".repeat(3000)}"`,
  "<@>",
  "<!>",
  "2021-13-45 99:99:99 UTC",
];
const VALUE = /:\s*("(?:[^"\\]|\\.)*"|-?\d+|null|true|false)/g;

/** One to six changes: a byte, a word put in, a value replaced, a part left out, the end cut off. */
function mutated(bytes: Uint8Array, dice: Dice): Uint8Array {
  let text = Buffer.from(bytes).toString("latin1");
  for (let changes = 1 + dice.below(6); changes > 0 && text.length > 0; changes--) {
    const at = dice.below(text.length);
    const values = [...text.matchAll(VALUE)];
    switch (dice.below(5)) {
      case 0:
        text = text.slice(0, at) + String.fromCharCode(dice.below(256)) + text.slice(at + 1);
        break;
      case 1:
        text = text.slice(0, at) + dice.pick(WORDS) + text.slice(at);
        break;
      case 2:
        text = text.slice(0, at) + text.slice(at + dice.below(200));
        break;
      case 3: {
        const value = values.length === 0 ? undefined : dice.pick(values);
        if (value !== undefined) text = `${text.slice(0, value.index)}:${dice.pick(WORDS)}${text.slice(value.index + value[0].length)}`;
        break;
      }
      default:
        text = text.slice(0, at);
    }
  }
  return new Uint8Array(Buffer.from(text, "latin1"));
}

// A database is damaged page by page where there is SQLite: apps/cli.
describe.each(Object.entries(GENERATORS).filter(([name]) => name !== "imessage"))("%s, damaged", (_name, generate) => {
  test("ends in a report and in records of the form", { timeout: isSlow ? 1_200_000 : 30_000 }, async () => {
    const dice = new Dice(11);
    const files = [...generate(SIZE)];
    const wrong: unknown[] = [];
    let imported = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const victim = dice.below(files.length);
      const sources = files.map(({ path, content }, index) =>
        bytesSource(path, index === victim || dice.once(4) ? mutated(content, dice) : content),
      );
      const sink = new MemorySink();
      await importInto(sink, sources);
      for (const { record } of sink.messages.values()) {
        if (!parseArchiveMessage(JSON.parse(JSON.stringify(record))).ok) wrong.push({ round, record });
      }
      imported += sink.messages.size;
    }
    expect(wrong).toEqual([]);
    expect(imported).toBeGreaterThan(ROUNDS);
  });
});
