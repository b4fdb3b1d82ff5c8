/** Messages that come late, out of order, twice, or not at all. */
import { expect, test } from "vitest";
import { receiveMessage, receiveQueue, type SignatureVerifier } from "../../src/index.ts";
import { codeOf, commitAndDeliver, deliver, say, type Seat } from "../support/clients.ts";
import { testProvider } from "../support/provider.ts";
import { trio, under } from "./cast.ts";

function codes(seat: Seat, messages: readonly Uint8Array[]): string[] {
  return messages.map((message) => {
    const outcome = receiveMessage(seat.state, message, seat.client.context);
    if (outcome.ok) seat.state = outcome.value.state;
    return codeOf(outcome);
  });
}

test("messages in any order open once each", async () => {
  const { ada, bob } = await trio();
  const messages = ["one", "two", "three", "four"].map((word) => say(ada, word));
  const mixed = [3, 0, 2, 1].map((i) => messages[i] ?? new Uint8Array(0));
  expect(codes(bob, mixed)).toEqual(["ok", "ok", "ok", "ok"]);
  expect(codes(bob, mixed)).toEqual(["replayed", "replayed", "replayed", "replayed"]);
});

test("a message too far ahead is refused until those before it come", async () => {
  const { ada, bob } = await trio({ policy: { forwardGenerations: 3 } });
  const messages = Array.from({ length: 6 }, (_, i) => say(ada, String(i)));
  const at = (i: number): Uint8Array[] => messages.slice(i, i + 1);
  expect(codes(bob, at(4))).toEqual(["generation_too_far"]);
  expect(codes(bob, at(3))).toEqual(["ok"]);
  expect(codes(bob, at(5))).toEqual(["ok"]);
});

test("only so many keys are kept for what was skipped", async () => {
  const { ada, bob } = await trio({ policy: { skippedKeys: 2 } });
  const messages = Array.from({ length: 5 }, (_, i) => say(ada, String(i)));
  expect(codes(bob, messages.slice(4))).toEqual(["ok"]);
  expect(codes(bob, messages.slice(0, 4))).toEqual(["replayed", "replayed", "ok", "ok"]);
});

test("a message from a past epoch opens while that epoch is kept", async () => {
  const { ada, bob, cyn } = await trio({ policy: { pastEpochs: 2 } });
  const messages = [0, 1, 2].map((i) => {
    const message = say(ada, String(i));
    commitAndDeliver(cyn, [ada, bob]);
    return message;
  });
  expect(codes(bob, messages)).toEqual(["epoch_behind", "ok", "ok"]);
  expect(codes(bob, messages)).toEqual(["epoch_behind", "replayed", "replayed"]);
});

test("one who keeps no past epochs opens nothing late", async () => {
  const { ada, bob, cyn } = await trio({ policy: { pastEpochs: 0 } });
  const message = say(ada, "late");
  commitAndDeliver(cyn, [ada, bob]);
  expect(codes(bob, [message])).toEqual(["epoch_behind"]);
});

test("a message of an epoch to come waits for the commit", async () => {
  const { ada, bob, cyn } = await trio();
  const { message } = commitAndDeliver(ada, [cyn]);
  const early = say(ada, "early");
  expect(codes(bob, [early, message, early])).toEqual(["epoch_ahead", "ok", "ok"]);
});

test("one's own message does not come in again", async () => {
  const { ada } = await trio();
  expect(codes(ada, [say(ada, "echo")])).toEqual(["own_message"]);
});

test("a past message is verified with the key that its sender had then", async () => {
  const { ada, bob, cyn } = await trio();
  const message = say(cyn, "before I go");
  commitAndDeliver(ada, [bob, cyn], { proposals: [{ kind: "remove", removed: cyn.state.ownLeafIndex }] });
  expect(codes(bob, [message])).toEqual(["ok"]);
});

test("a queue gives what its messages give one by one, commits and damaged ones among them", async () => {
  const { ada, bob, cyn } = await trio();
  const messages = [say(ada, "1"), say(cyn, "2"), say(ada, "3"), say(ada, "4")];
  const damaged = say(cyn, "5");
  damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
  messages.push(damaged, commitAndDeliver(ada, [cyn]).message, say(ada, "6"), say(cyn, "7"), Uint8Array.of(1, 2, 3));
  const [first, second, ...rest] = messages;
  const queue = [second, first, ...rest, first].flatMap((message) => (message === undefined ? [] : [message]));
  const provider = await testProvider();
  const verifier: SignatureVerifier = {
    verifyMany: (suiteId, items) =>
      Promise.resolve(items.map((item) => provider.suite(suiteId)?.verify(item.publicKey, item.message, item.signature) === true)),
  };
  const { state, outcomes } = await receiveQueue(bob.state, queue, { context: bob.client.context, verifier });
  expect(outcomes.map((outcome) => codeOf(outcome))).toEqual(codes(bob, queue));
  expect(state).toEqual(bob.state);
});

test("a sender's window is its own: others go on while one is far ahead", async () => {
  const { ada, bob, cyn } = await trio({ policy: { forwardGenerations: 1 } });
  const skipped = Array.from({ length: 3 }, (_, i) => say(ada, String(i)));
  expect(codes(bob, skipped.slice(2))).toEqual(["generation_too_far"]);
  deliver([ada, bob], say(cyn, "not my problem"));
  expect(codeOf(receiveMessage(bob.state, skipped[2] ?? new Uint8Array(0), under(bob, { forwardGenerations: 2 })))).toBe("ok");
});
