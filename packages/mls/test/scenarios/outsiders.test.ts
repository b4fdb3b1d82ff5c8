/** Senders who are not members and may propose all the same. */
import { expect, test } from "vitest";
import { createCommit, createExternalProposal, externalSendersExtension, type Proposal, receiveMessage } from "../../src/index.ts";
import { codeOf, commitAndDeliver, deliver, keyPackageOf, must } from "../support/clients.ts";
import { accept, client, commit, join, trio } from "./cast.ts";

async function withOffice() {
  const office = await client("office");
  const { credential, signatureKeys } = office.identity;
  const group = { groupExtensions: [externalSendersExtension([{ credential, signatureKey: signatureKeys.publicKey }])] };
  const seats = await trio({ group });
  const propose = (proposal: Proposal): Uint8Array => {
    const options = { group: seats.ada.state.context, proposal, signatureKeys };
    return must(createExternalProposal(options, office.context));
  };
  return { ...seats, office, propose };
}

test("an office that the group lists proposes who comes and who goes, and a member commits it", async () => {
  const { ada, bob, cyn, propose } = await withOffice();
  const dan = await client("dan");
  const own = keyPackageOf(dan);
  deliver([ada, bob, cyn], propose({ kind: "add", keyPackage: own.keyPackage }));
  const [seen] = deliver([ada, bob, cyn], propose({ kind: "remove", removed: cyn.state.ownLeafIndex }));
  expect(seen?.kind === "proposal" && seen.sender).toEqual({ kind: "external", senderIndex: 0 });
  const result = commit(bob);
  accept(bob, result, [ada, cyn]);
  expect(cyn.state.status).toBe("removed");
  expect(join(dan, { welcome: result.welcome, keyPackages: [own] }).state.ownLeafIndex).toBe(2);
});

test("an office that the group does not list is not heard", async () => {
  const { ada, bob, office, propose } = await withOffice();
  const eve = await client("eve");
  const proposal: Proposal = { kind: "remove", removed: 1 };
  const options = { group: ada.state.context, proposal, signatureKeys: eve.identity.signatureKeys };
  expect(codeOf(createExternalProposal(options, eve.context))).toBe("usage");
  const { context } = (await trio()).bob.state;
  expect(codeOf(createExternalProposal({ ...options, group: context, signatureKeys: office.identity.signatureKeys }, office.context))).toBe(
    "usage",
  );
  const message = propose(proposal);
  message[message.length - 1] = (message.at(-1) ?? 0) ^ 1;
  expect(codeOf(receiveMessage(bob.state, message, bob.client.context))).toBe("invalid_signature");
});

test("an office cannot update or leave for somebody", async () => {
  const { ada, office } = await withOffice();
  const options = { group: ada.state.context, signatureKeys: office.identity.signatureKeys };
  expect(codeOf(createExternalProposal({ ...options, proposal: { kind: "selfRemove" } }, office.context))).toBe("invalid_proposal");
});

test("an office that the group no longer lists is not heard any more", async () => {
  const { ada, bob, cyn, propose } = await withOffice();
  commitAndDeliver(ada, [bob, cyn], { proposals: [{ kind: "groupContextExtensions", extensions: [] }] });
  const old = await withOffice();
  expect(codeOf(receiveMessage(bob.state, old.propose({ kind: "remove", removed: 1 }), bob.client.context))).toBe("epoch_behind");
  expect(() => propose({ kind: "remove", removed: 1 })).toThrow("usage");
});

test("extensions that a member does not support come into no group", async () => {
  const { ada } = await trio();
  const proposals = [{ kind: "groupContextExtensions" as const, extensions: [{ type: 0xff33, data: new Uint8Array(1) }] }];
  expect(codeOf(createCommit(ada.state, { proposals }, ada.client.context))).toBe("unsupported_capability");
});
