/**
 * What must hold after a life of ruin. Repairs are allowed: conversations may have other logs and other places. But nothing that a lasting member
 * said and nobody took back is lost to another one, all agree on texts and on their order, nobody has anything twice, and nothing is stuck.
 */
import { idToText } from "@sotto/protocol";
import { checkDatabases } from "@sotto/server";
import type { Device } from "../world/device.ts";
import type { World } from "../world/world.ts";
import { accountOf, allSeats, type Seat } from "./views.ts";
import { hasGone } from "./membership.ts";
import { examineSecrets } from "./secrets.ts";

export async function examineRuin(world: World): Promise<number> {
  const seats = await allSeats(world);
  for (const device of world.members) examineStuck(world, device);
  for (const seat of seats) if (seat.trouble !== undefined) world.problem(`${seat.device.name} is in trouble: ${seat.trouble}`);
  let rows = 0;
  for (const inGroup of Map.groupBy(seats, groupOf).values()) {
    const { members = [] } = inGroup.find((seat) => seat.members.length > 0) ?? {};
    const lasting = inGroup.filter(
      (seat) => seat.kind !== "self" && members.includes(accountOf(seat.device)) && !hasGone(accountOf(seat.device), inGroup),
    );
    examineMembers(world, lasting);
    examineOrder(world, lasting);
    examineLost(world, lasting);
    rows += lasting.reduce((sum, { shown }) => sum + shown.length, 0);
  }
  examineSecrets(world, []);
  checkDatabases(world.server, ({ kind, at }) => world.problem(`the server's check finds ${kind} at ${at}`));
  return rows;
}

function groupOf({ device, log }: Seat): string {
  const [row] = device.disk.rows("SELECT hex(group_id) AS id FROM places WHERE log = ?", [log]);
  return String(row?.["id"]);
}

const nameOf = ({ device, key }: Seat): string => `${device.name} in ${key.slice(0, 6)}`;

function examineStuck(world: World, { name, disk }: Device): void {
  const left = disk.rows("SELECT kind FROM outbox WHERE kind <> 'leave' OR is_accepted = 0").map(({ kind }) => String(kind));
  if (left.length > 0) world.problem(`${name} has not sent: ${left.join(", ")}`);
  const repairing = disk.rows("SELECT 1 FROM places WHERE repair IS NOT NULL");
  if (repairing.length > 0) world.problem(`${name} still repairs ${repairing.length} conversations`);
}

function examineMembers(world: World, seats: readonly Seat[]): void {
  const [first] = seats;
  for (const seat of seats) {
    if (seat.members.join() !== first?.members.join())
      world.problem(`${nameOf(seat)} knows other members than ${first?.device.name ?? ""}`);
    if (seat.title !== first?.title) world.problem(`${nameOf(seat)} has another title than ${first?.device.name ?? ""}`);
  }
}

type Line = { readonly messageId: string; readonly what: string };

function linesOf(world: World, seat: Seat): Line[] {
  const lines = seat.shown
    .filter(({ kind, seq }) => kind !== "system" && seq !== undefined)
    .map(({ messageId, kind, text, sender }) => ({ messageId, what: `${kind} ${text} of ${sender.slice(0, 6)}` }));
  for (const [id, twice] of Map.groupBy(lines, ({ messageId }) => messageId)) {
    if (twice.length > 1) world.problem(`${nameOf(seat)} has ${twice.length} times ${id.slice(0, 8)} ${twice[0]?.what ?? ""}`);
  }
  return lines;
}

/** What two have both is the same for both, in the same order. */
function examineOrder(world: World, seats: readonly Seat[]): void {
  const [first, ...others] = seats;
  if (first === undefined) return;
  const here = linesOf(world, first);
  for (const other of others) {
    const there = linesOf(world, other);
    const whatThere = new Map(there.map(({ messageId, what }) => [messageId, what]));
    const whatHere = new Map(here.map(({ messageId, what }) => [messageId, what]));
    const shared = here.filter(({ messageId }) => whatThere.has(messageId));
    const theirs = there.filter(({ messageId }) => whatHere.has(messageId));
    for (const { messageId, what } of shared) {
      if (whatThere.get(messageId) !== what)
        world.problem(`${nameOf(first)} has ${what}, ${nameOf(other)} ${whatThere.get(messageId) ?? ""}`);
    }
    const at = shared.findIndex(({ messageId }, place) => theirs[place]?.messageId !== messageId);
    if (at >= 0) {
      const [one, two] = [shared[at]?.what ?? "", theirs[at]?.what ?? ""];
      world.problem(`${nameOf(first)} and ${nameOf(other)} have another order: ${one} comes where ${two} does`);
    }
  }
}

/** What a lasting member said, others have who had joined before it was said. */
function examineLost(world: World, seats: readonly Seat[]): void {
  for (const { token, by, log, kind, localId, at } of world.ledger.said) {
    const author = seats.find((seat) => seat.device.name === by && seat.key === idToText(log));
    if (author === undefined || kind !== "text") continue;
    const [row] = author.device.disk.rows("SELECT lower(hex(message_id)) AS id, kind, state FROM messages WHERE lower(hex(local_id)) = ?", [
      localId,
    ]);
    if (row === undefined || row["state"] === "failed") {
      world.problem(`${nameOf(author)} has lost ${token} itself`);
      continue;
    }
    for (const seat of seats) {
      const join = seat.device.watch.joins.find(({ log: joined }) => joined === seat.key);
      const isDue = join !== undefined && join.at <= at;
      const isThere = seat.shown.some(({ messageId }) => messageId === row["id"]);
      if (isDue && !isThere && row["kind"] !== "deleted") world.problem(`${nameOf(seat)} has not got ${token} of ${by}`);
    }
  }
}
