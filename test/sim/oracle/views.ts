/** What each device ended up with, read from its disk, and what the server has. */
import { idToText, logId, type LogId, decodeEntry, expectSuccess, toId } from "@sotto/protocol";
import type { Row } from "@sotto/client";
import type { Device } from "../world/device.ts";
import type { Person, World } from "../world/world.ts";

type Place = { readonly log: LogId; readonly key: string; readonly kind: string; readonly status: string; readonly title: string };

export type Shown = {
  readonly seq: number | undefined;
  readonly sender: string;
  readonly kind: string;
  readonly text: string;
  readonly messageId: string;
  readonly state: string;
  /** Why it was not sent; empty if it was, or still may be. */
  readonly failure: string;
  readonly reactions: string;
  readonly votes: string;
  /** Seconds after reading; undefined for a message that stays. */
  readonly expiresAfter: number | undefined;
};

/** A conversation on one device. */
export type Seat = Place & {
  readonly person: Person;
  readonly device: Device;
  readonly cursor: number;
  readonly trouble: string | undefined;
  /** Not everything reaches this device: somebody is or was blocked, or it was taken out of the account. */
  readonly isDeaf: boolean;
  readonly isRevoked: boolean;
  readonly shown: readonly Shown[];
  /** Accounts in text form, sorted; empty when it is not a member any more. */
  readonly members: readonly string[];
};

export type Stored = { readonly seq: number; readonly entryId: string; readonly kind: string };

const text = (row: Row, column: string): string => {
  const value = row[column];
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : String(value);
};

const SHOWN = `SELECT seq, sender, kind, text, message_id, state, failure,
    coalesce((SELECT group_concat(hex(r.account) || hex(r.emoji), ' ' ORDER BY r.account, r.message_id) FROM reactions r
      WHERE r.log = m.log AND r.target = m.message_id), '') AS reactions,
    coalesce((SELECT group_concat(hex(v.account) || hex(v.choices), ' ' ORDER BY v.account) FROM votes v
      WHERE v.log = m.log AND v.target = m.message_id), '') AS votes, expires_after
  FROM messages m WHERE log = ? ORDER BY seq IS NULL, seq, id`;

function shownIn(device: Device, log: LogId): Shown[] {
  return device.disk.rows(SHOWN, [log]).map((row) => ({
    seq: typeof row["seq"] === "number" ? row["seq"] : undefined,
    sender: text(row, "sender"),
    kind: text(row, "kind"),
    text: text(row, "text"),
    messageId: text(row, "message_id"),
    state: text(row, "state"),
    failure: row["failure"] === null ? "" : text(row, "failure"),
    reactions: text(row, "reactions"),
    votes: text(row, "votes"),
    expiresAfter: typeof row["expires_after"] === "number" ? row["expires_after"] : undefined,
  }));
}

/** A person who has blocked the other one, or whoever brought them in, even for a time. */
function isDeaf({ ledger }: World, { username }: Person, row: Row): boolean {
  const [peer, inviter] = [text(row, "peer"), text(row, "inviter")];
  return ledger.blocks.some(({ by, account }) => by === username && (account === peer || account === inviter));
}

async function seatsOf(world: World, person: Person, device: Device): Promise<Seat[]> {
  const seats: Seat[] = [];
  for (const row of device.disk.rows("SELECT * FROM conversations ORDER BY log")) {
    const bytes = row["log"];
    if (!(bytes instanceof Uint8Array)) continue;
    const log = toId(logId, bytes);
    const status = text(row, "status");
    const isRevoked = world.ledger.revocations.get(person.username)?.target === device;
    const isIn = !isRevoked && (status === "active" || status === "request");
    const members = isIn ? await device.client?.members(log) : [];
    seats.push({
      log,
      person,
      device,
      status,
      key: idToText(log),
      kind: text(row, "kind"),
      title: text(row, "title"),
      cursor: Number(row["cursor"]),
      trouble: row["trouble"] === null ? undefined : text(row, "trouble"),
      isDeaf: isRevoked || isDeaf(world, person, row),
      isRevoked,
      shown: shownIn(device, log),
      members: (members ?? []).map(({ account }) => Buffer.from(account).toString("hex")).toSorted(),
    });
  }
  return seats;
}

export async function allSeats(world: World): Promise<Seat[]> {
  const seats: Seat[] = [];
  for (const person of world.people) for (const device of person.devices) seats.push(...(await seatsOf(world, person, device)));
  return seats;
}

export function accountOf(device: Device): string {
  const [row] = device.disk.rows("SELECT value FROM settings WHERE key = 'account'");
  return row === undefined ? "" : text(row, "value");
}

/** All entries of a log, as a reader with the tokens of all epochs would get them. */
export async function storedIn(world: World, log: LogId): Promise<Stored[]> {
  const first = world.ledger.firstEpochs.get(idToText(log));
  const stored: Stored[] = [];
  if (first === undefined) return stored;
  for (let epoch = first, from = 1; ;) {
    const read = await world.server.service.store.read({ log, epoch, from, bytesMax: 1_000_000 });
    if (!read.ok) return stored;
    for (const bytes of read.value.entries) {
      const { seq, entryId, kind } = expectSuccess(decodeEntry(bytes));
      stored.push({ seq, entryId: idToText(entryId), kind });
    }
    from = read.value.next;
    if (read.value.end === "live") return stored;
    if (read.value.end === "epoch_ended") epoch++;
  }
}
