/** Opening a long queue gives what opening one by one gives, entry for entry. */
import { describe, expect, test } from "vitest";
import { encodeConversation, epochOf, openEntries, openEntry } from "@sotto/core";
import type { Entry } from "@sotto/protocol";
import { commit, Person, say, type Seat, World } from "./support/people.ts";
import { crypto } from "./support/provider.ts";

const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

const world = new World();
const [ada, bob] = [new Person(world, "ada"), new Person(world, "bob", 1)];
const [adaPhone, adaLaptop, bobPhone] = ada.phone.start("direct", [ada.laptop, bob.phone]) as [Seat, Seat, Seat];
for (const words of ["one", "two", "three"]) say(adaPhone, words);
say(adaLaptop, "four");
commit(adaPhone, {});
say(adaPhone, "five");
const entries = Array.from({ length: world.server.head(adaPhone.conversation.log) }, (_, i) =>
  world.server.entry(adaPhone.conversation.log, i + 1),
);
const verifier = {
  verifyMany: async (suiteId: number, items: readonly { publicKey: Uint8Array; message: Uint8Array; signature: Uint8Array }[]) =>
    items.map(({ publicKey, message, signature }) => crypto.suite(suiteId)?.verify(publicKey, message, signature) === true),
};

async function both(list: readonly Entry[]) {
  const { context } = bobPhone.device;
  const queue = await openEntries(bobPhone.conversation, list, { ...context, verifier });
  let conversation = bobPhone.conversation;
  const single = list.slice(0, queue.outcomes.length).map((entry) => {
    const opened = openEntry(conversation, entry, context);
    if (opened.ok) conversation = opened.value.conversation;
    return opened;
  });
  const told = (outcomes: typeof single) => outcomes.map((outcome) => (outcome.ok ? outcome.value.kind : outcome.code));
  expect(told([...queue.outcomes])).toEqual(told(single));
  expect(encodeConversation(queue.conversation)).toEqual(encodeConversation(conversation));
  return { queue, told: told(single) };
}

describe("a queue", () => {
  test("is opened up to the first handshake, and then from the next epoch on", async () => {
    const { queue, told } = await both(entries);
    expect(told).toEqual(["message", "message", "message", "message", "commit"]);
    expect(epochOf(queue.conversation)).toBe(2);
    const rest = await openEntries(queue.conversation, entries.slice(5), { ...bobPhone.device.context, verifier });
    expect(rest.outcomes).toMatchObject([{ ok: true, value: { kind: "message" } }]);
  });

  test("with bad entries among them skips those alone", async () => {
    const [first, second, third, ...rest] = entries as [Entry, Entry, Entry, ...Entry[]];
    const broken = { ...second, body: flipped(second.body, second.body.length - 1) };
    const mislabelled = { ...third, tag: flipped(third.tag, 0) };
    const wrongEpoch = { ...third, epoch: third.epoch + 5 };
    const { told } = await both([first, broken, wrongEpoch, mislabelled, ...rest]);
    expect(told).toEqual(["message", "decrypt_failed", "log_entry_invalid", "rejected", "message", "commit"]);
  });
});
