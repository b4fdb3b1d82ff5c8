/**
 * GroupInfo and Welcome (RFC 9420 §12.4.3)
 *
 *   GroupInfo: GroupContext; Extension extensions<V>; MAC confirmation_tag<V>; uint32 signer; opaque signature<V> (over all before)
 *   GroupSecrets: opaque joiner_secret<V>; optional<PathSecret { opaque path_secret<V> }>; PreSharedKeyID psks<V>
 *   Welcome: CipherSuite; EncryptedGroupSecrets { KeyPackageRef new_member<V>; HPKECiphertext } secrets<V>; opaque encrypted_group_info<V>
 */
import type { Reader } from "../codec/reader.ts";
import { Writer } from "../codec/writer.ts";
import type { HpkeCiphertext } from "../crypto/provider.ts";
import { LIMITS } from "../limits.ts";
import { readHpkeCiphertext, writeHpkeCiphertext } from "./commit.ts";
import { type Extension, readExtensions, writeExtensions } from "./extension.ts";
import { type GroupContext, readGroupContext, writeGroupContext } from "./group-context.ts";
import { type PskId, readPskId, writePskId } from "./psk.ts";

export type GroupInfoContent = {
  readonly groupContext: GroupContext;
  readonly extensions: readonly Extension[];
  readonly confirmationTag: Uint8Array;
  readonly signer: number;
};

export type GroupInfo = GroupInfoContent & { readonly signature: Uint8Array };

export type GroupSecrets = {
  readonly joinerSecret: Uint8Array;
  readonly pathSecret: Uint8Array | undefined;
  readonly psks: readonly PskId[];
};

type EncryptedGroupSecrets = { readonly newMember: Uint8Array; readonly encryptedGroupSecrets: HpkeCiphertext };

export type Welcome = {
  readonly suiteId: number;
  readonly secrets: readonly EncryptedGroupSecrets[];
  readonly encryptedGroupInfo: Uint8Array;
};

function writeContent(writer: Writer, info: GroupInfoContent): void {
  writeGroupContext(writer, info.groupContext);
  writeExtensions(writer, info.extensions);
  writer.opaque(info.confirmationTag).u32(info.signer);
}

export function groupInfoTbs(info: GroupInfoContent): Uint8Array {
  const writer = new Writer(4096);
  writeContent(writer, info);
  return writer.finish();
}

export function writeGroupInfo(writer: Writer, info: GroupInfo): void {
  writeContent(writer, info);
  writer.opaque(info.signature);
}

export function readGroupInfo(reader: Reader): GroupInfo {
  return {
    groupContext: readGroupContext(reader),
    extensions: readExtensions(reader),
    confirmationTag: reader.opaque(255),
    signer: reader.u32(),
    signature: reader.opaque(0xffff),
  };
}

export function writeGroupSecrets(writer: Writer, secrets: GroupSecrets): void {
  writer.opaque(secrets.joinerSecret);
  writer.optional(secrets.pathSecret, (w, pathSecret) => w.opaque(pathSecret));
  writer.vector(secrets.psks, writePskId);
}

export function readGroupSecrets(reader: Reader): GroupSecrets {
  return {
    joinerSecret: reader.opaque(255),
    pathSecret: reader.optional((r) => r.opaque(255)),
    psks: reader.vector(readPskId, LIMITS.pskIdsMax),
  };
}

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
