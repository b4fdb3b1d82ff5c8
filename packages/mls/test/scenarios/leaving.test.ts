/** Ways out of a group, and what one who is out still sees. */
import { expect, test } from "vitest";
import {
  canSelfRemove,
  createCommit,
  createExternalCommit,
  createProposal,
  defaultCapabilities,
  exportGroupInfo,
  exportSecret,
  members,
  receiveMessage,
  sealMessage,
} from "../../src/index.ts";
import { codeOf, commitAndDeliver, deliver, keyPackageOf, must, say, type Seat, text } from "../support/clients.ts";
import { accept, client, commit, epochOf, join, trio } from "./cast.ts";

/** A SelfRemove of one seat, as its message. */
function leave(seat: Seat, others: readonly Seat[]): Uint8Array {
  const made = must(createProposal(seat.state, { proposal: { kind: "selfRemove" } }, seat.client.context));
  seat.state = made.state;
  deliver(others, made.message);
  return made.message;
}

test("a member leaves, and another member's commit lets it go", async () => {
  const { ada, bob, cyn } = await trio();
  leave(cyn, [ada, bob]);
  commitAndDeliver(bob, [ada, cyn]);
  expect(cyn.state.status).toBe("removed");
  expect(members(ada.state)).toHaveLength(2);
  deliver([bob], say(ada, "she is gone"));
});

test("a member leaves, and a stranger's external commit lets it go", async () => {
  const { ada, bob, cyn } = await trio();
  const goodbye = leave(cyn, [ada, bob]);
  const dan = await client("dan");
  const groupInfo = must(exportGroupInfo(ada.state, {}, ada.client.context));
  const options = { groupInfo, identity: dan.identity, selfRemoves: [goodbye] };
  const { next, message } = must(createExternalCommit(options, dan.context));
  deliver([ada, bob, cyn], message);
  expect(cyn.state.status).toBe("removed");
  expect(next.ownLeafIndex).toBe(2);
  expect(epochOf(next)).toBe(epochOf(bob.state));
});

test("nobody commits its own leaving", async () => {
  const { ada, bob, cyn } = await trio();
  leave(cyn, [ada, bob]);
  const own = must(createCommit(cyn.state, {}, cyn.client.context));
  deliver([ada], own.message);
  expect(members(ada.state)).toHaveLength(3);
});

test("nobody can leave by itself where a member does not know how", async () => {
  const { ada, bob, cyn } = await trio();
  expect(canSelfRemove(ada.state)).toBe(true);
  const old = await client("old");
  const { extensions, credentials } = defaultCapabilities(old.suiteId, old.identity.credential);
  const own = keyPackageOf(old, { capabilities: { extensions, credentials, proposals: [] } });
  const result = commitAndDeliver(ada, [bob, cyn], { proposals: [{ kind: "add", keyPackage: own.keyPackage }] });
  join(old, { welcome: result.welcome, keyPackages: [own] });
  expect(canSelfRemove(ada.state)).toBe(false);
});

test("one who was removed opens late messages of its time and nothing else", async () => {
  const { ada, bob, cyn } = await trio();
  const late = say(ada, "before");
  commitAndDeliver(bob, [ada, cyn], { proposals: [{ kind: "remove", removed: cyn.state.ownLeafIndex }] });
  const after = say(ada, "after");
  const { state } = cyn;
  const { context } = cyn.client;
  expect(codeOf(receiveMessage(state, late, context))).toBe("ok");
  expect(codeOf(receiveMessage(state, after, context))).toBe("epoch_ahead");
  expect(codeOf(sealMessage(state, { data: text("hello?") }, context))).toBe("group_inactive");
  expect(codeOf(createCommit(state, {}, context))).toBe("group_inactive");
  expect(codeOf(exportSecret(state, { label: "x", context: text(""), length: 16 }, context))).toBe("group_inactive");
});

test("somebody goes and somebody comes by one commit, into the same place", async () => {
  const { ada, bob, cyn } = await trio();
  const dan = await client("dan");
  const own = keyPackageOf(dan);
  const place = bob.state.ownLeafIndex;
  const result = commit(ada, {
    proposals: [
      { kind: "remove", removed: place },
      { kind: "add", keyPackage: own.keyPackage },
    ],
  });
  accept(ada, result, [bob, cyn]);
  const seat = join(dan, { welcome: result.welcome, keyPackages: [own] });
  expect(seat.state.ownLeafIndex).toBe(place);
  expect(bob.state.status).toBe("removed");
  deliver([ada, cyn], say(seat, "hello"));
  commitAndDeliver(seat, [ada, cyn]);
});

test("the first two of four leave, and the others go on below the root", async () => {
  const { ada, bob, cyn } = await trio();
  const dan = await client("dan");
  const own = keyPackageOf(dan);
  const result = commitAndDeliver(ada, [bob, cyn], { proposals: [{ kind: "add", keyPackage: own.keyPackage }] });
  const seat = join(dan, { welcome: result.welcome, keyPackages: [own] });
  const proposals = [0, 1].map((removed) => ({ kind: "remove" as const, removed }));
  commitAndDeliver(cyn, [ada, bob, seat], { proposals });
  commitAndDeliver(seat, [cyn]);
  expect(epochOf(seat.state)).toBe(epochOf(cyn.state));
});
