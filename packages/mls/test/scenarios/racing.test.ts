/** Several commits in one epoch, and what a commit takes along of what was proposed. */
import { expect, test } from "vitest";
import {
  adoptCommit,
  committableProposals,
  createCommit,
  createIdentity,
  createProposal,
  type Proposal,
  type ProposalRequest,
  receiveMessage,
} from "../../src/index.ts";
import { codeOf, commitAndDeliver, deliver, keyPackageOf, must, say, type Seat } from "../support/clients.ts";
import { accept, client, commit, epochOf, trio, under } from "./cast.ts";

function propose(seat: Seat, others: readonly Seat[], proposal: ProposalRequest): { message: Uint8Array; reference: Uint8Array } {
  const made = must(createProposal(seat.state, { proposal, wireFormat: "publicMessage" }, seat.client.context));
  seat.state = made.state;
  deliver(others, made.message);
  return made;
}

test("two commit at once: the loser drops its commit, and goes on from what it kept", async () => {
  const { ada, bob, cyn } = await trio();
  const lost = commit(ada);
  const won = commit(bob);
  accept(bob, won, [ada, cyn]);
  expect(epochOf(ada.state)).toBe(epochOf(cyn.state));
  expect(codeOf(receiveMessage(cyn.state, lost.message, cyn.client.context))).toBe("epoch_behind");
  commitAndDeliver(ada, [bob, cyn]);
  deliver([bob, cyn], say(ada, "I try again"));
});

test("the state from before a private commit is spent: it would encrypt with the same key again", async () => {
  const { ada, bob, cyn } = await trio();
  const before = ada.state;
  commit(ada);
  expect(ada.state).not.toBe(before);
  // The private commit that lost moved Ada's handshake ratchet, and the next one opens for all the same.
  const second = commit(ada);
  accept(ada, second, [bob, cyn]);
  expect(epochOf(bob.state)).toBe(epochOf(ada.state));
});

test("what was opened while a commit was on its way cannot be opened again after it", async () => {
  const { ada, bob, cyn } = await trio();
  const pending = commit(ada);
  const hello = say(bob, "hello");
  deliver([ada, cyn], hello);
  const { context } = ada.client;
  expect(codeOf(receiveMessage(pending.next, hello, context))).toBe("ok");
  ada.state = must(adoptCommit(ada.state, pending.next));
  expect(codeOf(receiveMessage(ada.state, hello, context))).toBe("replayed");
  deliver([bob, cyn], pending.message);
  expect(codeOf(adoptCommit(ada.state, pending.next))).toBe("usage");
});

test("a commit takes along everything that others proposed", async () => {
  const { ada, bob, cyn } = await trio();
  const dan = keyPackageOf(await client("dan"));
  const identity = must(createIdentity({ suiteId: cyn.client.suiteId, credential: cyn.client.identity.credential }, cyn.client.context));
  propose(bob, [ada, cyn], { kind: "add", keyPackage: dan.keyPackage });
  propose(cyn, [ada, bob], { kind: "update", leaf: { identity } });
  expect(committableProposals(ada.state)).toHaveLength(2);
  const result = commit(ada);
  expect(result.leftOut).toEqual([]);
  accept(ada, result, [bob, cyn]);
  expect(cyn.state.signaturePrivateKey).toEqual(identity.signatureKeys.privateKey);
  deliver([ada, bob], say(cyn, "signed with my new key"));
});

test("a proposal by value comes before one about the same member or the same thing", async () => {
  const { ada, bob, cyn } = await trio();
  propose(cyn, [ada, bob], { kind: "update" });
  propose(bob, [ada, cyn], { kind: "groupContextExtensions", extensions: [] });
  const proposals: Proposal[] = [
    { kind: "remove", removed: cyn.state.ownLeafIndex },
    { kind: "groupContextExtensions", extensions: [] },
  ];
  expect(committableProposals(ada.state, proposals)).toEqual([]);
  const result = commit(ada, { proposals });
  expect(result.leftOut).toHaveLength(2);
  accept(ada, result, [bob, cyn]);
  expect(cyn.state.status).toBe("removed");
});

