/** From outside by an external commit: strangers, former members, and members who lost their state (RFC 9420 §12.4.3.2). */
import type { ExternalCommitOptions, PskId } from "../../src/index.ts";
import { draft, settle } from "./commits.ts";
import { pskId, someProposals } from "./proposals.ts";
import { must, mustFail, type Person, type World } from "./world.ts";

/** PSKs that the joiner knows: external ones, and resumption ones if it has them in its wallet. */
function joinerPsks(world: World, person: Person): PskId[] {
  const { dice } = world;
  if (dice.chance(0.7)) return [];
  const ids = Array.from({ length: dice.between(1, 2) }, () => pskId(world, person));
  world.tellPsks(person);
  return ids;
}

function stranger(world: World): Person {
  const { suite } = world.group;
  const outside = world.people.filter((person) => person.suiteId === suite.id && world.seatOf(person.name) === undefined);
  return outside.length > 0 && world.dice.chance(0.4) ? world.dice.pick(outside) : world.newPerson(suite.id);
}

/** A join or a resync; SelfRemoves of this epoch come along when the joiner was told of them. */
export function externalCommit(world: World): void {
  const { dice, group } = world;
  someProposals(world, 3);
  const lost = group.seats.length === world.sizeMax || dice.chance(0.4) ? dice.pick(group.seats) : undefined;
  const person = lost?.person ?? stranger(world);
  const host = dice.pick(group.seats);
  const withTree = dice.chance(0.6);
  const groupInfo = must("group info", host.person.engine.exportGroupInfo(host.state, { ratchetTree: withTree }, host.person.context));
  const selfRemoves = dice.chance(0.7) ? group.selfRemoves.filter((_, i) => group.selfRemoves.length < 2 || i !== 0) : [];
  const leavers = selfRemoves.map((bytes) => leaverOf(person, bytes));
  // The last SelfRemove of a member counts once, and one who resyncs does not leave too.
  const chosen = selfRemoves.filter((_, i) => leavers.indexOf(leavers[i] ?? -1) === i && leavers[i] !== lost?.state.ownLeafIndex);
  const psks = joinerPsks(world, person);
  const { suiteId: _, ...leaf } = world.leafOptions(person);
  const options: ExternalCommitOptions = {
    ...leaf,
    groupInfo,
    selfRemoves: chosen,
    psks,
    ...(lost === undefined ? {} : { resync: lost.state.ownLeafIndex }),
    ...(withTree ? {} : { ratchetTree: host.person.engine.exportRatchetTree(host.state) }),
  };
  const made = must("external commit", person.engine.createExternalCommit(options, person.context));
  const late = dice.chance(0.2) ? draft(world, dice.pick(group.seats)) : undefined;
  const removed = [...(lost === undefined ? [] : [lost.state.ownLeafIndex]), ...chosen.map((bytes) => leaverOf(person, bytes))];
  world.note(`${person.name} ${lost === undefined ? "joins" : "resyncs"} from outside, ${chosen.length} self-removes, ${psks.length} PSKs`);
  const plan = { removed, added: [], proposals: 1 + (lost === undefined ? 0 : 1) + psks.length + chosen.length };
  const committer = world.newSeat(person, made.next);
  settle(world, { message: made.message, welcome: undefined, plan, committer, next: made.next, isExternal: true });
  if (late === undefined) return;
  const { engine, context } = committer.person;
  mustFail("processing a commit that lost", engine.receiveMessage(committer.state, late.result.message, context), ["epoch_behind"]);
}

function leaverOf(person: Person, selfRemove: Uint8Array): number {
  const message = must("self-remove", person.engine.decodeMlsMessage(selfRemove));
  if (message.kind !== "publicMessage" || message.message.framed.sender.kind !== "member") throw new Error("a SelfRemove is public");
  return message.message.framed.sender.leafIndex;
}
