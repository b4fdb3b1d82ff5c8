/** Proposals of every kind and from every kind of sender, and who gets them. */
import type { Extension, Identity, OwnKeyPackage, Proposal, ProposalRequest, PskId } from "../../src/index.ts";
import { authenticatedData, checkRoundTrip, damaged } from "./talk.ts";
import { CUSTOM, identityOf, must, mustFail, type Person, pskName, same, type Seat, type World } from "./world.ts";

type LeafChange = NonNullable<Extract<ProposalRequest, { kind: "update" }>["leaf"]>;

/** A key package to be added: a stranger's, or the last-resort one of somebody who was here before. */
function newcomer(world: World): { readonly person: Person; readonly own: OwnKeyPackage } {
  const { dice, group } = world;
  const suiteId = group.suite.id;
  const outside = world.people.filter(
    ({ name, suiteId: suite }) => suite === suiteId && world.seatOf(name) === undefined && !group.pendingAdds.has(name),
  );
  const person = outside.length > 0 && dice.chance(0.3) ? dice.pick(outside) : world.newPerson(suiteId);
  if (person.lastResort !== undefined && dice.chance(0.7)) return { person, own: person.lastResort };
  const lastResort = dice.chance(0.3);
  const { engine } = person;
  const own = must("key package", engine.createKeyPackage({ ...world.leafOptions(person), lastResort }, person.context));
  same("last resort", engine.isLastResort(own.keyPackage), lastResort);
  if (lastResort) person.lastResort = own;
  else person.packages = [...person.packages.slice(-2), own];
  return { person, own };
}

export function addProposal(world: World): Extract<Proposal, { kind: "add" }> {
  const { person, own } = newcomer(world);
  world.group.pendingAdds.add(person.name);
  return { kind: "add", keyPackage: own.keyPackage };
}

export function freePlaces(world: World): number {
  return world.sizeMax - world.group.seats.length - world.group.pendingAdds.size;
}

/** A pre-shared key that every member can find. */
export function pskId(world: World, person: Person): PskId {
  const { dice, group } = world;
  const nonce = dice.bytes(group.suite.hashLength);
  const [first] = group.seats;
  const common = first?.state.resumptionPsks.filter(({ epoch }) =>
    group.seats.every(({ state }) => state.resumptionPsks.some((entry) => entry.epoch === epoch)),
  );
  if (first !== undefined && common !== undefined && common.length > 0 && dice.chance(0.5)) {
    const { groupId } = first.state.context;
    const id: PskId = dice.chance(0.3)
      ? must("resumption id", person.engine.resumptionPskId(first.state, person.context))
      : { kind: "resumption", usage: "application", groupId, epoch: dice.pick(common).epoch, nonce };
    const secret = first.state.resumptionPsks.find(({ epoch }) => id.kind === "resumption" && epoch === id.epoch)?.secret;
    if (secret !== undefined) world.psks.set(pskName(id), secret);
    return id;
  }
  const id: PskId = { kind: "external", id: dice.bytes(dice.between(1, 9)), nonce };
  world.psks.set(pskName(id), dice.bytes(dice.pick([1, 32, 77])));
  return id;
}

/** Extensions that every member supports. The external senders are remembered once they are committed. */
export function groupExtensions(world: World, person: Person): Extension[] {
  const { dice } = world;
  const { engine } = person;
  const extensions: Extension[] = [];
  if (dice.chance(0.5)) {
    const required = {
      extensions: dice.some([6, CUSTOM.extension], 2),
      proposals: dice.some([0x000a, CUSTOM.proposal], 2),
      credentials: dice.some([1], 1),
    };
    extensions.push(engine.requiredCapabilitiesExtension(required));
  }
  if (dice.chance(0.5)) {
    const senders = Array.from({ length: dice.between(1, 2) }, () => world.newIdentity(person, world.group.suite.id));
    externals.set(senders.map(({ signatureKeys }) => signatureKeys.publicKey.join()).join("|"), senders);
    const listed = senders.map(({ credential, signatureKeys }) => ({ credential, signatureKey: signatureKeys.publicKey }));
    extensions.push(engine.externalSendersExtension(listed));
  }
  if (dice.chance(0.5)) {
    const components = dice.some([engine.COMPONENT.safeAad, engine.COMPONENT.contentMediaTypes, 40_000], 3);
    extensions.push(engine.appDataDictionaryExtension(components.map((componentId) => ({ componentId, data: dice.bytes(2) }))));
  }
  if (dice.chance(0.3)) extensions.push({ type: CUSTOM.extension, data: dice.bytes(dice.below(5)) });
  return dice.shuffled(extensions);
}

/** Private keys of external senders, by the public keys that an extension lists. */
const externals = new Map<string, Identity[]>();

export function externalsBehind(keys: readonly Uint8Array[]): Identity[] {
  return externals.get(keys.map((key) => key.join()).join("|")) ?? [];
}

export function leafChange(world: World, seat: Seat): LeafChange | undefined {
  const { dice } = world;
  if (dice.chance(0.6)) return undefined;
  const { person, state } = seat;
  const leaf = state.tree.leaf(state.ownLeafIndex);
  if (leaf === undefined) return undefined;
  const identity = dice.chance(0.6) ? world.newIdentity(person, world.group.suite.id) : identityOf(state);
  const grease = 0x0a0a + 0x1010 * dice.below(15);
  const capabilities = { ...leaf.capabilities, extensions: [6, CUSTOM.extension, grease] };
  const extensions = dice.chance(0.5) ? [{ type: CUSTOM.extension, data: dice.bytes(3) }] : [];
  return { identity, ...(dice.chance(0.4) ? { capabilities } : {}), ...(dice.chance(0.4) ? { extensions } : {}) };
}

