/** What must hold after every run, once it is quiet. Each broken promise is a problem of the world. */
import { idToText } from "@sotto/protocol";
import { checkDatabases } from "@sotto/server";
import type { Device } from "../world/device.ts";
import type { World } from "../world/world.ts";
import { examineSettings } from "./settings.ts";
import { isInSince, type Stay, staysOfPerson, wasIn } from "./membership.ts";
import { examineSecrets } from "./secrets.ts";
import { accountOf, allSeats, type Seat, type Shown, type Stored, storedIn } from "./views.ts";

/** How many entries the logs hold. */
export async function examine(world: World): Promise<number> {
  const seats = await allSeats(world);
  examineQuiet(world, seats);
  const logs = Map.groupBy(seats, ({ key }) => key);
  let entries = 0;
  for (const inLog of logs.values()) entries += await examineLog(world, inLog);
  await examineAcknowledged(world, seats);
  examineSecrets(world, seats);
  if (world.hardship.isHard) await examineSettings(world, seats);
  checkDatabases(world.server, ({ kind, at }) => world.problem(`the server's check finds ${kind} at ${at}`));
  return entries;
}

const nameOf = ({ device, key }: Seat): string => `${device.name} in ${key.slice(0, 6)}`;

/** Nothing waits and nothing is stuck. */
function examineQuiet(world: World, seats: readonly Seat[]): void {
  for (const { name, disk } of world.members) {
    // A wish to leave waits for somebody who grants it.
    const left = disk.rows("SELECT kind FROM outbox WHERE kind <> 'leave' OR is_accepted = 0").map(({ kind }) => String(kind));
    if (left.length > 0) world.problem(`${name} has not sent: ${left.join(", ")}`);
    const due = disk.rows(
      "SELECT 1 FROM messages m JOIN conversations c ON c.log = m.log WHERE receipt_due IS NOT NULL AND c.status = 'active'",
    );
    if (due.length > 0) world.problem(`${name} owes ${due.length} receipts`);
  }
  for (const { name, disk } of world.members) {
    const repaired = disk.rows("SELECT 1 FROM places WHERE base <> 0 OR anchor <> log OR repair IS NOT NULL");
    if (repaired.length > 0) world.problem(`${name} had to repair ${repaired.length} conversations`);
  }
  for (const seat of seats)
    if (seat.trouble !== undefined && !seat.isRevoked) world.problem(`${nameOf(seat)} is in trouble: ${seat.trouble}`);
}

/** Conversations that blocked people begin are kept away. */
function hasBlockedOneOf({ people, ledger }: World, device: Device, seats: readonly Seat[]): boolean {
  const met = new Set(seats.map((seat) => accountOf(seat.device)));
  const person = people.find(({ devices }) => devices.includes(device));
  return ledger.blocks.some(({ by, account }) => by === person?.username && met.has(account));
}

async function examineLog(world: World, seats: readonly Seat[]): Promise<number> {
  const [first] = seats;
  if (first === undefined) return 0;
  const stored = await storedIn(world, first.log);
  const present = seats.filter(({ members }) => members.length > 0);
  const members = present[0]?.members ?? [];
  for (const seat of present) {
    if (seat.cursor !== stored.length + 1) world.problem(`${nameOf(seat)} has read up to ${seat.cursor} of ${stored.length}`);
    if (seat.members.join() !== members.join()) world.problem(`${nameOf(seat)} knows other members than ${present[0]?.device.name ?? ""}`);
    const wantsOut = seat.device.disk.rows("SELECT 1 FROM outbox WHERE log = ? AND kind = 'leave'", [seat.log]).length > 0;
    // Where only somebody is left who has blocked whoever invited them, nobody grants it.
    if (wantsOut && present.some(({ person }) => person !== seat.person)) world.problem(`${nameOf(seat)} wants to leave and is still in`);
    if (seat.title !== present[0]?.title) world.problem(`${nameOf(seat)} has another title than ${present[0]?.device.name ?? ""}`);
  }
  const stays = new Map(world.people.flatMap((person) => staysOfPerson(person, seats, members)));
  for (const device of world.members) {
    const isMember = stays.get(device)?.at(-1)?.through === Number.POSITIVE_INFINITY;
    const isPresent = present.some((seat) => seat.device === device);
    const isHidden = !isPresent && hasBlockedOneOf(world, device, seats);
    if (isHidden) continue;
    if (isMember && !isPresent) world.problem(`${device.name} is a member of ${first.key.slice(0, 6)} and does not know it`);
    if (!isMember && isPresent) world.problem(`${device.name} believes to be a member of ${first.key.slice(0, 6)}`);
  }
  const log: Log = { seats, stored, staysOf: (seat) => stays.get(seat.device) ?? [] };
  examineTimelines(world, log);
  examineSaid(world, log);
  return stored.length;
}

