/**
 * Reading what this program wrote into a column of bytes (spec/client-store.md §Stored forms). All of a form is read or nothing of it: `store_damaged` for
 * what is not such a form, `version_unsupported` for one of a newer version. Whoever asks goes on without it, and without it alone.
 */
import { type Guard, readForm, readVersioned } from "@sotto/core";
import { checkForm, type FormOf, type Schema, utf8Length } from "@sotto/protocol";

export type StoredOutcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly code: "store_damaged" | "version_unsupported" };

export const DAMAGED = { ok: false, code: "store_damaged" } as const;

export function readStored<T>(bytes: Uint8Array, bytesMax: number, guard: Guard<T>): StoredOutcome<T> {
  const value = readForm(bytes, bytesMax, guard);
  return value === undefined ? DAMAGED : { ok: true, value };
}

/** For a form that begins with its version, 1. */
export function readStoredVersion<T>(bytes: Uint8Array, bytesMax: number, guard: Guard<T>): StoredOutcome<T> {
  const read = readVersioned(bytes, { bytesMax, guard, otherwise: "store_damaged" });
  if (read.ok) return read;
  return read.code === "version_unsupported" ? { ok: false, code: read.code } : DAMAGED;
}

/** For ids, which are schemas of the protocol. */
export function fits<S extends Schema>(schema: S): Guard<FormOf<S>> {
  return (value): value is FormOf<S> => checkForm(schema, value).ok;
}

export function textUpTo(bytesMax: number): Guard<string> {
  return (value): value is string => typeof value === "string" && value.length <= bytesMax && utf8Length(value) <= bytesMax;
}
