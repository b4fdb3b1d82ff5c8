/** Groups that go on as other groups. */
import { expect, test } from "vitest";
import {
  createBranch,
  createCommit,
  createIdentity,
  createKeyPackage,
  createProposal,
  createSuccessor,
  type Identity,
  joinGroup,
  members,
  type OwnKeyPackage,
  receiveMessage,
  sealMessage,
  SUITE,
} from "../../src/index.ts";
import { codeOf, commitAndDeliver, deliver, keyPackageOf, must, say, type Seat, text } from "../support/clients.ts";
import { accept, client, commit, epochOf, join, trio, under } from "./cast.ts";

const NEXT = { kind: "reinit" as const, groupId: text("next"), version: 1, suiteId: SUITE.mlkem768X25519Aes128, extensions: [] };

type Ticket = { readonly identity: Identity; readonly own: OwnKeyPackage };

/** A person's identity and key package in another suite. */
function ticket({ client: person }: Seat, suiteId: number): Ticket {
  const identity = must(createIdentity({ suiteId, credential: person.identity.credential }, person.context));
  return { identity, own: must(createKeyPackage({ suiteId, identity }, person.context)) };
}

test("a group moves to the post-quantum suite: everybody finds themselves in the successor", async () => {
  const { ada, bob, cyn } = await trio();
  commitAndDeliver(ada, [bob, cyn], { proposals: [NEXT] });
  expect([ada, bob, cyn].map(({ state }) => state.status)).toEqual(["closed", "closed", "closed"]);
  expect(codeOf(createCommit(ada.state, {}, ada.client.context))).toBe("group_inactive");
  expect(codeOf(sealMessage(bob.state, { data: text("still here?") }, bob.client.context))).toBe("group_inactive");

  const [adas, bobs, cyns] = [ada, bob, cyn].map((seat) => ticket(seat, NEXT.suiteId));
  if (adas === undefined || bobs === undefined || cyns === undefined) throw new Error("three tickets");
  const keyPackages = [adas.own.keyPackage, cyns.own.keyPackage];
  const { next, welcome } = must(createSuccessor(bob.state, { identity: bobs.identity, keyPackages }, bob.client.context));
  const newBob: Seat = { client: bob.client, state: next };
  const newAda = join(ada.client, { welcome, keyPackages: [adas.own], resumes: ada.state });
  const newCyn = join(cyn.client, { welcome, keyPackages: [cyns.own], resumes: cyn.state });
  expect(newAda.state.context.suiteId).toBe(NEXT.suiteId);
  expect(epochOf(newAda.state)).toBe(epochOf(newCyn.state));
  deliver([newAda, newCyn], say(newBob, "welcome to the other side"));
  commitAndDeliver(newCyn, [newAda, newBob]);
});

test("a ReInit that was proposed waits for one who commits it by name", async () => {
  const { ada, bob, cyn } = await trio();
  const made = must(createProposal(cyn.state, { proposal: NEXT }, cyn.client.context));
  cyn.state = made.state;
  deliver([ada, bob], made.message);
  expect(must(createCommit(ada.state, {}, ada.client.context)).leftOut).toEqual([made.reference]);
  accept(ada, commit(ada, { references: [made.reference] }), [bob, cyn]);
  expect([ada, bob, cyn].map(({ state }) => state.reinit?.groupId)).toEqual([NEXT.groupId, NEXT.groupId, NEXT.groupId]);
});

test("a ReInit goes with nothing else", async () => {
  const { ada } = await trio();
  const proposals = [NEXT, { kind: "remove" as const, removed: 1 }];
  expect(codeOf(createCommit(ada.state, { proposals }, ada.client.context))).toBe("invalid_proposal_list");
});

test("a successor that leaves somebody behind, or that is not the one announced, is refused", async () => {
  const { ada, bob, cyn } = await trio();
  commitAndDeliver(ada, [bob, cyn], { proposals: [{ ...NEXT, suiteId: SUITE.x25519ChaCha20 }] });
  const [adas, bobs] = [ada, bob].map((seat) => ticket(seat, SUITE.x25519ChaCha20));
  if (adas === undefined || bobs === undefined) throw new Error("two tickets");
  const keyPackages = [bobs.own.keyPackage];
  const leaving = { identity: adas.identity, keyPackages };
  expect(codeOf(createSuccessor(ada.state, leaving, ada.client.context))).toBe("usage");
  const made = must(createSuccessor(ada.state, leaving, under(ada, { sameClient: () => true })));
  const welcome = made.welcome ?? new Uint8Array(0);
  const options = { welcome, keyPackages: [bobs.own] };
  expect(codeOf(joinGroup({ ...options, resumes: bob.state }, bob.client.context))).toBe("invalid_welcome");
  expect(codeOf(joinGroup(options, bob.client.context))).toBe("unknown_psk");
});

test("only a closed group has a successor", async () => {
  const { ada } = await trio();
  const { identity } = ticket(ada, SUITE.x25519ChaCha20);
  expect(codeOf(createSuccessor(ada.state, { identity, keyPackages: [] }, ada.client.context))).toBe("usage");
});

test("two of three branch off, and both groups go on", async () => {
  const { ada, bob, cyn } = await trio();
  const own = keyPackageOf(bob.client);
  const options = { identity: ada.client.identity, keyPackages: [own.keyPackage], groupId: text("aside") };
  const { next, welcome } = must(createBranch(ada.state, options, ada.client.context));
  const aside: Seat = { client: ada.client, state: next };
  const bobAside = join(bob.client, { welcome, keyPackages: [own], resumes: bob.state });
  expect(members(bobAside.state)).toHaveLength(2);
  deliver([bobAside], say(aside, "between us"));
  commitAndDeliver(bobAside, [aside]);
  commitAndDeliver(cyn, [ada, bob]);
  expect(epochOf(ada.state)).toBe(epochOf(bob.state));
  expect(codeOf(receiveMessage(cyn.state, say(aside, "not for you"), cyn.client.context))).toBe("wrong_group");
});

test("a branch with a stranger is refused", async () => {
  const { ada, bob } = await trio();
  const own = keyPackageOf(bob.client);
  const eve = keyPackageOf(await client("eve"));
  const keyPackages = [own.keyPackage, eve.keyPackage];
  const options = { identity: ada.client.identity, keyPackages, groupId: text("aside") };
  expect(codeOf(createBranch(ada.state, options, ada.client.context))).toBe("usage");
  const made = must(createBranch(ada.state, options, under(ada, { sameClient: () => true })));
  const joining = { welcome: made.welcome ?? new Uint8Array(0), keyPackages: [own], resumes: bob.state };
  expect(codeOf(joinGroup(joining, bob.client.context))).toBe("invalid_welcome");
});