type Log = { readonly seats: readonly Seat[]; readonly stored: readonly Stored[]; readonly staysOf: (seat: Seat) => readonly Stay[] };

/** Same entries, same order, each once, with the same effect on all who were there. */
function examineTimelines(world: World, { seats, stored, staysOf: staysIn }: Log): void {
  const said = seats.flatMap((seat) => seat.shown.filter(({ kind }) => kind !== "system").map((shown) => ({ seat, shown })));
  const bySeq = Map.groupBy(
    said.filter(({ shown }) => shown.seq !== undefined),
    ({ shown }) => shown.seq ?? 0,
  );
  for (const [seq, rows] of bySeq) {
    const [reference] = rows;
    if (seq > stored.length || reference === undefined) {
      world.problem(`${seats[0]?.key.slice(0, 6) ?? ""} has no entry ${seq}`);
      continue;
    }
    for (const seat of seats) {
      const found = rows.filter((row) => row.seat === seat);
      const isDue = wasIn(staysIn(seat), seq);
      if (found.length === 0 && (seat.isDeaf || hasDisappeared(seat, reference.shown))) continue;
      if (found.length !== (isDue ? 1 : 0))
        world.problem(`${nameOf(seat)} has ${found.length} times entry ${seq} of ${reference.seat.device.name}`);
    }
    const lasting = rows.filter(({ seat }) => !seat.isDeaf && isInSince(staysIn(seat), seq));
    for (const group of [rows.map(({ shown }) => identityOf(shown)), lasting.map(({ shown }) => effectOf(shown))]) {
      if (new Set(group).size > 1)
        world.problem(`${nameOf(reference.seat)} differs from others at entry ${seq}: ${[...new Set(group)].join(" | ")}`);
    }
  }
}

const identityOf = ({ sender, messageId }: Shown): string => `${sender.slice(0, 8)} ${messageId}`;
const effectOf = ({ kind, text, reactions, votes, expiresAfter }: Shown): string =>
  `${kind} ${text} ${reactions} ${votes} ${expiresAfter ?? ""}`;

const hasDisappeared = ({ device, key }: Seat, { messageId }: Shown): boolean =>
  device.watch.gone.some((gone) => gone.log === key && gone.messageId === messageId);

/** What somebody gave to their client is in the log, unless they were put out before it could be sent. */
function examineSaid(world: World, { seats, staysOf: staysIn }: Log): void {
  const key = seats[0]?.key ?? "";
  const lasting = seats.filter((seat) => {
    if (seat.isRevoked) return false;
    const [stay, ...more] = staysIn(seat);
    return stay?.through === Number.POSITIVE_INFINITY && more.length === 0;
  });
  for (const seat of lasting) {
    for (const { seq, kind, text, state, failure } of seat.shown) {
      // Who writes may hear only later that nobody may any more.
      const isForbidden = world.hardship.isHard && failure === "group_forbidden";
      if (seq === undefined && kind !== "system" && !isForbidden)
        world.problem(`${nameOf(seat)} has not sent ${text || kind}, which is ${state} ${failure}`);
    }
  }
  const isHeld = "SELECT 1 FROM messages WHERE log = ? AND (text = ? OR kind = 'deleted' OR edited_at IS NOT NULL)";
  for (const { token, by, log, kind, localId } of world.ledger.said) {
    if (idToText(log) !== key || kind !== "text") continue;
    const own = lasting.filter(({ device }) => device.name === by && !device.watch.gone.some((gone) => gone.localId === localId));
    const without = own.filter(({ device }) => device.disk.rows(isHeld, [log, token]).length === 0);
    for (const seat of without) world.problem(`${nameOf(seat)} has lost ${token}`);
  }
}

async function examineAcknowledged(world: World, seats: readonly Seat[]): Promise<void> {
  const logs = new Map(seats.map(({ key, log }) => [key, log]));
  for (const [key, log] of logs) {
    const bySeq = new Map((await storedIn(world, log)).map(({ seq, entryId }) => [seq, entryId]));
    for (const { seq, entryId } of world.ledger.acknowledged.filter((one) => one.log === key)) {
      if (bySeq.get(seq) !== entryId) world.problem(`the server has lost entry ${seq} of ${key.slice(0, 6)}, which it had acknowledged`);
    }
  }
}
