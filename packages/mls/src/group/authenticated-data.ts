/**
 * `authenticated_data` in a group that uses Safe AAD (draft-ietf-mls-extensions-09 §4.9): it begins with the framed items, on every message.
 */
import { empty } from "../bytes.ts";
import { check } from "../outcome.ts";
import { decodeSafeAad, usesSafeAad } from "../structs/app-data.ts";
import type { Extension } from "../structs/extension.ts";

const NO_ITEMS = new Uint8Array(1);

/** What a message of this group carries: the caller's bytes, or the empty form. Throws Reject `usage` when they are not framed. */
export function outgoingData(extensions: readonly Extension[], given: Uint8Array | undefined): Uint8Array {
  if (!usesSafeAad(extensions)) return given ?? empty();
  const data = given ?? NO_ITEMS;
  check(decodeSafeAad(data).ok, "usage");
  return data;
}

/** Throws Reject `invalid_content` when a received message lacks the framing. */
export function checkIncomingData(extensions: readonly Extension[], data: Uint8Array): void {
  check(!usesSafeAad(extensions) || decodeSafeAad(data).ok, "invalid_content");
}
