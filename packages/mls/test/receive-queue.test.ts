/** Opening a queue gives what opening its messages one by one gives, whatever is in it and however slowly the verifier answers. */
import { beforeAll, describe, expect, test } from "vitest";
import {
  createCommit,
  createProposal,
  type CryptoProvider,
  encodeState,
  type GroupState,
  type MlsContext,
  type Outcome,
  type Received,
  receiveMessage,
  receiveQueue,
  sealMessage,
  SUITE,
  type SignatureVerifier,
} from "../src/index.ts";
import { createClient, must, say, type Seat, seatAll, text } from "./support/clients.ts";
import { testProvider } from "./support/provider.ts";

const suiteId = SUITE.x25519Aes128;

let provider: CryptoProvider;
beforeAll(async () => {
  provider = await testProvider();
});

/** Answers in the order of the calls or against it, after a while. */
function slowVerifier(delayMs: (call: number) => number = () => 0): SignatureVerifier & { readonly sizes: readonly number[] } {
  const sizes: number[] = [];
  return {
    sizes,
    verifyMany: async (suite, items) => {
      const delay = delayMs(sizes.push(items.length));
      const verdicts = items.map((item) => provider.suite(suite)?.verify(item.publicKey, item.message, item.signature) ?? false);
      await new Promise((resolve) => setTimeout(resolve, delay));
      return verdicts;
    },
  };
}

/** A provider that signs wrongly. */
function forger(): CryptoProvider {
  return {
    name: "forger",
    suite: (id) => {
      const suite = provider.suite(id);
      return suite && { ...suite, sign: (key, message) => suite.sign(key, message).map((byte, i) => (i === 40 ? byte ^ 1 : byte)) };
    },
  };
}

function seats(): readonly [ada: Seat, bob: Seat, cyn: Seat] {
  const [ada, bob, cyn] = seatAll(["ada", "bob", "cyn"].map((who) => createClient(provider, who, { suiteId })));
  if (ada === undefined || bob === undefined || cyn === undefined) throw new Error("three seats");
  return [ada, bob, cyn];
}

/** A message whose ratchet and ciphertext are right and whose signature is not. */
function forge(seat: Seat): Uint8Array {
  const context: MlsContext = { ...seat.client.context, crypto: forger() };
  return must(sealMessage(seat.state, { data: text("forged") }, context)).message;
}

function commit(seat: Seat, others: readonly Seat[]): Uint8Array {
  const result = must(createCommit(seat.state, {}, seat.client.context));
  seat.state = result.next;
  for (const other of others) other.state = must(receiveMessage(other.state, result.message, other.client.context)).state;
  return result.message;
}

function inSequence(state: GroupState, messages: readonly Uint8Array[], context: MlsContext) {
  let at = state;
  const outcomes = messages.map((message) => {
    const outcome = receiveMessage(at, message, context);
    if (outcome.ok) at = outcome.value.state;
    return outcome;
  });
  return { state: at, outcomes };
}

const codes = (outcomes: readonly Outcome<Received>[]): readonly string[] =>
  outcomes.map((outcome) => (outcome.ok ? outcome.value.kind : outcome.code));

/** States are compared by their snapshots. */
async function expectSame(state: GroupState, messages: readonly Uint8Array[], on: { context: MlsContext; verifier: SignatureVerifier }) {
  const expected = inSequence(state, messages, on.context);
  const queue = await receiveQueue(state, messages, on);
  expect(codes(queue.outcomes)).toEqual(codes(expected.outcomes));
  expect(encodeState(queue.state)).toEqual(encodeState(expected.state));
  const stripped = (outcomes: readonly Outcome<Received>[]) =>
    outcomes.map((outcome) => (outcome.ok ? { ...outcome.value, state: undefined, change: undefined } : outcome));
  expect(stripped(queue.outcomes)).toEqual(stripped(expected.outcomes));
  const some = (outcomes: readonly Outcome<Received>[]) =>
    outcomes.map((outcome, i) => (i % 37 === 0 && outcome.ok ? encodeState(outcome.value.state) : undefined));
  expect(some(queue.outcomes)).toEqual(some(expected.outcomes));
  return codes(queue.outcomes);
}

const many = (seat: Seat, count: number): Uint8Array[] => Array.from({ length: count }, (_, i) => say(seat, `message ${i}`));

