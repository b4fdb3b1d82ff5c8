/** Application messages: in order, late, never, twice, damaged, from past epochs; each with what opening it must give. */
import { toHex } from "../support/vectors.ts";
import { checkNoEntry } from "./lockout.ts";
import { KeyLedger, type Reception } from "./model.ts";
import { must, mustFail, same, type Seat, type Sent, type World } from "./world.ts";

/** A copy with one bit changed. */
export function damaged(world: World, message: Uint8Array): Uint8Array {
  const copy = message.slice();
  const at = world.dice.below(copy.length);
  copy[at] = (copy[at] ?? 0) ^ (1 << world.dice.below(8));
  return copy;
}

/** `authenticated_data` for this group: with Safe AAD where the group uses it. */
export function authenticatedData(world: World, seat: Seat): Uint8Array {
  const { dice } = world;
  const { engine } = seat.person;
  const rest = dice.bytes(dice.pick([0, 0, 5, 30]));
  if (!engine.usesSafeAad(seat.state.context.extensions)) return rest;
  const items = dice.some([5, 7, 300], 3).map((componentId) => ({ componentId, data: dice.bytes(dice.below(6)) }));
  return must("safe AAD", engine.encodeSafeAad({ items, rest }));
}

/**
 * Whether this member may write now: not while proposals of others wait for a commit, unless its program says so (RFC 9420 §12.4).
 * Strangers who add themselves hold nobody up.
 */
function mayWrite({ person, state }: Seat): boolean {
  const { ownLeafIndex, proposals } = state;
  const isDue = proposals.some(({ sender }) => (sender.kind === "member" ? sender.leafIndex !== ownLeafIndex : sender.kind === "external"));
  if (!isDue || person.context.policy?.sendBesideProposals === true) return true;
  mustFail("writing beside proposals", person.engine.sealMessage(state, { data: new Uint8Array(1) }, person.context), [
    "proposals_pending",
  ]);
  return false;
}

function say(world: World, seat: Seat): Sent {
  const { engine, context } = seat.person;
  const data = world.dice.bytes(world.dice.pick([0, 1, 20, 200]));
  const aad = authenticatedData(world, seat);
  const { epoch } = seat.state.context;
  const sealed = must("seal", engine.sealMessage(seat.state, { data, authenticatedData: aad }, context));
  const before = seat.state;
  seat.state = sealed.state;
  if (world.dice.chance(0.2)) checkNoEntry(world, sealed.message, before);
  return { message: sealed.message, epoch, leafIndex: before.ownLeafIndex, generation: seat.sentCount++, data, authenticatedData: aad };
}

function expected(seat: Seat, sent: Sent): Reception {
  const { window } = seat.person;
  if (seat.state.context.epoch - sent.epoch > BigInt(window.pastEpochs)) return "epoch_behind";
  const key = `${sent.epoch} ${sent.leafIndex}`;
  const ledger = seat.ledgers.get(key) ?? new KeyLedger();
  seat.ledgers.set(key, ledger);
  return ledger.take(sent.generation, window);
}

/** Opens a message at a seat and compares with the ledger. */
function hear(world: World, seat: Seat, sent: Sent): void {
  const { engine, context, name } = seat.person;
  if (world.dice.chance(0.1)) {
    mustFail(`${name} opening a damaged message`, engine.receiveMessage(seat.state, damaged(world, sent.message), context));
  }
  const wanted = expected(seat, sent);
  const outcome = engine.receiveMessage(seat.state, sent.message, context);
  same(
    `${name} opening generation ${sent.generation} of leaf ${sent.leafIndex} of epoch ${sent.epoch}`,
    outcome.ok ? "ok" : outcome.code,
    wanted,
  );
  if (!outcome.ok) return;
  const received = outcome.value;
  if (received.kind !== "application") throw new Error("an application message was taken for something else");
  seat.state = received.state;
  same("data", received.data, sent.data);
  same("authenticated data", received.authenticatedData, sent.authenticatedData);
  same("sender", received.senderLeafIndex, sent.leafIndex);
  same("generation", received.generation, sent.generation);
  same("epoch", received.epoch, sent.epoch);
  if (world.dice.chance(0.1)) same("evidence", must("evidence", engine.verifyEvidence(received.evidence, context)), true);
}

/** One sender, every other seat at once. */
function sayToAll(world: World, seat: Seat): void {
  const sent = say(world, seat);
  for (const other of world.group.seats) if (other !== seat) hear(world, other, sent);
}

/** Everybody to everybody in a small group; in a larger one each to the next, and one to all. */
export function everybodyTalks(world: World, most: number): void {
  const { seats } = world.group;
  if (world.group.closed) return;
  if (seats.length <= most) {
    for (const seat of seats) sayToAll(world, seat);
    return;
  }
  sayToAll(world, world.dice.pick(seats));
  const ring = world.dice.shuffled(seats);
  for (const [i, seat] of ring.entries()) {
    const next = ring[(i + 1) % ring.length];
    if (next !== undefined && next !== seat) hear(world, next, say(world, seat));
  }
}

/** A few messages, of which some arrive, some will come late, and some never. */
export function chat(world: World): void {
  const { dice, group } = world;
  for (let left = dice.between(1, 6); left > 0; left--) {
    const seat = dice.pick(group.seats);
    if (!mayWrite(seat)) continue;
    const sent = say(world, seat);
    for (const other of group.seats) {
      if (other === seat) continue;
      const fate = dice.below(10);
      if (fate < 4) hear(world, other, sent);
      else if (fate < 9) other.late.push(sent);
    }
  }
}

/** Delivers what is late, in any order, and some of it twice. */
export function catchUp(world: World, seats: readonly Seat[]): void {
  const { dice } = world;
  for (const seat of seats) {
    for (const sent of dice.shuffled(seat.late)) {
      hear(world, seat, sent);
      if (dice.chance(0.2)) hear(world, seat, sent);
    }
    seat.late = [];
  }
}

/** Two texts of one message: decoding and encoding again gives the same bytes. */
export function checkRoundTrip(seat: Seat, message: Uint8Array): void {
  const { engine } = seat.person;
  const decoded = must("decode", engine.decodeMlsMessage(message));
  same("encoding of a decoded message", toHex(engine.encodeMlsMessage(decoded)), toHex(message));
}
