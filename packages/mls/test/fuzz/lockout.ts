/** One who was removed reads nothing any more: not with the state it was left with, not with an old one, not with a forged one. */
import type { GroupState, Outcome, Received } from "../../src/index.ts";
import { toHex } from "../support/vectors.ts";
import { type Gone, mustFail, type World } from "./world.ts";

const REMEMBERED = 3;
const REQUEST = { label: "fuzz", context: new Uint8Array(0), length: 8 };

/** The last few who left and have not come back. */
function locked(world: World): Gone[] {
  return world.group.gone.filter(({ person }) => world.seatOf(person.name) === undefined).slice(-REMEMBERED);
}

function secretTexts(state: GroupState): string[] {
  const secrets = [...Object.values(state.secrets), ...state.resumptionPsks.map(({ secret }) => secret)];
  return secrets.map((secret) => toHex(secret));
}

/** No secret of the present epoch and no private key of the present tree was known to the one who left. */
function checkSecrets(world: World, gone: Gone): void {
  const [seat] = world.group.seats;
  if (seat === undefined) return;
  const { state } = seat;
  const known = new Set([...secretTexts(gone.before), ...secretTexts(gone.after)]);
  for (const secret of Object.values(state.secrets)) {
    if (known.has(toHex(secret))) throw new Error(`${gone.person.name} was removed and knows a secret of the new epoch`);
  }
  const keys = new Set([...gone.before.privateKeys.values()].map(({ publicKey }) => toHex(publicKey)));
  for (let node = 0; node < state.tree.width; node++) {
    const key = state.tree.encryptionKey(node);
    if (key !== undefined && keys.has(toHex(key))) throw new Error(`${gone.person.name} was removed and knows the key of node ${node}`);
  }
  if (gone.after.privateKeys.size > 0) throw new Error("a removed member keeps no private keys of the tree");
}

/** The old state as its owner would bend it: public parts of the present epoch around old secrets, and even a leaked membership key. */
function forge(gone: Gone, present: GroupState): GroupState {
  const { context, tree, interimTranscriptHash, confirmationTag } = present;
  const secrets = { ...gone.before.secrets, membershipKey: present.secrets.membershipKey };
  return { ...gone.before, context, tree, interimTranscriptHash, confirmationTag, secrets, proposals: present.proposals };
}

/** A commit that removes whoever has the pretended leaf is believed on its signature, and gives nothing. */
function refused(what: string, outcome: Outcome<Received>): void {
  if (!outcome.ok || outcome.value.state.status !== "removed") mustFail(what, outcome);
}

/** Gives everybody who left what the group sends now; nobody may open it. `present` is the state that the message was sent in. */
export function checkNoEntry(world: World, message: Uint8Array, present: GroupState): void {
  for (const gone of locked(world)) {
    const { engine, context } = gone.person;
    mustFail(`${gone.person.name}, removed, opening a message`, engine.receiveMessage(gone.after, message, context));
    // The state before the removal cannot even process the commit that removed it for a second epoch.
    if (present.context.epoch > gone.before.context.epoch) {
      mustFail(`${gone.person.name}, in its old state, opening a message`, engine.receiveMessage(gone.before, message, context));
      if (!world.dice.chance(0.4)) continue;
      const forged = forge(gone, present);
      refused(`${gone.person.name}, in a forged state, opening a message`, engine.receiveMessage(forged, message, context));
    }
  }
}

/**
 * The commit that removed it, processed by one who pretends to sit elsewhere: all it knows are its old keys. Without an update path they
 * would lead into the new epoch.
 */
function checkGhost(world: World, { person, before, commit }: Gone): void {
  const places = world.group.seats.map(({ state }) => state.ownLeafIndex).filter((leafIndex) => before.tree.leaf(leafIndex) !== undefined);
  for (const ownLeafIndex of [before.tree.leafCapacity, ...world.dice.some(places, 3)]) {
    refused(
      `${person.name}, pretending to stay, processing its removal`,
      person.engine.receiveMessage({ ...before, ownLeafIndex }, commit, person.context),
    );
  }
}

/** Right after a commit that removed somebody. */
export function checkRemoval(world: World, gone: Gone): void {
  checkGhost(world, gone);
  const { person, after } = gone;
  const { engine, context, name } = person;
  if (after.status !== "removed") throw new Error(`${name} was removed and is ${after.status}`);
  mustFail(`${name} processing its removal again`, engine.receiveMessage(after, gone.commit, context));
  mustFail(`${name} committing after its removal`, engine.createCommit(after, {}, context), ["group_inactive"]);
  mustFail(`${name} writing after its removal`, engine.sealMessage(after, { data: new Uint8Array(1) }, context), ["group_inactive"]);
  mustFail(`${name} exporting after its removal`, engine.exportSecret(after, REQUEST, context), ["group_inactive"]);
}

export function checkSecretsOfTheGone(world: World): void {
  for (const gone of locked(world)) checkSecrets(world, gone);
}