describe("a queue", () => {
  test("of nothing changes nothing", async () => {
    const [ada] = seats();
    const result = await receiveQueue(ada.state, [], { context: ada.client.context, verifier: slowVerifier() });
    expect(result).toEqual({ state: ada.state, outcomes: [] });
  });

  test("of messages from two senders, mixed, out of order, twice and damaged", async () => {
    const [ada, bob, cyn] = seats();
    const [fromBob, fromCyn] = [many(bob, 300), many(cyn, 300)];
    const messages = fromBob.flatMap((message, i) => [message, fromCyn[i] ?? message]);
    messages.splice(200, 0, ...messages.splice(230, 10));
    messages.splice(310, 0, messages[5] ?? text(""), text("noise"), (messages[7] ?? text("")).slice(0, -1), text(""));
    const outcome = await expectSame(ada.state, messages, { context: ada.client.context, verifier: slowVerifier(() => 2) });
    expect(outcome.filter((code) => code === "application")).toHaveLength(600);
    expect(outcome.slice(310, 314)).toEqual(["replayed", "unsupported_version", "decode_truncated", "decode_truncated"]);
  });

  test("with forged signatures in the middle, at an end and in the run that was decrypted ahead", async () => {
    const [ada, bob, cyn] = seats();
    for (const places of [[0], [255, 256], [10, 400, 599]]) {
      const messages: Uint8Array[] = [];
      for (let i = 0; i < 600; i++) {
        // The genuine message of the same generation follows, and must still open.
        if (places.includes(i)) messages.push(forge(bob));
        messages.push(say(i % 3 === 0 ? cyn : bob, `message ${i}`));
      }
      const outcome = await expectSame(ada.state, messages, { context: ada.client.context, verifier: slowVerifier() });
      expect(outcome.filter((code) => code === "invalid_signature")).toHaveLength(places.length);
      expect(outcome.filter((code) => code === "application")).toHaveLength(600);
      ada.state = inSequence(ada.state, messages, ada.client.context).state;
    }
  });

  test("with handshakes in between, and forged ones, and late messages of the epoch before", async () => {
    const [ada, bob, cyn] = seats();
    const messages = many(bob, 20);
    const late = many(cyn, 3);
    messages.push(commit(bob, [cyn]), ...many(bob, 40), ...late, ...many(cyn, 5), forge(cyn), ...many(bob, 5));
    const proposed = must(createProposal(cyn.state, { proposal: { kind: "update" } }, cyn.client.context));
    cyn.state = proposed.state;
    bob.state = must(receiveMessage(bob.state, proposed.message, bob.client.context)).state;
    messages.push(proposed.message, commit(bob, [cyn]), commit(cyn, [bob]), forge(bob), forge(bob), ...many(bob, 2));
    const forged = must(createCommit(bob.state, {}, { ...bob.client.context, crypto: forger() }));
    messages.push(forged.message, ...many(bob, 300), commit(cyn, [bob]));
    const outcome = await expectSame(ada.state, messages, {
      context: ada.client.context,
      verifier: slowVerifier((call) => 5 - (call % 5)),
    });
    expect(outcome.filter((code) => code === "invalid_signature")).toHaveLength(4);
    expect(outcome.filter((code) => code === "commit")).toHaveLength(4);
    expect(outcome.filter((code) => code === "application")).toHaveLength(375);
  });
});

describe("a verifier", () => {
  test("gets the next run before it has answered the last", async () => {
    const [ada, bob] = seats();
    const messages = many(bob, 1000);
    const events: string[] = [];
    const plain = slowVerifier(() => 1);
    const verifier: SignatureVerifier = {
      verifyMany: async (suite, items) => {
        events.push("asked");
        const verdicts = await plain.verifyMany(suite, items);
        events.push("answered");
        return verdicts;
      },
    };
    await expectSame(ada.state, messages, { context: ada.client.context, verifier });
    expect(events.slice(0, 3)).toEqual(["asked", "asked", "answered"]);
    expect(plain.sizes.reduce((sum, size) => sum + size, 0)).toBe(1000);
  });

  test("that leaves out an answer or says no to all is not believed", async () => {
    const [ada, bob] = seats();
    const messages = [...many(bob, 300), forge(bob), ...many(bob, 10)];
    for (const verdicts of [[], [true], Array.from({ length: 9 }, () => false)]) {
      const verifier: SignatureVerifier = { verifyMany: async () => Promise.resolve(verdicts) };
      const outcome = await expectSame(ada.state, messages, { context: ada.client.context, verifier });
      expect(outcome.filter((code) => code === "application")).toHaveLength(310);
    }
  });

  test("that fails makes the whole call fail", async () => {
    const [ada, bob] = seats();
    const verifier: SignatureVerifier = { verifyMany: async () => Promise.reject(new Error("closed")) };
    await expect(receiveQueue(ada.state, many(bob, 600), { context: ada.client.context, verifier })).rejects.toThrow("closed");
  });
});
