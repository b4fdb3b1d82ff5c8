/** Who was in a conversation from where to where, as the notices in the timelines of its members tell. */
import { cborLimits, decodeCbor } from "@sotto/protocol";
import type { Row } from "@sotto/client";
import type { Device } from "../world/device.ts";
import type { Person } from "../world/world.ts";
import { accountOf, type Seat } from "./views.ts";

/** From the first entry that a member can read to the last, the commit that puts it out; both ends included. */
export type Stay = { readonly from: number; readonly through: number };

type Change = { readonly added: Set<string>; readonly gone: Set<string> };

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const accountsIn = (list: unknown): string[] =>
  Array.isArray(list) ? list.filter((item) => item instanceof Uint8Array).map((item) => hex(item)) : [];

/** The changes by sequence number, joined from all who saw them. */
function changesOf(seats: readonly Seat[]): [number, Change][] {
  const changes = new Map<number, Change>();
  for (const { device, log } of seats) {
    const rows: readonly Row[] = device.disk.rows("SELECT seq, content FROM messages WHERE log = ? AND kind = 'system'", [log]);
    for (const { seq, content } of rows) {
      if (typeof seq !== "number" || !(content instanceof Uint8Array)) continue;
      const decoded = decodeCbor(content, cborLimits(100_000));
      const form: unknown = decoded.ok ? decoded.value : undefined;
      if (!Array.isArray(form)) continue;
      // [ version, added, removed, left, … ], see packages/client/src/groups/commit-facts.ts
      const [, added, removed, left]: readonly unknown[] = form;
      const change = changes.get(seq) ?? { added: new Set(), gone: new Set() };
      for (const account of accountsIn(added)) change.added.add(account);
      for (const account of [...accountsIn(removed), ...accountsIn(left)]) change.gone.add(account);
      changes.set(seq, change);
    }
  }
  return [...changes].toSorted(([a], [b]) => a - b);
}

/** `now`: who is in at the end. */
function staysOf(account: string, seats: readonly Seat[], now: readonly string[]): Stay[] {
  const changes = changesOf(seats);
  const concerning = changes.filter(([, { added, gone }]) => added.has(account) || gone.has(account));
  const first = concerning[0]?.[1];
  let from: number | undefined = first === undefined ? (now.includes(account) ? 1 : undefined) : first.added.has(account) ? undefined : 1;
  const stays: Stay[] = [];
  for (const [seq, { gone }] of concerning) {
    if (!gone.has(account)) from ??= seq + 1;
    else if (from !== undefined) {
      stays.push({ from, through: seq });
      from = undefined;
    }
  }
  if (from !== undefined) stays.push({ from, through: Number.POSITIVE_INFINITY });
  return stays;
}

/**
 * The stays of each device of a person. With two devices, one of which may come later and go earlier than the other, what they tell themselves
 * counts: from where a conversation came to the device, and where it read that it is out.
 */
export function staysOfPerson({ devices }: Person, seats: readonly Seat[], now: readonly string[]): [Device, Stay[]][] {
  const [first, second] = devices;
  if (first === undefined) return [];
  if (second === undefined) return [[first, staysOf(accountOf(first), seats, now)]];
  return devices.map((device) => [device, ownStays(device, seats)]);
}

function ownStays(device: Device, seats: readonly Seat[]): Stay[] {
  const account = accountOf(device);
  const own = changesOf(seats.filter((seat) => seat.device === device));
  const stays: Stay[] = [];
  for (const { log, from } of device.watch.joins) {
    if (log !== seats[0]?.key) continue;
    const out = own.find(([seq, { gone }]) => seq >= from && gone.has(account));
    stays.push({ from, through: out?.[0] ?? Number.POSITIVE_INFINITY });
  }
  return stays;
}

export const wasIn = (stays: readonly Stay[], seq: number): boolean => stays.some(({ from, through }) => from <= seq && seq <= through);

/** Whether somebody has been in all the time from an entry to the end. */
export const isInSince = (stays: readonly Stay[], seq: number): boolean =>
  stays.some(({ from, through }) => from <= seq && through === Number.POSITIVE_INFINITY);

/** Whether somebody went from a conversation, even for a time, as anybody there saw it. */
export const hasGone = (account: string, seats: readonly Seat[]): boolean => changesOf(seats).some(([, { gone }]) => gone.has(account));
