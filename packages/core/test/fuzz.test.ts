/** Hostile bytes to everything that core reads: an outcome with a code, and nothing is ever thrown. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CORE_ERRORS, decodeConversation, encodeConversation, openEntry, parseRecoveryKey, verifyReport } from "@sotto/core";
import { equalBytes, ERRORS } from "@sotto/protocol";
import { changedFrom, HOSTILE, longerHeads } from "@sotto/protocol/testing";
import { crypto } from "./support/provider.ts";
import { catchUp, Person, say, type Seat, World } from "./support/people.ts";
import { CASES } from "./support/vector-cases.ts";

const inputsNear = (sample: Uint8Array): fc.Arbitrary<Uint8Array> =>
  fc.oneof({ arbitrary: fc.uint8Array({ maxLength: 200 }), weight: 1 }, { arbitrary: changedFrom(sample), weight: 3 });

const readers = CASES.flatMap(({ name, output, read, again }) =>
  read === undefined || !(output instanceof Uint8Array) ? [] : [{ name, output, read, again }],
);
const BEGINNINGS = 400;

describe("readers of forms", () => {
  test.each(readers)("$name", ({ output, read, again }) => {
    fc.assert(
      fc.property(inputsNear(output), (bytes) => {
        const outcome = read(bytes);
        expect(outcome.ok || outcome.message !== "").toBe(true);
        expect(!outcome.ok || again === undefined || equalBytes(again(bytes), bytes)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  test.each(readers)(
    "$name takes no beginning, no longer way to say it, and nothing that is too deep or too large",
    ({ output, read, again }) => {
      expect(again === undefined || equalBytes(again(output), output)).toBe(true);
      const step = Math.max(1, output.length / BEGINNINGS);
      const beginnings = Array.from({ length: Math.min(BEGINNINGS, output.length) }, (_, i) => output.slice(0, Math.floor(i * step)));
      const refused = [...beginnings, ...longerHeads(output), ...Object.values(HOSTILE)];
      expect(refused.filter((bytes) => read(bytes).ok)).toEqual([]);
    },
  );

  test("conversations, reports and recovery keys", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.string(), (bytes, text) => {
        for (const outcome of [decodeConversation(bytes), verifyReport(bytes, { crypto }), parseRecoveryKey(text)])
          expect(outcome.ok).toBe(false);
      }),
    );
  });
});

test("a conversation in one piece is read as it was written, or not at all", () => {
  const world = new World();
  const [ada, bob] = [new Person(world, "ada", 1), new Person(world, "bob", 1)];
  const [seat] = ada.phone.start("direct", [bob.phone]) as [Seat, Seat];
  const whole = encodeConversation(seat.conversation);
  const read = (bytes: Uint8Array) => {
    const decoded = decodeConversation(bytes);
    return decoded.ok ? equalBytes(encodeConversation(decoded.value), bytes) : decoded.message !== "";
  };
  expect(decodeConversation(whole).ok && read(whole)).toBe(true);
  expect(fc.check(fc.property(inputsNear(whole), read), { numRuns: 500 })).toMatchObject({ failed: false });
  expect([...longerHeads(whole), ...Object.values(HOSTILE)].filter((bytes) => decodeConversation(bytes).ok)).toEqual([]);
});

test("a log full of changed entries changes nothing for a reader", () => {
  const world = new World();
  const [ada, bob] = [new Person(world, "ada", 1), new Person(world, "bob", 1)];
  const [adaPhone, bobPhone] = ada.phone.start("direct", [bob.phone]) as [Seat, Seat];
  say(adaPhone, "words");
  const entry = world.server.entry(adaPhone.conversation.log, 1);
  fc.assert(
    fc.property(inputsNear(entry.body), fc.constantFrom("message" as const, "handshake" as const), (body, kind) => {
      const outcome = openEntry(bobPhone.conversation, { ...entry, body, kind }, bob.phone.context);
      expect(outcome.ok && !Buffer.from(body).equals(entry.body)).toBe(false);
    }),
    { numRuns: 300 },
  );
  expect(catchUp(bobPhone)).toMatchObject([{ kind: "message" }]);
});

test("codes of core are in no other list", () => {
  expect(Object.keys(CORE_ERRORS).filter((code) => Object.hasOwn(ERRORS, code))).toEqual([]);
});
