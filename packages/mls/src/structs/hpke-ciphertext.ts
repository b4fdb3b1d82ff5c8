/**
 * HPKECiphertext (RFC 9420 §7.6)
 *
 *   struct {
 *     opaque kem_output<V>;
 *     opaque ciphertext<V>;
 *   } HPKECiphertext;
 */
import type { Reader } from "../codec/reader.ts";
import type { Writer } from "../codec/writer.ts";
import type { HpkeCiphertext } from "../crypto/provider.ts";

export function writeHpkeCiphertext(writer: Writer, sealed: HpkeCiphertext): void {
  writer.opaque(sealed.kemOutput).opaque(sealed.ciphertext);
}

export function readHpkeCiphertext(reader: Reader): HpkeCiphertext {
  return { kemOutput: reader.opaque(0xffff), ciphertext: reader.opaque() };
}
