/** Commits by members: everything that one may carry, delivered to everybody, and several in the same epoch of which one counts. */
import type { CommitOptions, CommitResult, GroupState, Proposal } from "../../src/index.ts";
import { externalSenders } from "../../src/structs/external-senders.ts";
import { fingerprint } from "./fingerprint.ts";
import { checkEpoch, keep } from "./invariants.ts";
import { checkNoEntry, checkRemoval, checkSecretsOfTheGone } from "./lockout.ts";
import { addProposal, externalsBehind, freePlaces, groupExtensions, leafChange, pskId, someProposals } from "./proposals.ts";
import { authenticatedData, catchUp, chat, checkRoundTrip, damaged, everybodyTalks } from "./talk.ts";
import { CUSTOM, type Gone, identityOf, must, mustFail, same, type Seat, type World } from "./world.ts";

/** What everybody has to agree about a commit, from the model's side. */
type Plan = { readonly removed: readonly number[]; readonly added: readonly string[]; readonly proposals: number };

type Committed = { readonly proposal: Proposal; readonly sender: { readonly kind: string; readonly leafIndex?: number } };

function planOf(list: readonly Committed[]): Plan {
  const removed: number[] = [];
  const added: string[] = [];
  for (const { proposal, sender } of list) {
    if (proposal.kind === "remove") removed.push(proposal.removed);
    if (proposal.kind === "selfRemove" && sender.leafIndex !== undefined) removed.push(sender.leafIndex);
    if (proposal.kind === "add" && proposal.keyPackage.leafNode.credential.kind === "basic") {
      added.push(new TextDecoder().decode(proposal.keyPackage.leafNode.credential.identity));
    }
  }
  return { removed, added, proposals: list.length };
}

/** Anybody, or all under one node of the tree, so that whole halves are blank: there the filtered direct paths are short (§4.1.2). */
function leaversFrom(world: World, others: readonly number[]): number[] {
  const { dice } = world;
  if (dice.chance(0.5) || others.length === 0) return dice.some(others, dice.pick([1, 1, 2, 4, 20]));
  const size = dice.pick([2, 4, 8, 16]);
  const block = Math.floor(dice.pick(others) / size);
  return others.filter((leafIndex) => Math.floor(leafIndex / size) === block);
}

function randomProposals(world: World, seat: Seat): Proposal[] {
  const { dice, group } = world;
  const proposals: Proposal[] = [];
  const others = group.seats.filter((other) => other !== seat).map(({ state }) => state.ownLeafIndex);
  const crowded = group.seats.length / world.sizeMax;
  const leaving = dice.chance(0.15 + 0.35 * crowded) ? leaversFrom(world, others) : [];
  for (const removed of leaving) proposals.push({ kind: "remove", removed });
  const places = freePlaces(world) + proposals.length;
  if (places > 0 && dice.chance(leaving.length > 1 ? 0.25 : 0.5)) {
    for (let left = dice.between(1, Math.min(places, dice.pick([1, 1, 2, 3, 40]))); left > 0; left--) proposals.push(addProposal(world));
  }
  if (dice.chance(0.15)) proposals.push({ kind: "psk", psk: pskId(world, seat.person) });
  if (dice.chance(0.05)) proposals.push({ kind: "psk", psk: pskId(world, seat.person) });
  if (dice.chance(0.1)) proposals.push({ kind: "groupContextExtensions", extensions: groupExtensions(world, seat.person) });
  if (dice.chance(0.1)) proposals.push({ kind: "custom", type: CUSTOM.proposal, data: dice.bytes(4) });
  return dice.shuffled(proposals);
}

/** Whoever adds itself comes in only by a commit that names its proposal. */
function withJoiners(world: World, { person, state }: Seat, byValue: readonly Proposal[]): Pick<CommitOptions, "references"> {
  const joiners = state.proposals.filter(({ sender }) => sender.kind === "newMemberProposal");
  if (joiners.length === 0 || world.dice.chance(0.2)) return {};
  const chosen = [...person.engine.committableProposals(state, byValue), ...joiners];
  return { references: chosen.map(({ reference }) => reference) };
}

export type Draft = {
  readonly seat: Seat;
  readonly before: GroupState;
  readonly options: CommitOptions;
  readonly result: CommitResult;
  readonly plan: Plan;
};

