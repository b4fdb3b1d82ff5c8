/**
 * MLSMessage (RFC 9420 §6)
 *
 *   ProtocolVersion version = mls10(1); WireFormat wire_format; select:
 *   mls_public_message(1) · mls_private_message(2) · mls_welcome(3) · mls_group_info(4) · mls_key_package(5)
 */
import { type Reader, decode } from "../codec/reader.ts";
import { type Writer, encode } from "../codec/writer.ts";
import { LIMITS } from "../limits.ts";
import { type Outcome, Reject } from "../outcome.ts";
import { WIRE_FORMAT } from "./authenticated-content.ts";
import { PROTOCOL_VERSION } from "./capabilities.ts";
import { type GroupInfo, readGroupInfo, writeGroupInfo } from "./group-info.ts";
import { type KeyPackage, readKeyPackage, writeKeyPackage } from "./key-package.ts";
import { type PrivateMessage, readPrivateMessage, writePrivateMessage } from "./private-message.ts";
import { type PublicMessage, readPublicMessage, writePublicMessage } from "./public-message.ts";
import { readWelcome, type Welcome, writeWelcome } from "./welcome.ts";

export type MlsMessage =
  | { readonly kind: "publicMessage"; readonly message: PublicMessage }
  | { readonly kind: "privateMessage"; readonly message: PrivateMessage }
  | { readonly kind: "welcome"; readonly welcome: Welcome }
  | { readonly kind: "groupInfo"; readonly groupInfo: GroupInfo }
  | { readonly kind: "keyPackage"; readonly keyPackage: KeyPackage };

export function writeMlsMessage(writer: Writer, message: MlsMessage): void {
  writer.u16(PROTOCOL_VERSION).u16(WIRE_FORMAT[message.kind]);
  if (message.kind === "publicMessage") writePublicMessage(writer, message.message);
  else if (message.kind === "privateMessage") writePrivateMessage(writer, message.message);
  else if (message.kind === "welcome") writeWelcome(writer, message.welcome);
  else if (message.kind === "groupInfo") writeGroupInfo(writer, message.groupInfo);
  else writeKeyPackage(writer, message.keyPackage);
}

/** §10: a key package that is a message of its own has the version of that message. */
function readOwnVersion(reader: Reader): KeyPackage {
  const keyPackage = readKeyPackage(reader);
  if (keyPackage.version !== PROTOCOL_VERSION) throw new Reject("unsupported_version");
  return keyPackage;
}

export function readMlsMessage(reader: Reader): MlsMessage {
  if (reader.u16() !== PROTOCOL_VERSION) throw new Reject("unsupported_version");
  const wireFormat = reader.u16();
  if (wireFormat === WIRE_FORMAT.publicMessage) return { kind: "publicMessage", message: readPublicMessage(reader) };
  if (wireFormat === WIRE_FORMAT.privateMessage) return { kind: "privateMessage", message: readPrivateMessage(reader) };
  if (wireFormat === WIRE_FORMAT.welcome) return { kind: "welcome", welcome: readWelcome(reader) };
  if (wireFormat === WIRE_FORMAT.groupInfo) return { kind: "groupInfo", groupInfo: readGroupInfo(reader) };
  if (wireFormat === WIRE_FORMAT.keyPackage) return { kind: "keyPackage", keyPackage: readOwnVersion(reader) };
  throw new Reject("unsupported_wire_format");
}

export function encodeMlsMessage(message: MlsMessage): Uint8Array {
  const sizeHint =
    message.kind === "privateMessage" ? message.message.ciphertext.length + message.message.authenticatedData.length + 384 : 1024;
  return encode(writeMlsMessage, message, sizeHint);
}

/** Throws Reject when a message of our own is longer than any receiver of this implementation takes. */
export function checkedMessage(bytes: Uint8Array): Uint8Array {
  if (bytes.length > LIMITS.messageBytesMax) throw new Reject("limit_exceeded");
  return bytes;
}

export function decodeMlsMessage(bytes: Uint8Array): Outcome<MlsMessage> {
  return decode(readMlsMessage, bytes);
}
