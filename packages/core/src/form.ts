/** Reading the CBOR arrays that core and the client define: every item has a guard, and a value that fits none is refused as a whole. */
import { cborLimits, decodeCbor } from "@sotto/protocol";
import { type CoreOnlyCode, type CoreOutcome, done, failed } from "./outcome.ts";

export type Guard<T> = (value: unknown) => value is T;
type Guards<T extends readonly unknown[]> = { readonly [K in keyof T]: Guard<T[K]> };

export const isUint: Guard<number> = (value): value is number => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

export const isOne: Guard<1> = (value): value is 1 => value === 1;

export function bytesFrom(min: number, max: number): Guard<Uint8Array> {
  return (value): value is Uint8Array => value instanceof Uint8Array && value.length >= min && value.length <= max;
}

export function bytesOf(length: number): Guard<Uint8Array> {
  return bytesFrom(length, length);
}

export function uintUpTo(max: number): Guard<number> {
  return (value): value is number => isUint(value) && value <= max;
}

export function listOf<T>(guard: Guard<T>, max: number): Guard<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.length <= max && value.every((item) => guard(item));
}

export function tupleOf<T extends readonly unknown[]>(...guards: Guards<T>): Guard<T> {
  return (value): value is T =>
    Array.isArray(value) && value.length === guards.length && guards.every((guard: Guard<unknown>, i) => guard(value[i]));
}

/** The one value of these bytes if the guard takes it. */
export function readForm<T>(bytes: Uint8Array, bytesMax: number, guard: Guard<T>): T | undefined {
  const decoded = decodeCbor(bytes, cborLimits(bytesMax));
  return decoded.ok && guard(decoded.value) ? decoded.value : undefined;
}

type Reading<T> = {
  readonly bytesMax: number;
  readonly guard: Guard<T>;
  readonly otherwise: CoreOnlyCode | "inbox_item_invalid" | "form_invalid" | "store_damaged";
};

/** A stored form, which begins with its version: a newer one is told from a broken one. */
export function readVersioned<T>(bytes: Uint8Array, { bytesMax, guard, otherwise }: Reading<T>): CoreOutcome<T> {
  const decoded = decodeCbor(bytes, cborLimits(bytesMax));
  const value: unknown = decoded.ok ? decoded.value : undefined;
  if (guard(value)) return done(value);
  const isNewer = Array.isArray(value) && isUint(value[0]) && value[0] !== 1;
  return failed(isNewer ? "version_unsupported" : otherwise);
}
