/**
 * Transcript hashes (RFC 9420 §8.2)
 *
 *   confirmed[n] = Hash(interim[n-1] || WireFormat wire_format; FramedContent content; opaque signature<V>)
 *   interim[n]   = Hash(confirmed[n] || MAC confirmation_tag<V>)
 */
import { Writer } from "../codec/writer.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import type { AuthenticatedContent } from "../structs/authenticated-content.ts";
import { writeFramedContent } from "../structs/framed-content.ts";

export function confirmedTranscriptHash(suite: CipherSuite, interimBefore: Uint8Array, commit: AuthenticatedContent): Uint8Array {
  const writer = new Writer(4096).raw(interimBefore).u16(commit.wireFormat);
  writeFramedContent(writer, commit.framed);
  return suite.hash(writer.opaque(commit.auth.signature).view());
}

export function interimTranscriptHash(suite: CipherSuite, confirmed: Uint8Array, confirmationTag: Uint8Array): Uint8Array {
  return suite.hash(new Writer(128).raw(confirmed).opaque(confirmationTag).view());
}