/** A proposal that a member may make now. */
function request(world: World, seat: Seat): ProposalRequest {
  const { dice, group } = world;
  const others = group.seats.filter((other) => other !== seat);
  const choices: (readonly [number, () => ProposalRequest])[] = [
    [
      4,
      () => {
        const leaf = leafChange(world, seat);
        return leaf === undefined ? { kind: "update" } : { kind: "update", leaf };
      },
    ],
    [1, () => ({ kind: "psk", psk: pskId(world, seat.person) })],
    [1, () => ({ kind: "custom", type: CUSTOM.proposal, data: dice.bytes(dice.below(9)) })],
    [1, () => ({ kind: "groupContextExtensions", extensions: groupExtensions(world, seat.person) })],
  ];
  if (freePlaces(world) > 0) choices.push([2, () => addProposal(world)]);
  if (others.length > 0) choices.push([1.5, () => ({ kind: "remove", removed: dice.pick(others).state.ownLeafIndex })]);
  if (seat.person.engine.canSelfRemove(seat.state)) choices.push([1, () => ({ kind: "selfRemove" })]);
  return dice.weighted(choices)();
}

/** Hands a proposal to every seat but its maker's. */
function handOut(world: World, message: Uint8Array, from: { maker: Seat | undefined; reference: Uint8Array | undefined }): void {
  const references = new Set<string>();
  if (from.reference !== undefined) references.add(from.reference.join());
  const receivers = world.group.seats.filter((seat) => seat !== from.maker);
  for (const seat of receivers) {
    const { engine, context, name } = seat.person;
    if (world.dice.chance(0.05)) {
      mustFail(`${name} taking a damaged proposal`, engine.receiveMessage(seat.state, damaged(world, message), context));
    }
    const received = must(`${name} taking a proposal`, engine.receiveMessage(seat.state, message, context));
    if (received.kind !== "proposal") throw new Error("a proposal was taken for something else");
    seat.state = received.state;
    references.add(received.reference.join());
    const again = world.dice.chance(0.1) ? engine.receiveMessage(seat.state, message, context) : undefined;
    if (again?.ok === true) same("proposals after the same one again", again.value.state.proposals.length, seat.state.proposals.length);
  }
  if (references.size > 1) throw new Error("members know one proposal by different references");
}

export function proposeBy(world: World, seat: Seat, proposal: ProposalRequest): Uint8Array {
  const { person } = seat;
  const wireFormat = world.dice.pick(["publicMessage", "privateMessage"] as const);
  const options = { proposal, wireFormat, authenticatedData: authenticatedData(world, seat) };
  const made = must(`${person.name} proposing ${proposal.kind}`, person.engine.createProposal(seat.state, options, person.context));
  seat.state = made.state;
  if (proposal.kind === "selfRemove") world.group.selfRemoves.push(made.message);
  if (world.dice.chance(0.1)) checkRoundTrip(seat, made.message);
  handOut(world, made.message, { maker: seat, reference: made.reference });
  world.note(`${person.name} proposes ${proposal.kind}`);
  return made.reference;
}

function proposeFromOutside(world: World): void {
  const { dice, group } = world;
  const [first] = group.seats;
  if (first === undefined) return;
  const { context } = first.state;
  const sender = group.externalSenders.length > 0 && dice.chance(0.6) ? dice.pick(group.externalSenders) : undefined;
  if (sender === undefined) {
    if (freePlaces(world) <= 0) return;
    const { person, own } = newcomer(world);
    group.pendingAdds.add(person.name);
    const options = { group: context, keyPackage: own.keyPackage, signaturePrivateKey: own.secrets.signaturePrivateKey };
    const message = must("join proposal", person.engine.createJoinProposal(options, person.context));
    handOut(world, message, { maker: undefined, reference: undefined });
    world.note(`${person.name} proposes to be added`);
    return;
  }
  const choices: (() => Proposal)[] = [
    () => ({ kind: "remove", removed: dice.pick(group.seats).state.ownLeafIndex }),
    () => ({ kind: "psk", psk: pskId(world, first.person) }),
    () => ({ kind: "groupContextExtensions", extensions: groupExtensions(world, first.person) }),
    () => ({ kind: "custom", type: CUSTOM.proposal, data: dice.bytes(3) }),
  ];
  if (freePlaces(world) > 0) choices.push(() => addProposal(world));
  const proposal = dice.pick(choices)();
  const options = { group: context, proposal, signatureKeys: sender.signatureKeys };
  const message = must("external proposal", first.person.engine.createExternalProposal(options, first.person.context));
  handOut(world, message, { maker: undefined, reference: undefined });
  world.note(`an external sender proposes ${proposal.kind}`);
}

/** Up to `most` proposals by members and outsiders. */
export function someProposals(world: World, most: number): void {
  for (let left = world.dice.below(most + 1); left > 0; left--) {
    if (world.dice.chance(0.25)) {
      proposeFromOutside(world);
    } else {
      const seat = world.dice.pick(world.group.seats);
      proposeBy(world, seat, request(world, seat));
    }
  }
}
