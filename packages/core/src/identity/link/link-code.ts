/**
 * The code by which a new device finds an old one (spec/identity.md §Linking): 16 random bytes, shown by the old device as a QR code or as 26
 * characters of base32, good once and for minutes. From it derive a log in which both meet, its tokens, and the key of what they say there:
 *
 *   derive(code, "link v1", "", 112) = logId (16) ‖ read token (32) ‖ write token (32) ‖ key (32)
 *
 * The old device creates that log in epoch 0. The server sees the hashes of the tokens and cannot guess a code of 128 bits.
 */
import type { CryptoProvider, Random } from "@sotto/mls";
import { base32ToBytes, bytesToBase32, type CapabilityHashes, capabilityHash, logId, type LogId, toId } from "@sotto/protocol";
import { derive } from "../../labels.ts";
import { type CoreOutcome, done, failed } from "../../outcome.ts";
import { messageSuite } from "../../suite.ts";

const CODE_BYTES = 16;
const GROUP_LENGTH = 4;
const TYPED_LENGTH_MAX = 128;
const LOOKALIKES: Readonly<Record<string, string>> = { "0": "o", "1": "i", "8": "b" };

export type LinkKeys = { readonly log: LogId; readonly read: Uint8Array; readonly write: Uint8Array; readonly key: Uint8Array };

export function createLinkCode(random: Random): Uint8Array {
  return random(CODE_BYTES);
}

export function linkCodeToText(code: Uint8Array): string {
  return bytesToBase32(code).replaceAll(new RegExp(`(.{${GROUP_LENGTH}})(?=.)`, "g"), "$1 ");
}

export function parseLinkCode(typed: string): CoreOutcome<Uint8Array> {
  if (typed.length > TYPED_LENGTH_MAX) return failed("link_code_invalid");
  const letters = typed
    .toLowerCase()
    .replaceAll(/[\s-]/g, "")
    .replaceAll(/[018]/g, (digit) => LOOKALIKES[digit] ?? digit);
  const code = base32ToBytes(letters);
  return code?.length === CODE_BYTES ? done(code) : failed("link_code_invalid");
}

export function linkKeys(code: Uint8Array, { crypto }: { readonly crypto: CryptoProvider }): LinkKeys {
  const bytes = derive(messageSuite(crypto), code, { label: "link v1", context: new Uint8Array(0), length: 112 });
  return { log: toId(logId, bytes.slice(0, 16)), read: bytes.slice(16, 48), write: bytes.slice(48, 80), key: bytes.slice(80) };
}

/** For `log.create`. */
export function linkHashes({ log, read, write }: LinkKeys): CapabilityHashes {
  return { read: capabilityHash(log, read), write: capabilityHash(log, write) };
}
