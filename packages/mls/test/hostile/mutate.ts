/**
 * Damage, from a seed: to bytes, and to decoded values before they are encoded again. The second reaches what the first cannot, behind
 * lengths, signatures and encryption.
 */
import { concat } from "../../src/bytes.ts";
import type { Dice } from "../fuzz/dice.ts";

const BYTES = [0, 1, 2, 0x3f, 0x40, 0x7f, 0x80, 0xbf, 0xc0, 0xff];
const LENGTHS = [[0x00], [0x3f], [0x40, 0x40], [0x7f, 0xff], [0x80, 0x00, 0x40, 0x00], [0xbf, 0xff, 0xff, 0xff], [0xc0, 0, 0, 0]];
const NUMBERS = [0, 1, 2, 3, 0xff, 0x0a0a, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];
const BIGINTS = [0n, 1n, 0xffffffffn, (1n << 63n) - 1n, (1n << 64n) - 1n];

function randomBytes(dice: Dice, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => dice.below(256));
}

function splice(bytes: Uint8Array, at: { readonly start: number; readonly end: number }, insert: Uint8Array): Uint8Array {
  return concat(bytes.subarray(0, at.start), insert, bytes.subarray(at.end));
}

/** One piece of damage to bytes: a flipped bit, a telling byte, a cut, a copy, a length that lies, and so on. */
export function damageBytes(bytes: Uint8Array, dice: Dice): Uint8Array {
  const start = dice.below(bytes.length + 1);
  const end = Math.min(bytes.length, start + 1 + dice.below(dice.chance(0.8) ? 8 : 200));
  const other = dice.below(bytes.length + 1);
  switch (dice.below(9)) {
    case 0: {
      const changed = bytes.slice();
      if (changed.length > 0) changed[start % changed.length] = (changed[start % changed.length] ?? 0) ^ (1 << dice.below(8));
      return changed;
    }
    case 1:
      return splice(bytes, { start, end: Math.min(bytes.length, start + 1) }, Uint8Array.of(dice.pick(BYTES)));
    case 2:
      return bytes.slice(0, start);
    case 3:
      return splice(bytes, { start, end }, new Uint8Array(0));
    case 4:
      return splice(bytes, { start: other, end: other }, bytes.subarray(start, end));
    case 5:
      return splice(bytes, { start, end: Math.min(bytes.length, start + dice.below(5)) }, Uint8Array.from(dice.pick(LENGTHS)));
    case 6:
      return concat(bytes, randomBytes(dice, 1 + dice.below(8)));
    case 7:
      return splice(bytes, { start, end }, randomBytes(dice, end - start));
    default:
      return concat(bytes.subarray(start), bytes.subarray(0, start));
  }
}

/** Places inside a value, by the keys that lead there. */
type Spot = { readonly path: readonly (string | number)[]; readonly value: unknown };

function spotsOf(value: unknown): Spot[] {
  const spots: Spot[] = [];
  const walk = (at: unknown, path: readonly (string | number)[]): void => {
    spots.push({ path, value: at });
    if (at instanceof Uint8Array || typeof at !== "object" || at === null) return;
    const entries: readonly [string | number, unknown][] = Array.isArray(at) ? [...at.entries()] : Object.entries(at);
    for (const [key, item] of entries) walk(item, [...path, key]);
  };
  walk(value, []);
  return spots;
}

function withChange(value: unknown, path: readonly (string | number)[], change: (at: unknown) => unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return change(value);
  if (Array.isArray(value)) return value.map((item: unknown, i) => (i === key ? withChange(item, rest, change) : item));
  const record = value as Record<string, unknown>;
  return { ...record, [key]: withChange(record[key], rest, change) };
}

function damageList(list: readonly unknown[], dice: Dice): unknown[] {
  if (list.length === 0) return [];
  const at = dice.below(list.length);
  const item = list[at];
  switch (dice.below(5)) {
    case 0:
      return list.filter((_, i) => i !== at);
    case 1:
      return list.toSpliced(dice.below(list.length + 1), 0, item);
    case 2:
      return dice.shuffled(list);
    case 3:
      return [];
    default:
      return [...list, ...Array.from({ length: dice.pick([3, 70, 300]) }, () => item)];
  }
}

function damageField(bytes: Uint8Array, dice: Dice): Uint8Array {
  const kind = dice.below(5);
  if (kind === 0) return new Uint8Array(0);
  if (kind === 1) return new Uint8Array(bytes.length);
  if (kind === 2) return randomBytes(dice, bytes.length);
  if (kind === 3) return concat(bytes, randomBytes(dice, dice.pick([1, 64, 300])));
  return damageBytes(bytes, dice);
}

function shapeOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array || Array.isArray(value)) return undefined;
  return Object.keys(value).toSorted().join(" ");
}

/** One piece of damage to a value: to a number, a byte string or a list in it, or a part put in the place of one of the same shape. */
function damageValue<T>(value: T, dice: Dice): T {
  const spots = spotsOf(value);
  const spot = dice.pick(spots);
  const change = (at: unknown): unknown => {
    if (at instanceof Uint8Array) return damageField(at, dice);
    if (Array.isArray(at)) return damageList(at as unknown[], dice);
    if (typeof at === "number") return dice.chance(0.5) ? dice.pick(NUMBERS) : Math.max(0, at + dice.pick([-1, 1]));
    if (typeof at === "bigint") return dice.pick(BIGINTS);
    const twins = spots.filter((other) => other !== spot && shapeOf(other.value) !== undefined && shapeOf(other.value) === shapeOf(at));
    return twins.length === 0 ? at : dice.pick(twins).value;
  };
  return withChange(value, spot.path, change) as T;
}

/** As many pieces of damage as the dice say, mostly one. */
export function damageValues<T>(value: T, dice: Dice): T {
  let damaged = value;
  for (let i = dice.chance(0.7) ? 1 : 1 + dice.below(4); i > 0; i--) damaged = damageValue(damaged, dice);
  return damaged;
}
