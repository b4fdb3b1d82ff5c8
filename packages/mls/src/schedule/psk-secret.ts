/**
 * Combining pre-shared keys (RFC 9420 §8.4)
 *
 *   psk_extracted[i] = Extract(0, psk[i]); psk_input[i] = ExpandWithLabel(psk_extracted[i], "derived psk", PSKLabel, Nh)
 *   psk_secret[i+1] = Extract(psk_input[i], psk_secret[i]); psk_secret[0] = 0
 */
import { expandWithLabel } from "../crypto/labels.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { type PskId, pskLabel } from "../structs/psk.ts";

export type Psk = { readonly id: PskId; readonly secret: Uint8Array };

export function pskSecret(suite: CipherSuite, psks: readonly Psk[]): Uint8Array {
  const zero = new Uint8Array(suite.hashLength);
  let secret: Uint8Array = zero.slice();
  for (const [index, psk] of psks.entries()) {
    const extracted = suite.hkdfExtract(zero, psk.secret);
    const context = pskLabel(psk.id, index, psks.length);
    const input = expandWithLabel(suite, extracted, { label: "derived psk", context, length: suite.hashLength });
    extracted.fill(0);
    secret = suite.hkdfExtract(input, secret);
    input.fill(0);
  }
  return secret;
}
