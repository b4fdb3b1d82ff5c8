/** RFC 9420 §12.4, §12.4.2: the commit around list and path. */
import { describe, expect, test } from "vitest";
import { createCommit, type Proposal, receiveMessage, sealMessage } from "../../src/index.ts";
import { fingerprint } from "../fuzz/fingerprint.ts";
import { codeOf, must, text } from "../support/clients.ts";
import { accepted, cast, forger, hand, stranger, verdict } from "./cast.ts";
import { byValue, forgeApplication, forgeProposal } from "./forge.ts";
import { forgeCommit, forgeUpdate } from "./forge-commit.ts";
import { forgeAdd } from "./forge-key-package.ts";

const PSK: Proposal = { kind: "psk", psk: { kind: "external", id: text("p"), nonce: new Uint8Array(32) } };
const CUSTOM: Proposal = { kind: "custom", type: 0xff01, data: text("x") };

describe("§12.4 the path", () => {
  test("is there when the list is empty", async () => {
    const { ada, bob } = await cast();
    expect(verdict(bob, forgeCommit(forger(ada)))).toBe("ok");
    expect(verdict(bob, forgeCommit(forger(ada), { pathless: true }))).toBe("path_required");
    expect(verdict(bob, forgeCommit(forger(ada), { pathless: true, wireFormat: "privateMessage" }))).toBe("path_required");
  });
  test("is there with Update, Remove, GroupContextExtensions and SelfRemove", async () => {
    const { ada, bob, cyn } = await cast();
    const by = forger(ada);
    const values: Proposal[] = [
      { kind: "remove", removed: 2 },
      { kind: "groupContextExtensions", extensions: [] },
    ];
    for (const proposal of values)
      expect(verdict(bob, forgeCommit(by, { list: byValue(by, proposal), pathless: true }))).toBe("path_required");
    for (const proposal of [forgeUpdate(forger(cyn)), { kind: "selfRemove" as const }]) {
      const sent = forgeProposal(forger(cyn), proposal);
      hand(bob, sent.message);
      expect(verdict(bob, forgeCommit(by, { list: [sent.listed], pathless: true }))).toBe("path_required");
      expect(verdict(bob, forgeCommit(by, { list: [sent.listed] }))).toBe("ok");
    }
  });
  test("is there with a custom type, unless the application says that the type needs none", async () => {
    const { ada, bob, cyn } = await cast();
    for (const seat of [ada, bob, cyn]) {
      const { versions, suites, extensions, credentials } = { versions: [1], suites: [1], extensions: [6], credentials: [1] };
      const leaf = { capabilities: { versions, suites, extensions, credentials, proposals: [10, 0xff01] } };
      const made = must(createCommit(seat.state, { leaf }, seat.client.context));
      seat.state = made.next;
      for (const other of [ada, bob, cyn]) if (other !== seat) other.state = accepted(other, made.message);
    }
    const by = forger(ada);
    const message = forgeCommit(by, { list: byValue(by, CUSTOM), pathless: true });
    expect(verdict(bob, message)).toBe("path_required");
    expect(verdict(bob, message, { pathlessProposalTypes: [0xff01] })).toBe("ok");
  });
  test("may be left out with Add, PreSharedKey and ReInit", async () => {
    const { crypto, ada, bob } = await cast({ policy: { psk: () => new Uint8Array(32) } });
    const by = forger(ada);
    const reinit: Proposal = { kind: "reinit", groupId: text("next"), version: 1, suiteId: 1, extensions: [] };
    for (const proposal of [forgeAdd(stranger(crypto)), PSK, reinit]) {
      expect(verdict(bob, forgeCommit(by, { list: byValue(by, proposal), pathless: true }))).toBe("ok");
    }
  });
});

describe("§12.4.2 after the commit", () => {
  test("a removed member takes nothing more", async () => {
    const { ada, bob, cyn } = await cast();
    const by = forger(ada);
    const received = must(
      receiveMessage(cyn.state, forgeCommit(by, { list: byValue(by, { kind: "remove", removed: 2 }) }), cyn.client.context),
    );
    expect(received.state.status).toBe("removed");
    const gone = { ...cyn, state: received.state };
    expect(codeOf(sealMessage(gone.state, { data: text("x") }, cyn.client.context))).toBe("group_inactive");
    expect(verdict(gone, forgeApplication(forger(bob), text("late")))).toBe("ok");
    expect(["invalid_membership_tag", "group_inactive"]).toContain(verdict(gone, forgeCommit(forger(bob))));
    expect(verdict(gone, forgeCommit(forger(bob), { wireFormat: "privateMessage" }))).toBe("group_inactive");
  });
  test("a closed group sends nothing more", async () => {
    const { ada, bob } = await cast();
    const by = forger(ada);
    const reinit: Proposal = { kind: "reinit", groupId: text("next"), version: 1, suiteId: 1, extensions: [] };
    const state = accepted(bob, forgeCommit(by, { list: byValue(by, reinit) }));
    expect(state.status).toBe("closed");
    expect(codeOf(sealMessage(state, { data: text("x") }, bob.client.context))).toBe("group_inactive");
    expect(codeOf(createCommit(state, {}, bob.client.context))).toBe("group_inactive");
  });
  test("application data waits for a commit over the proposals of others", async () => {
    const { ada, bob } = await cast();
    hand(bob, forgeProposal(forger(ada), { kind: "remove", removed: 2 }).message);
    expect(codeOf(sealMessage(bob.state, { data: text("x") }, bob.client.context))).toBe("proposals_pending");
  });
  test("a commit of this member's own is not taken from outside", async () => {
    const { bob } = await cast();
    expect(verdict(bob, forgeCommit(forger(bob)))).toBe("own_message");
    expect(verdict(bob, forgeCommit(forger(bob), { wireFormat: "privateMessage" }))).toBe("own_message");
  });
});

describe("§14 making a commit", () => {
  test("changes nothing in the state it starts from", async () => {
    const { crypto, ada } = await cast();
    const before = fingerprint(ada.state);
    const proposals = [forgeAdd(stranger(crypto))];
    const made = must(createCommit(ada.state, { proposals }, ada.client.context));
    expect(fingerprint(ada.state)).toBe(before);
    expect(made.current.context).toBe(ada.state.context);
    expect(made.next.context.epoch).toBe(ada.state.context.epoch + 1n);
  });
});

describe("the application's rules", () => {
  test("refuse a proposal alone, in a commit, and in a commit of this client", async () => {
    const { crypto, ada, bob } = await cast();
    const by = forger(ada);
    const add = forgeAdd(stranger(crypto));
    const policy = { allowProposal: (proposal: Proposal) => proposal.kind !== "add" };
    expect(verdict(bob, forgeProposal(by, add).message, policy)).toBe("invalid_proposal");
    expect(verdict(bob, forgeCommit(by, { list: byValue(by, add) }), policy)).toBe("invalid_proposal");
    const context = { ...ada.client.context, policy: { ...ada.client.context.policy, ...policy } };
    expect(codeOf(createCommit(ada.state, { proposals: [add] }, context))).toBe("invalid_proposal");
  });
});
