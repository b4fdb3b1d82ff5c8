/**
 * Welcome (RFC 9420 §12.4.3.1)
 *
 *   struct {
 *     KeyPackageRef new_member;
 *     HPKECiphertext encrypted_group_secrets;
 *   } EncryptedGroupSecrets;
 *
 *   struct {
 *     CipherSuite cipher_suite;
 *     EncryptedGroupSecrets secrets<V>;
 *     opaque encrypted_group_info<V>;
 *   } Welcome;
 */
import type { Reader } from "../codec/reader.ts";
import type { Writer } from "../codec/writer.ts";
import type { HpkeCiphertext } from "../crypto/provider.ts";
import { LIMITS } from "../limits.ts";
import { readHpkeCiphertext, writeHpkeCiphertext } from "./hpke-ciphertext.ts";

type EncryptedGroupSecrets = { readonly newMember: Uint8Array; readonly encryptedGroupSecrets: HpkeCiphertext };

export type Welcome = {
  readonly suiteId: number;
  readonly secrets: readonly EncryptedGroupSecrets[];
  readonly encryptedGroupInfo: Uint8Array;
};

export function writeWelcome(writer: Writer, welcome: Welcome): void {
  writer.u16(welcome.suiteId);
  writer.vector(welcome.secrets, (w, entry) => writeHpkeCiphertext(w.opaque(entry.newMember), entry.encryptedGroupSecrets));
  writer.opaque(welcome.encryptedGroupInfo);
}

export function readWelcome(reader: Reader): Welcome {
  return {
    suiteId: reader.u16(),
    secrets: reader.vector((r) => ({ newMember: r.opaque(255), encryptedGroupSecrets: readHpkeCiphertext(r) }), LIMITS.leavesMax),
    encryptedGroupInfo: reader.opaque(),
  };
}
