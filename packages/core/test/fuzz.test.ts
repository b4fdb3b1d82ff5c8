/** Hostile bytes to everything that core reads: an outcome with a code, and nothing is ever thrown. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CORE_ERRORS, decodeConversation, openEntry, parseRecoveryKey, verifyReport } from "@sotto/core";
import { ERRORS } from "@sotto/protocol";
import { crypto } from "./support/provider.ts";
import { catchUp, Person, say, type Seat, World } from "./support/people.ts";
import { CASES } from "./support/vector-cases.ts";

type Change = { readonly at: number; readonly value: number; readonly kind: "set" | "insert" | "delete" | "cut" };
const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(1_000_000),
  value: fc.integer({ min: 0, max: 255 }),
  kind: fc.constantFrom("set", "insert", "delete", "cut"),
});

function changed(bytes: Uint8Array, { at, value, kind }: Change): Uint8Array {
  const place = bytes.length === 0 ? 0 : at % bytes.length;
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
  if (kind === "set") return bytes.map((byte, i) => (i === place ? value : byte));
  if (kind === "insert") return Uint8Array.of(...before, value, ...after);
  return kind === "delete" ? Uint8Array.of(...before, ...after.subarray(1)) : before.slice();
}

const inputsNear = (sample: Uint8Array): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    { arbitrary: fc.uint8Array({ maxLength: 200 }), weight: 1 },
    { arbitrary: fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => changes.reduce(changed, sample)), weight: 3 },
  );

const readers = CASES.flatMap(({ name, output, read }) =>
  read === undefined || !(output instanceof Uint8Array) ? [] : [{ name, output, read }],
);

describe("readers of forms", () => {
  test.each(readers)("$name", ({ output, read }) => {
    fc.assert(
      fc.property(inputsNear(output), (bytes) => {
        const outcome = read(bytes);
        expect(outcome.ok || outcome.message !== "").toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  test("conversations, reports and recovery keys", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.string(), (bytes, text) => {
        for (const outcome of [decodeConversation(bytes), verifyReport(bytes, { crypto }), parseRecoveryKey(text)])
          expect(outcome.ok).toBe(false);
      }),
    );
  });
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
