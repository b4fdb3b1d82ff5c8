/**
 * Handshakes that MLS sends readable, hidden from the server (spec/groups.md §Wrapped handshakes). A SelfRemove and an external commit are
 * PublicMessages; an external commit even names the joiner's account. In a log they stand as
 *
 *   0xf0 0x01 ‖ nonce (12) ‖ AES-128-GCM(exporter("sotto handshake", "", 16) of the epoch, MLSMessage)     aad = labelled("wrapped handshake v1", logId)
 *
 * An MLSMessage begins with 0x00 0x01, so the two forms cannot be taken for each other. Who joins from outside gets the key with the GroupInfo.
 */
import { concatBytes, type LogId } from "@sotto/protocol";
import type { CoreContext } from "../context.ts";
import { labelledFor } from "../labels.ts";
import { messageSuite } from "../suite.ts";

/** Exporter request of the key. */
export const HANDSHAKE_KEY = { label: "sotto handshake", length: 16 } as const;

const MAGIC = [0xf0, 0x01] as const;
const NONCE_BYTES = 12;
const HEAD_BYTES = MAGIC.length + NONCE_BYTES;

const aadOf = (log: LogId): Uint8Array => labelledFor("wrapped handshake v1", log);

export function isWrapped(body: Uint8Array): boolean {
  return body[0] === MAGIC[0] && body[1] === MAGIC[1];
}

export function wrapHandshake(
  message: Uint8Array,
  by: { readonly log: LogId; readonly key: Uint8Array },
  context: CoreContext,
): Uint8Array {
  const nonce = context.random(NONCE_BYTES);
  const sealed = messageSuite(context.crypto).aeadSeal(by.key, nonce, { aad: aadOf(by.log), data: message });
  return concatBytes(Uint8Array.of(...MAGIC), nonce, sealed);
}

/** The MLSMessage; undefined if it does not open. */
export function unwrapHandshake(
  body: Uint8Array,
  by: { readonly log: LogId; readonly key: Uint8Array },
  { crypto }: Pick<CoreContext, "crypto">,
): Uint8Array | undefined {
  if (!isWrapped(body) || body.length < HEAD_BYTES) return undefined;
  const nonce = body.subarray(MAGIC.length, HEAD_BYTES);
  return messageSuite(crypto).aeadOpen(by.key, nonce, { aad: aadOf(by.log), data: body.subarray(HEAD_BYTES) });
}
