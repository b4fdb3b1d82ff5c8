/** The server must not learn what is said, by whom to whom, or a key; and nobody what was said after they were put out. */
import type { DatabaseSync } from "node:sqlite";
import { cborLimits, decodeCbor } from "@sotto/protocol";
import type { Device } from "../world/device.ts";
import type { World } from "../world/world.ts";
import { staysOfPerson, wasIn } from "./membership.ts";
import { accountOf, type Seat } from "./views.ts";

/** Every value of every row, one after the other. */
function bytesOf(database: DatabaseSync): Buffer {
  const parts: Uint8Array[] = [];
  const tables = database
    .prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%\\_%' ESCAPE '\\' OR name IN ('key_package', 'inbox_item', 'inbox_seen')",
    )
    .all();
  for (const { name } of tables) {
    const all = database.prepare(`SELECT * FROM "${String(name)}"`);
    all.setReadBigInts(true);
    for (const row of all.iterate()) {
      for (const value of Object.values(row))
        parts.push(value instanceof Uint8Array ? value : Buffer.from(String(value)), Buffer.from("\n"));
    }
  }
  return Buffer.concat(parts);
}

const KEY_BYTES_MIN = 16;

/** All byte strings of a stored form that are long enough to be keys, wherever they stand in it. */
function byteStringsIn(value: unknown): Buffer[] {
  if (value instanceof Uint8Array) {
    const decoded = decodeCbor(value, cborLimits(100_000));
    const inner: unknown = decoded.ok ? decoded.value : undefined;
    return Array.isArray(inner) ? byteStringsIn(inner) : value.length >= KEY_BYTES_MIN ? [Buffer.from(value)] : [];
  }
  return Array.isArray(value) ? value.flatMap((item: unknown) => byteStringsIn(item)) : [];
}

function keysOf({ disk }: Device): Buffer[] {
  const settings = disk.rows("SELECT value FROM settings WHERE key IN ('master_key', 'contact_token')").map(({ value }) => value);
  const packages = disk.rows("SELECT stored FROM key_packages LIMIT 5").map(({ stored }) => stored);
  const privateHalves = packages.flatMap((stored) => {
    const decoded = stored instanceof Uint8Array ? decodeCbor(stored, cborLimits(100_000)) : undefined;
    const form: unknown = decoded?.ok === true ? decoded.value : undefined;
    // [ version, what is published, private key, private key ]
    return Array.isArray(form) ? byteStringsIn(form.slice(2)) : [];
  });
  return [...settings.flatMap(byteStringsIn), ...privateHalves];
}

export function examineSecrets(world: World, seats: readonly Seat[]): void {
  const { server, devices, ledger, people } = world;
  const [logs, accounts] = [bytesOf(server.logs), bytesOf(server.accounts)];
  const tell = (what: string): void => world.problem(`the server knows ${what}`);
  for (const word of ledger.secrets) if (logs.includes(word) || accounts.includes(word)) tell(word);
  for (const device of devices) {
    for (const key of keysOf(device)) if (logs.includes(key) || accounts.includes(key)) tell(`a key of ${device.name}`);
    const account = Buffer.from(accountOf(device), "hex");
    if (account.length > 0 && logs.includes(account)) tell(`that ${device.name} is in a conversation`);
  }
  for (const { username } of people) if (logs.includes(username)) tell(`that ${username} is in a conversation`);
  for (const key of new Set(seats.map((seat) => seat.key))) {
    if (accounts.includes(Buffer.from(key, "base64url"))) tell("a conversation of somebody");
  }
  for (const inLog of Map.groupBy(seats, (seat) => seat.key).values()) examineOutsiders(world, inLog);
}

/** Whoever was not in when something was said has not got it. */
function examineOutsiders(world: World, seats: readonly Seat[]): void {
  const members = seats.find((seat) => seat.members.length > 0)?.members ?? [];
  const said = new Map(seats.flatMap(({ shown }) => shown.map(({ seq, text }) => [text, seq] as const)));
  for (const [device, stays] of world.people.flatMap((person) => staysOfPerson(person, seats, members))) {
    const disk = bytesOf(device.disk.database);
    for (const [text, seq] of said) {
      const isSecret = world.ledger.secrets.includes(text) && seq !== undefined && !wasIn(stays, seq);
      if (isSecret && disk.includes(text)) world.problem(`${device.name} knows ${text} and was not there`);
    }
  }
}