test("a proposal that is sent again counts once", async () => {
  const { ada, bob, cyn } = await trio();
  const psk = { kind: "external" as const, id: Uint8Array.of(1), nonce: new Uint8Array(32) };
  const policy = { psk: () => Uint8Array.of(7) };
  const made = must(createProposal(bob.state, { proposal: { kind: "psk", psk }, wireFormat: "publicMessage" }, bob.client.context));
  deliver([ada, cyn, ada, cyn], made.message);
  expect(ada.state.proposals).toHaveLength(1);
  const result = must(createCommit(ada.state, {}, under(ada, policy)));
  expect(codeOf(receiveMessage(cyn.state, result.message, under(cyn, policy)))).toBe("ok");
});

test("a proposal that fits into no commit stops nobody's commit", async () => {
  const { ada, bob, cyn } = await trio();
  const psk = { kind: "external" as const, id: Uint8Array.of(1), nonce: new Uint8Array(32) };
  const unknown = propose(bob, [ada, cyn], { kind: "psk", psk });
  const result = commit(ada);
  expect(result.leftOut).toEqual([unknown.reference]);
  accept(ada, result, [bob, cyn]);
  expect(epochOf(ada.state)).toBe(epochOf(cyn.state));
});

test("a member chooses by reference, and is told what it cannot choose", async () => {
  const { ada, bob, cyn } = await trio();
  const own = propose(ada, [bob, cyn], { kind: "update" });
  const bobs = propose(bob, [ada, cyn], { kind: "update" });
  const { context } = ada.client;
  expect(codeOf(createCommit(ada.state, { references: [own.reference] }, context))).toBe("invalid_proposal_list");
  expect(codeOf(createCommit(ada.state, { references: [Uint8Array.of(1)] }, context))).toBe("unknown_proposal");
  const result = commit(ada, { references: [bobs.reference] });
  expect(result.leftOut).toEqual([own.reference]);
  accept(ada, result, [bob, cyn]);
});

test("a commit by reference that refers to a proposal nobody sent here waits for it", async () => {
  const { ada, bob, cyn } = await trio();
  const proposal = must(createProposal(bob.state, { proposal: { kind: "update" } }, bob.client.context));
  bob.state = proposal.state;
  deliver([ada], proposal.message);
  const result = commit(ada);
  expect(codeOf(receiveMessage(cyn.state, result.message, cyn.client.context))).toBe("unknown_proposal");
  deliver([cyn], proposal.message);
  accept(ada, result, [bob, cyn]);
  expect(epochOf(cyn.state)).toBe(epochOf(bob.state));
});

test("a group with roles refuses what the application refuses, from whoever commits it", async () => {
  const { ada, bob, cyn } = await trio();
  const onlyAda = {
    allowProposal: (proposal: Proposal, origin: { readonly committer: number | "joiner" | undefined }): boolean =>
      proposal.kind !== "remove" || origin.committer === undefined || origin.committer === ada.state.ownLeafIndex,
  };
  const proposals: Proposal[] = [{ kind: "remove", removed: cyn.state.ownLeafIndex }];
  expect(codeOf(createCommit(bob.state, { proposals }, under(bob, onlyAda)))).toBe("invalid_proposal");
  const rude = must(createCommit(bob.state, { proposals }, bob.client.context));
  expect(codeOf(receiveMessage(ada.state, rude.message, under(ada, onlyAda)))).toBe("invalid_proposal");
  const allowed = must(createCommit(ada.state, { proposals }, under(ada, onlyAda)));
  expect(codeOf(receiveMessage(bob.state, allowed.message, under(bob, onlyAda)))).toBe("ok");
});

test("a custom proposal reaches the application of everybody who supports it", async () => {
  const capabilities = { proposals: [0x000a, 0xf123] };
  const { ada, bob, cyn } = await trio();
  const custom: Proposal = { kind: "custom", type: 0xf123, data: Uint8Array.of(1, 2, 3) };
  expect(codeOf(createCommit(ada.state, { proposals: [custom] }, ada.client.context))).toBe("unsupported_capability");
  for (const seat of [ada, bob, cyn]) {
    const leaf = seat.state.tree.leaf(seat.state.ownLeafIndex);
    if (leaf === undefined) throw new Error("a member has a leaf");
    const others = [ada, bob, cyn].filter((other) => other !== seat);
    commitAndDeliver(seat, others, { leaf: { capabilities: { ...leaf.capabilities, ...capabilities } } });
  }
  const result = commit(ada, { proposals: [custom] });
  const [seen] = deliver([bob, cyn], result.message);
  expect(seen?.kind === "commit" && seen.change.proposals.map(({ proposal }) => proposal)).toEqual([custom]);
});