/** Makes a commit; the seat keeps `current`. */
export function draft(world: World, seat: Seat, given: CommitOptions = {}): Draft {
  const { dice } = world;
  const { person } = seat;
  const before = seat.state;
  const needsPath = given.path ?? dice.chance(0.5);
  const leaf = needsPath ? leafChange(world, seat) : undefined;
  const proposals = given.proposals ?? randomProposals(world, seat);
  const options: CommitOptions = {
    proposals,
    ...withJoiners(world, seat, proposals),
    path: needsPath,
    wireFormat: dice.pick(["publicMessage", "privateMessage"]),
    authenticatedData: authenticatedData(world, seat),
    groupInfo: { ratchetTree: dice.chance(0.7), externalPub: dice.chance(0.3) },
    ...(leaf === undefined ? {} : { leaf }),
    ...given,
  };
  const result = must(`${person.name} committing`, person.engine.createCommit(before, options, person.context));
  seat.state = result.current;
  const own = { kind: "member", leafIndex: before.ownLeafIndex };
  const chosen = committedProposals(seat, before, options);
  const used = new Set(chosen.map(({ reference }) => reference?.join()));
  const wanted = before.proposals.map(({ reference }) => reference.join()).filter((reference) => !used.has(reference));
  same(
    "proposals left out",
    result.leftOut.map((reference) => reference.join()),
    wanted,
  );
  const list = chosen.map(({ proposal, sender }) => ({ proposal, sender: sender ?? own }));
  return { seat, before, options, result, plan: planOf(list) };
}

type Listed = { readonly proposal: Proposal; readonly sender: Committed["sender"] | undefined; readonly reference: Uint8Array | undefined };

/** References first (all that can go together with what is passed by value), then the proposals by value. */
function committedProposals(seat: Seat, before: GroupState, options: CommitOptions): Listed[] {
  const { engine } = seat.person;
  const byValue = options.proposals ?? [];
  const named = options.references?.flatMap((wanted) => before.proposals.filter(({ reference }) => reference.join() === wanted.join()));
  const pending = named ?? engine.committableProposals(before, byValue);
  return [...pending, ...byValue.map((proposal) => ({ proposal, sender: undefined, reference: undefined }))];
}

export type Accepted = {
  readonly message: Uint8Array;
  readonly welcome: Uint8Array | undefined;
  readonly plan: Plan;
  /** The committer's seat: one of the group, or a new one. */
  readonly committer: Seat;
  readonly next: GroupState;
  readonly isExternal: boolean;
};

function receive(world: World, seat: Seat, accepted: Accepted): GroupState {
  const { engine, context, name } = seat.person;
  const { message, plan } = accepted;
  const isLeaving = plan.removed.includes(seat.state.ownLeafIndex);
  if (!isLeaving && world.dice.chance(0.08)) {
    mustFail(`${name} processing a damaged commit`, engine.receiveMessage(seat.state, damaged(world, message), context));
  }
  const received = must(`${name} processing a commit`, engine.receiveMessage(seat.state, message, context));
  if (received.kind !== "commit") throw new Error("a commit was taken for something else");
  const { change } = received;
  same(
    "removed",
    change.removed.map(({ leafIndex }) => leafIndex).toSorted((a, b) => a - b),
    [...plan.removed].toSorted((a, b) => a - b),
  );
  same(
    "added",
    change.added.map(({ leaf }) => new TextDecoder().decode("identity" in leaf.credential ? leaf.credential.identity : undefined)),
    plan.added,
  );
  same("number of proposals", change.proposals.length, plan.proposals);
  same("external", change.external, accepted.isExternal);
  same("self removed", change.selfRemoved, isLeaving);
  same("committer", change.committer, accepted.next.ownLeafIndex);
  if (world.dice.chance(0.02)) same("evidence", must("evidence", engine.verifyEvidence(received.evidence, context)), true);
  return received.state;
}

function join(world: World, name: string, accepted: Accepted): Seat {
  const person = world.people.find((one) => one.name === name);
  const { welcome, committer, next } = accepted;
  if (person === undefined || welcome === undefined) throw new Error("whoever is added gets a Welcome");
  const keyPackages = world.dice.shuffled([...person.packages, ...(person.lastResort === undefined ? [] : [person.lastResort])]);
  world.tellPsks(person);
  const ratchetTree = committer.person.engine.exportRatchetTree(next);
  const joined = must(`${name} joining`, person.engine.joinGroup({ welcome, keyPackages, ratchetTree }, person.context));
  same("inviter", joined.inviter, next.ownLeafIndex);
  if (world.dice.chance(0.1)) {
    // Damage in what the Welcome has for others is not seen and does no harm.
    const other = person.engine.joinGroup({ welcome: damaged(world, welcome), keyPackages, ratchetTree }, person.context);
    if (other.ok) same("state from a damaged Welcome", fingerprint(other.value.state), fingerprint(joined.state));
  }
  return world.newSeat(person, joined.state);
}

