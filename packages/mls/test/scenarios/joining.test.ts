/** Ways into a group: a Welcome, a join proposal, an external commit, and back in after losing one's state. */
import { expect, test } from "vitest";
import {
  createCommit,
  createExternalCommit,
  createJoinProposal,
  exportGroupInfo,
  exportRatchetTree,
  isLastResort,
  joinGroup,
  members,
} from "../../src/index.ts";
import { codeOf, commitAndDeliver, deliver, keyPackageOf, must, say } from "../support/clients.ts";
import { accept, client, commit, epochOf, join, trio } from "./cast.ts";

test("a newcomer finds the one of its key packages that the Welcome is for", async () => {
  const { ada, bob, cyn } = await trio();
  const dan = await client("dan");
  const [first, second] = [keyPackageOf(dan), keyPackageOf(dan)];
  const result = commit(ada, { proposals: [{ kind: "add", keyPackage: second.keyPackage }] });
  accept(ada, result, [bob, cyn]);
  const welcome = result.welcome ?? new Uint8Array(0);
  const joined = must(joinGroup({ welcome, keyPackages: [first, second] }, dan.context));
  expect(joined.keyPackage).toBe(second);
  expect(joined.inviter).toBe(ada.state.ownLeafIndex);
  expect(codeOf(joinGroup({ welcome, keyPackages: [first] }, dan.context))).toBe("welcome_not_for_us");
  expect(epochOf(joined.state)).toBe(epochOf(bob.state));
});

test("a Welcome without the tree needs it from elsewhere, and the right one", async () => {
  const { ada, bob, cyn } = await trio();
  const dan = await client("dan");
  const own = keyPackageOf(dan);
  const oldTree = exportRatchetTree(ada.state);
  const result = commit(ada, { proposals: [{ kind: "add", keyPackage: own.keyPackage }], groupInfo: { ratchetTree: false } });
  accept(ada, result, [bob, cyn]);
  const options = { welcome: result.welcome ?? new Uint8Array(0), keyPackages: [own] };
  expect(codeOf(joinGroup(options, dan.context))).toBe("missing_tree");
  expect(codeOf(joinGroup({ ...options, ratchetTree: oldTree }, dan.context))).toBe("tree_hash_mismatch");
  expect(epochOf(must(joinGroup({ ...options, ratchetTree: exportRatchetTree(bob.state) }, dan.context)).state)).toBe(epochOf(bob.state));
});

test("many are added by one commit without a path, and all of them talk", async () => {
  const { ada, bob, cyn } = await trio();
  const crowd = await Promise.all(Array.from({ length: 9 }, (_, i) => client(`guest ${i}`)));
  const packages = crowd.map((guest) => keyPackageOf(guest));
  const proposals = packages.map(({ keyPackage }) => ({ kind: "add" as const, keyPackage }));
  const result = commit(bob, { proposals, path: false });
  accept(bob, result, [ada, cyn]);
  const guests = crowd.map((guest, i) => join(guest, { welcome: result.welcome, keyPackages: packages.slice(i, i + 1) }));
  expect(members(ada.state)).toHaveLength(12);
  const all = [ada, bob, cyn, ...guests];
  for (const seat of guests)
    deliver(
      all.filter((other) => other !== seat),
      say(seat, "here"),
    );
});

test("one who wants in asks in its own name, and is let in by a commit that names its proposal", async () => {
  const { ada, bob, cyn } = await trio();
  const dan = await client("dan");
  const own = keyPackageOf(dan);
  const { signaturePrivateKey } = own.secrets;
  const message = must(createJoinProposal({ group: ada.state.context, keyPackage: own.keyPackage, signaturePrivateKey }, dan.context));
  const [seen] = deliver([ada, bob, cyn], message);
  expect(seen?.kind === "proposal" && seen.sender.kind).toBe("newMemberProposal");
  const references = seen?.kind === "proposal" ? [seen.reference] : [];
  expect(must(createCommit(cyn.state, {}, cyn.client.context)).leftOut).toEqual(references);
  const result = commit(cyn, { references });
  accept(cyn, result, [ada, bob]);
  expect(epochOf(join(dan, { welcome: result.welcome, keyPackages: [own] }).state)).toBe(epochOf(ada.state));
});

