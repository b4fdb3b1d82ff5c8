/**
 * SHA-256 with a domain label, and the framing of bytes that get signed or MACed:
 *
 *   labelled(label, bytes) = length of "sotto " ‖ label in one byte ‖ "sotto " ‖ label ‖ bytes
 *
 * The label keeps a hash or signature made for one purpose from counting for another. spec/identity.md §Signatures.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "./bytes.ts";
import { encodeUtf8 } from "./utf8.ts";

export type Label =
  | "capability v1"
  | "chain entry v1"
  | "contact v1"
  | "device id v1"
  | "gate v1"
  | "group state v1"
  | "identity v1"
  | "inbox item v1"
  | "login v1"
  | "receipt v1";

const prefixes = new Map<Label, Uint8Array>();

function prefixOf(label: Label): Uint8Array {
  let prefix = prefixes.get(label);
  if (prefix === undefined) {
    const text = encodeUtf8(`sotto ${label}`);
    prefix = concatBytes(Uint8Array.of(text.length), text);
    prefixes.set(label, prefix);
  }
  return prefix;
}

/** Bytes with their label in front: what is hashed, signed or MACed. */
export function labelled(label: Label, ...parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(prefixOf(label), ...parts);
}

export function hashWithLabel(label: Label, ...parts: readonly Uint8Array[]): Uint8Array {
  return sha256(labelled(label, ...parts));
}

export { sha256 };