/** The delivery service takes a commit: everybody processes it, the added join, and the epoch is checked. */
export function settle(world: World, accepted: Accepted): void {
  const { group, dice } = world;
  const { committer, next, plan, message } = accepted;
  if (dice.chance(0.1)) checkRoundTrip(committer, message);
  const [first] = group.seats;
  if (first !== undefined) checkNoEntry(world, message, first.state);
  const leaving: Gone[] = [];
  const staying: Seat[] = [];
  if (dice.chance(0.1)) keep(world, "before a commit", dice.pick(group.seats).state);
  for (const seat of group.seats) {
    const before = seat.state;
    const state = seat === committer ? next : receive(world, seat, accepted);
    seat.state = state;
    seat.sentCount = 0;
    if (plan.removed.includes(before.ownLeafIndex)) leaving.push({ person: seat.person, before, after: state, commit: message });
    else staying.push(seat);
    if (plan.removed.includes(before.ownLeafIndex)) catchUp(world, [seat]);
  }
  group.plan.remove(plan.removed);
  if (accepted.isExternal) {
    group.plan.add([committer.person.name]);
    staying.push(committer);
  }
  group.plan.add(plan.added);
  group.seats = [...staying, ...plan.added.map((name) => join(world, name, accepted))];
  group.gone.push(...leaving);
  group.pendingAdds.clear();
  group.selfRemoves = [];
  group.externalSenders = externalsBehind(externalSenders(next.context.extensions).map(({ signatureKey }) => signatureKey));
  for (const seat of group.seats) seat.person.identity = identityOf(seat.state);
  checkEpoch(world);
  for (const gone of leaving) checkRemoval(world, gone);
  checkSecretsOfTheGone(world);
  everybodyTalks(world, 4);
}

export function acceptDraft(world: World, made: Draft): void {
  const { result, plan, seat } = made;
  const { engine } = seat.person;
  // What is said while the commit is on its way still counts for the keys of the old epoch.
  if (world.dice.chance(0.3)) chat(world);
  const next = must("adopting the commit", engine.adoptCommit(seat.state, result.next));
  settle(world, { message: result.message, welcome: result.welcome, plan, committer: seat, next, isExternal: false });
}

/** Some proposals, then a commit by anybody. */
export function commitOnce(world: World): void {
  someProposals(world, world.dice.pick([0, 0, 1, 3, 5]));
  const seat = world.dice.pick(world.group.seats);
  const made = draft(world, seat);
  world.note(`${seat.person.name} commits ${describe(made)}`);
  acceptDraft(world, made);
}

/** People come one after the other by commits without a path, so that later ones join a tree with unmerged leaves in many places (§7.9). */
export function growQuietly(world: World): void {
  for (let round = 0; round < 3 && freePlaces(world) > 0; round++) {
    const seat = world.dice.pick(world.group.seats);
    const proposals = [addProposal(world)];
    if (freePlaces(world) > 0 && world.dice.chance(0.4)) proposals.push(addProposal(world));
    world.note(`${seat.person.name} adds ${proposals.length} without a path`);
    acceptDraft(world, draft(world, seat, { proposals, references: [], path: false }));
  }
  commitOnce(world);
}

/**
 * The left half of the tree goes, then one of the right half renews its path: root and others are on no filtered direct path, and the
 * commit secret comes from below (§7.4).
 */
export function vacateLeft(world: World): void {
  const half = (world.group.seats[0]?.state.tree.leafCapacity ?? 0) / 2;
  const right = world.group.seats.filter(({ state }) => state.ownLeafIndex >= half);
  if (half < 2 || right.length < 2) return commitOnce(world);
  const left = world.group.seats.filter((seat) => !right.includes(seat));
  const proposals = left.map(({ state }) => ({ kind: "remove" as const, removed: state.ownLeafIndex }));
  const seat = world.dice.pick(right);
  world.note(`${seat.person.name} removes the left half, ${left.length} of ${world.group.seats.length}`);
  acceptDraft(world, draft(world, seat, { proposals, references: [] }));
  const another = world.dice.pick(world.group.seats);
  world.note(`${another.person.name} renews its path`);
  acceptDraft(world, draft(world, another, { proposals: [], path: true }));
}

/** Several members commit in the same epoch; the delivery service takes one, and the others go on from `current`. */
export function race(world: World): void {
  const { dice } = world;
  someProposals(world, 2);
  const drafts = dice
    .shuffled(world.group.seats)
    .slice(0, dice.between(2, 3))
    .map((seat) => draft(world, seat));
  const [winner, ...losers] = drafts;
  if (winner === undefined) return;
  world.note(`race of ${drafts.map((made) => `${made.seat.person.name} (${describe(made)})`).join(", ")}`);
  acceptDraft(world, winner);
  for (const loser of losers) {
    const seat = dice.pick(world.group.seats);
    const codes = ["epoch_behind", "own_message"];
    mustFail(
      "processing a commit that lost",
      seat.person.engine.receiveMessage(seat.state, loser.result.message, seat.person.context),
      codes,
    );
  }
}

function describe({ options, plan }: Draft): string {
  const kinds = (options.proposals ?? []).map(({ kind }) => kind).join("+");
  const byReference = plan.proposals - (options.proposals?.length ?? 0);
  return `[${kinds}] and ${byReference} by reference, ${options.path === true ? "path" : "no path"}, ${options.wireFormat}`;
}
