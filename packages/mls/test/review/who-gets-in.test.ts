/** Who is let in, and by whose word: credentials, strangers, external commits. */
import { describe, expect, test } from "vitest";
import {
  createCommit,
  createExternalCommit,
  createJoinProposal,
  createProposal,
  type CredentialCheck,
  exportGroupInfo,
  members,
  type MlsContext,
  type ProposalOrigin,
  receiveMessage,
} from "../../src/index.ts";
import { type Client, codeOf, keyPackageOf, must, type Seat, text } from "../support/clients.ts";
import { byValue } from "../rules/forge.ts";
import { forgeCommit } from "../rules/forge-commit.ts";
import { cast, hand, joiner, stranger, under, verdict } from "../rules/cast.ts";

const nameOf = ({ credential }: Pick<CredentialCheck, "credential">): string =>
  credential.kind === "basic" ? new TextDecoder().decode(credential.identity) : "";

/** A context that writes down what it is asked. */
function recording(seat: Seat): { readonly context: MlsContext; readonly seen: CredentialCheck[] } {
  const seen: CredentialCheck[] = [];
  const authenticate = (request: CredentialCheck) => {
    seen.push(request);
    return "accept" as const;
  };
  return { context: under(seat.client, { authenticate }), seen };
}

/** An Add that its own owner sends. */
function knock(seat: Seat, eve: Client): Uint8Array {
  const { keyPackage, secrets } = keyPackageOf(eve);
  const { signaturePrivateKey } = secrets;
  return must(createJoinProposal({ group: seat.state.context, keyPackage, signaturePrivateKey }, eve.context));
}

describe("a credential", () => {
  test("is accepted by the word accept alone: no promise, no missing answer, no missing function", async () => {
    const { ada, bob } = await cast();
    const { message } = must(createCommit(bob.state, {}, bob.client.context));
    for (const answer of [undefined, true, Promise.resolve("accept"), "yes"]) {
      expect(verdict(ada, message, { authenticate: (() => answer) as never })).toBe("credential_rejected");
    }
    const { crypto, random, now } = ada.client.context;
    expect(codeOf(receiveMessage(ada.state, message, { crypto, random, now }))).toBe("credential_rejected");
    expect(verdict(ada, message, { authenticate: () => "accept" })).toBe("ok");
  });

  test("of an external joiner replaces the member that it removes, and nobody who leaves at the same time", async () => {
    const { crypto, ada, bob, cyn } = await cast();
    const leaving = must(createProposal(cyn.state, { proposal: { kind: "selfRemove" } }, cyn.client.context)).message;
    for (const seat of [ada, bob]) hand(seat, leaving);
    const again = stranger(crypto, "cyn again");
    const { identity } = { identity: { ...again.identity, credential: cyn.client.identity.credential } };
    const groupInfo = must(exportGroupInfo(ada.state, {}, ada.client.context));
    for (const [resync, replaced] of [
      [{ resync: 1 }, "bob"],
      [{}, undefined],
    ] as const) {
      const options = { identity, groupInfo, selfRemoves: [leaving], ...resync };
      const { message } = must(createExternalCommit(options, again.context));
      const { context, seen } = recording(ada);
      expect(codeOf(receiveMessage(ada.state, message, context))).toBe("ok");
      const asked = seen.filter(({ purpose }) => purpose === "joiner");
      expect(asked.map((request) => [nameOf(request), request.replaces && nameOf({ credential: request.replaces })])).toEqual([
        ["cyn", replaced],
      ]);
    }
  });
});

describe("a stranger who adds himself", () => {
  test("is asked about as one, is not in the default commit, and gets in by a commit that names him", async () => {
    const { crypto, ada, bob } = await cast();
    const eve = stranger(crypto);
    const { context, seen } = recording(ada);
    const received = must(receiveMessage(ada.state, knock(ada, eve), context));
    expect(seen.map(({ purpose }) => purpose)).toEqual(["newMember"]);
    if (received.kind !== "proposal") throw new Error("a proposal");
    const { reference } = received;
    const plain = must(createCommit(received.state, {}, ada.client.context));
    expect(members(plain.next)).toHaveLength(3);
    expect(plain.welcome).toBeUndefined();
    expect(plain.leftOut).toEqual([reference]);
    expect(members(must(createCommit(received.state, { references: [reference] }, ada.client.context)).next)).toHaveLength(4);
    expect(verdict(bob, plain.message)).toBe("ok");
  });

  test("can be told by the policy from one whom a member adds", async () => {
    const { crypto, ada } = await cast();
    const origins: ProposalOrigin[] = [];
    const allowProposal = (_: unknown, origin: ProposalOrigin): boolean => {
      origins.push(origin);
      return origin.sender.kind === "member";
    };
    expect(verdict(ada, knock(ada, stranger(crypto)), { allowProposal })).toBe("invalid_proposal");
    const options = { proposals: [{ kind: "add" as const, keyPackage: keyPackageOf(stranger(crypto, "fay")).keyPackage }] };
    expect(codeOf(createCommit(ada.state, options, under(ada.client, { allowProposal })))).toBe("ok");
    expect(origins.map(({ sender, committer, byReference }) => [sender.kind, committer, byReference])).toEqual([
      ["newMemberProposal", undefined, false],
      ["member", 0, false],
    ]);
  });
});

test("one who comes back brings a new encryption key", async () => {
  const { crypto, ada, bob, cyn } = await cast();
  const by = joiner(bob, { ...stranger(crypto), identity: cyn.client.identity });
  const list = byValue(by, { kind: "remove", removed: 2 });
  const old = members(ada.state)[2]?.leaf.encryptionKey ?? text("");
  expect(verdict(ada, forgeCommit(by, { list }))).toBe("ok");
  expect(verdict(ada, forgeCommit(by, { list, leaf: (leaf) => ({ ...leaf, encryptionKey: old }) }))).toBe("invalid_leaf");
});
