/** Groups that go on as other groups: ReInit with its successor, perhaps in another suite (RFC 9420 §11.2), and branches (§11.3). */
import type { CommitResult, GroupState, KeyPackage } from "../../src/index.ts";
import { acceptDraft, commitOnce, draft } from "./commits.ts";
import { checkEpoch, keep } from "./invariants.ts";
import { proposeBy } from "./proposals.ts";
import { everybodyTalks } from "./talk.ts";
import { CUSTOM, identityOf, must, mustFail, type Person, type Seat, type World } from "./world.ts";

/** Fresh key packages of the members to come along, in the world's order. */
function packagesOf(world: World, people: readonly Person[]): KeyPackage[] {
  return people.map((person) => {
    const own = must("key package", person.engine.createKeyPackage(world.leafOptions(person), person.context));
    person.packages = [own];
    return own.keyPackage;
  });
}

type Gathering = { readonly founder: Seat; readonly others: readonly Seat[]; readonly result: CommitResult };

/** Everybody joins the group that a first commit made, with the group that it resumes. */
function gather(world: World, { founder, others, result }: Gathering): void {
  const { welcome } = result;
  const joined = others.map(({ person, state }) => {
    if (welcome === undefined) throw new Error("there is a Welcome for the others");
    const options = { welcome, keyPackages: person.packages, ratchetTree: founder.person.engine.exportRatchetTree(result.next) };
    if (world.dice.chance(0.2)) mustFail("joining a resumed group without the old one", person.engine.joinGroup(options, person.context));
    return {
      person,
      state: must("joining a resumed group", person.engine.joinGroup({ ...options, resumes: state }, person.context)).state,
    };
  });
  world.group = world.newGroup([{ person: founder.person, state: result.next }, ...joined]);
  for (const seat of world.group.seats) seat.person.identity = identityOf(seat.state);
  checkEpoch(world);
  everybodyTalks(world, 4);
}

function moveTo(world: World, person: Person, suiteId: number): void {
  if (person.suiteId !== suiteId) {
    person.suiteId = suiteId;
    person.identity = world.newIdentity(person, suiteId);
    person.lastResort = undefined;
  }
  person.packages = [];
}

/** ReInit by value or by reference, then the successor by any member. */
export function reinitialise(world: World, suiteId: number): void {
  const { dice, group } = world;
  const extensions = dice.chance(0.3) ? [{ type: CUSTOM.extension, data: dice.bytes(2) }] : [];
  const reinit = { kind: "reinit" as const, groupId: world.newGroupId(), version: 1, suiteId, extensions };
  const committer = dice.pick(group.seats);
  const byReference = group.seats.length > 1 && dice.chance(0.5);
  const references = byReference ? [proposeBy(world, dice.pick(group.seats), reinit)] : [];
  const wireFormat = dice.pick(["publicMessage", "privateMessage"] as const);
  const given = { proposals: byReference ? [] : [reinit], references, wireFormat };
  // A commit of a ReInit has no path, so no new leaf either.
  const { seat, ...made } = draft(world, committer, { ...given, path: false });
  world.note(`${seat.person.name} commits a ReInit to suite ${suiteId} ${byReference ? "by reference" : "by value"}`);
  group.closed = true;
  acceptDraft(world, { seat, ...made });
  for (const { person, state } of group.seats) {
    mustFail("committing in a closed group", person.engine.createCommit(state, {}, person.context), ["group_inactive"]);
    mustFail("writing in a closed group", person.engine.sealMessage(state, { data: new Uint8Array(1) }, person.context), [
      "group_inactive",
    ]);
  }
  const founder = dice.pick(group.seats);
  const others = dice.shuffled(group.seats.filter((other) => other !== founder));
  for (const { person } of group.seats) moveTo(world, person, suiteId);
  const { suiteId: _, identity, ...leaf } = world.leafOptions(founder.person);
  const options = {
    identity,
    keyPackages: packagesOf(
      world,
      others.map(({ person }) => person),
    ),
    leaf,
  };
  const result = must("successor", founder.person.engine.createSuccessor(founder.state, options, founder.person.context));
  keep(world, "a closed group", founder.state);
  gather(world, { founder, others, result });
}

/** A group of some members beside the present one; the story goes on in either. */
export function branch(world: World): void {
  const { dice } = world;
  const parent = world.group;
  const identities = new Map(world.people.map((person) => [person, person.identity]));
  const founder = dice.pick(parent.seats);
  const others = dice.some(
    parent.seats.filter((seat) => seat !== founder),
    5,
  );
  world.note(`${founder.person.name} branches with ${others.map(({ person }) => person.name).join(", ")}`);
  const { suiteId: _, identity, ...leaf } = world.leafOptions(founder.person);
  const keyPackages = packagesOf(
    world,
    others.map(({ person }) => person),
  );
  const state: GroupState = founder.state;
  const options = { identity, keyPackages, leaf, groupId: world.newGroupId() };
  const result = must("branch", founder.person.engine.createBranch(state, options, founder.person.context));
  gather(world, { founder, others, result });
  commitOnce(world);
  if (dice.chance(0.3)) return;
  world.group = parent;
  for (const [person, before] of identities) person.identity = before;
}