test("a stranger with a GroupInfo joins by an external commit", async () => {
  const { ada, bob, cyn } = await trio();
  const dan = await client("dan");
  const groupInfo = must(exportGroupInfo(bob.state, {}, bob.client.context));
  const { next, message } = must(createExternalCommit({ groupInfo, identity: dan.identity }, dan.context));
  const [seen] = deliver([ada, bob, cyn], message);
  expect(seen?.kind === "commit" && seen.change).toMatchObject({ external: true, committer: 3, added: [], removed: [] });
  const seat = { client: dan, state: next };
  expect(epochOf(seat.state)).toBe(epochOf(cyn.state));
  deliver([ada, bob, cyn], say(seat, "hello"));
  deliver([seat, ada, cyn], say(bob, "hello dan"));
});

test("an external commit without the tree in the GroupInfo needs it from elsewhere", async () => {
  const { ada, bob, cyn } = await trio();
  const dan = await client("dan");
  const groupInfo = must(exportGroupInfo(ada.state, { ratchetTree: false }, ada.client.context));
  const options = { groupInfo, identity: dan.identity };
  expect(codeOf(createExternalCommit(options, dan.context))).toBe("missing_tree");
  const made = must(createExternalCommit({ ...options, ratchetTree: exportRatchetTree(ada.state) }, dan.context));
  deliver([ada, bob, cyn], made.message);
  expect(epochOf(made.next)).toBe(epochOf(bob.state));
});

test("a GroupInfo that is not meant for joining lets nobody in", async () => {
  const { ada } = await trio();
  const dan = await client("dan");
  const groupInfo = must(exportGroupInfo(ada.state, { externalPub: false }, ada.client.context));
  expect(codeOf(createExternalCommit({ groupInfo, identity: dan.identity }, dan.context))).toBe("invalid_group_info");
});

test("a member who lost its state resyncs: its old leaf goes, its old state is out", async () => {
  const { ada, bob, cyn } = await trio();
  const oldBob = { ...bob };
  const groupInfo = must(exportGroupInfo(ada.state, {}, ada.client.context));
  const options = { groupInfo, identity: bob.client.identity, resync: bob.state.ownLeafIndex };
  const { next, message } = must(createExternalCommit(options, bob.client.context));
  const [seen] = deliver([ada, cyn, oldBob], message);
  expect(seen?.kind === "commit" && seen.change.removed.map(({ leafIndex }) => leafIndex)).toEqual([1]);
  expect(oldBob.state.status).toBe("removed");
  const newBob = { client: bob.client, state: next };
  expect(members(ada.state)).toHaveLength(3);
  deliver([ada, cyn], say(newBob, "back again"));
  commitAndDeliver(cyn, [ada, newBob]);
  expect(epochOf(newBob.state)).toBe(epochOf(ada.state));
});

test("the last one of a group resyncs and is alone again", async () => {
  const { ada, bob, cyn } = await trio();
  const removed = [bob, cyn].map(({ state }) => ({ kind: "remove" as const, removed: state.ownLeafIndex }));
  commitAndDeliver(ada, [bob, cyn], { proposals: removed });
  const groupInfo = must(exportGroupInfo(ada.state, {}, ada.client.context));
  const { next } = must(createExternalCommit({ groupInfo, identity: ada.client.identity, resync: 0 }, ada.client.context));
  expect(members(next)).toHaveLength(1);
  expect(codeOf(createCommit(next, {}, ada.client.context))).toBe("ok");
});

test("a key package of last resort brings its owner in twice", async () => {
  const { ada, bob, cyn } = await trio();
  const dan = await client("dan");
  const own = keyPackageOf(dan, { lastResort: true });
  expect(isLastResort(own.keyPackage)).toBe(true);
  expect(isLastResort(keyPackageOf(dan).keyPackage)).toBe(false);
  const proposals = [{ kind: "add" as const, keyPackage: own.keyPackage }];
  for (const host of [ada, bob]) {
    const result = commitAndDeliver(
      host,
      [ada, bob, cyn].filter((seat) => seat !== host),
      { proposals },
    );
    const seat = join(dan, { welcome: result.welcome, keyPackages: [own] });
    deliver([ada, bob, cyn], say(seat, "me again"));
    commitAndDeliver(ada, [bob, cyn, seat], { proposals: [{ kind: "remove", removed: seat.state.ownLeafIndex }] });
    expect(seat.state.status).toBe("removed");
  }
});

test("a key package that is in the group already cannot be added again", async () => {
  const { ada, bob, cyn } = await trio();
  const own = keyPackageOf(await client("dan"), { lastResort: true });
  const proposals = [{ kind: "add" as const, keyPackage: own.keyPackage }];
  commitAndDeliver(ada, [bob, cyn], { proposals });
  expect(codeOf(createCommit(ada.state, { proposals }, ada.client.context))).toBe("duplicate_key");
});
