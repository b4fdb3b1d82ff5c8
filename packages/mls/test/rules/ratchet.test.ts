/** RFC 9420 §9.1, §9.2, §15: message keys are used once, and nobody makes a receiver derive too many. */
import { describe, expect, test } from "vitest";
import { receiveMessage } from "../../src/index.ts";
import { must, say, text } from "../support/clients.ts";
import { accepted, cast, forger, stranger, verdict } from "./cast.ts";
import { forgeApplication, forgeProposal } from "./forge.ts";
import { forgeCommit } from "./forge-commit.ts";

describe("§9.2 a message key", () => {
  test("opens one message", async () => {
    const { ada, bob } = await cast();
    const message = say(ada, "once");
    bob.state = accepted(bob, message);
    expect(verdict(bob, message)).toBe("replayed");
  });
  test("that was skipped opens a late message once", async () => {
    const { ada, bob } = await cast();
    const messages = ["one", "two", "three"].map((word) => say(ada, word));
    bob.state = accepted(bob, messages[2] ?? text(""));
    expect(verdict(bob, messages[2] ?? text(""))).toBe("replayed");
    bob.state = accepted(bob, messages[0] ?? text(""));
    expect(verdict(bob, messages[0] ?? text(""))).toBe("replayed");
    expect(verdict(bob, messages[1] ?? text(""))).toBe("ok");
  });
  test("stays when the message is not good", async () => {
    const { ada, bob } = await cast();
    const before = bob.state;
    expect(verdict(bob, forgeApplication(forger(ada), text("x"), { signature: (signature) => signature.map((byte) => byte ^ 1) }))).toBe(
      "invalid_signature",
    );
    expect(bob.state).toBe(before);
    expect(verdict(bob, forgeApplication(forger(ada), text("x")))).toBe("ok");
  });
  test("of the two ratchets is not mixed up", async () => {
    const { ada, bob } = await cast();
    bob.state = accepted(bob, say(ada, "application"));
    expect(verdict(bob, forgeProposal(forger(ada), { kind: "remove", removed: 2 }, { wireFormat: "privateMessage" }).message)).toBe("ok");
  });
});

describe("§15.3 generations", () => {
  test("are not skipped beyond the limit", async () => {
    const { ada, bob } = await cast();
    for (const generation of [5_000, 0x7fffffff, 0xffffffff]) {
      expect(verdict(bob, forgeApplication(forger(ada), text("x"), { senderData: (data) => ({ ...data, generation }) }))).toBe(
        "generation_too_far",
      );
    }
  });
  test("are held to the policy", async () => {
    const { ada, bob } = await cast();
    const messages = Array.from({ length: 12 }, (_, i) => say(ada, `${i}`));
    const last = messages[11] ?? text("");
    expect(verdict(bob, last, { forwardGenerations: 10 })).toBe("generation_too_far");
    expect(verdict(bob, last, { forwardGenerations: 11 })).toBe("ok");
    const policy = { ...bob.client.context.policy, skippedKeys: 2 };
    const received = must(receiveMessage(bob.state, last, { ...bob.client.context, policy }));
    const then = { ...bob, state: received.state };
    expect([8, 9, 10].map((i) => verdict(then, messages[i] ?? text("")))).toEqual(["replayed", "ok", "ok"]);
  });
});

describe("§15.3 past epochs", () => {
  test("open application messages while they are kept, and nothing else", async () => {
    const { crypto, ada, bob, cyn } = await cast({ policy: { pastEpochs: 1 } });
    const late = say(ada, "late");
    bob.state = accepted(bob, forgeCommit(forger(cyn)));
    expect(verdict(bob, late)).toBe("ok");
    const old = forger(ada);
    expect(verdict(bob, forgeProposal(old, { kind: "remove", removed: 2 }, { wireFormat: "privateMessage" }).message)).toBe("epoch_behind");
    const then = { ...bob, state: accepted(bob, late) };
    expect(verdict(then, late)).toBe("replayed");
    bob.state = accepted(bob, forgeCommit({ state: bob.state, context: bob.client.context, joiner: stranger(crypto).identity }));
    expect(verdict(bob, late)).toBe("epoch_behind");
  });
});
