/**
 * The external_senders extension of a group (RFC 9420 §12.1.8.1)
 *
 *   struct {
 *     SignaturePublicKey signature_key;
 *     Credential credential;
 *   } ExternalSender;
 *
 *   ExternalSender external_senders<V>;
 */
import { type Reader, readWhole } from "../codec/reader.ts";
import { encode, type Writer } from "../codec/writer.ts";
import { LIMITS } from "../limits.ts";
import { type Credential, readCredential, writeCredential } from "./credential.ts";
import { type Extension, EXTENSION, findExtension } from "./extension.ts";

export type ExternalSender = { readonly signatureKey: Uint8Array; readonly credential: Credential };

export function externalSendersExtension(senders: readonly ExternalSender[]): Extension {
  const write = (writer: Writer, list: readonly ExternalSender[]): void => {
    writer.vector(list, (w, sender) => writeCredential(w.opaque(sender.signatureKey), sender.credential));
  };
  return { type: EXTENSION.externalSenders, data: encode(write, senders) };
}

export function externalSenders(extensions: readonly Extension[]): readonly ExternalSender[] {
  const data = findExtension(extensions, EXTENSION.externalSenders);
  if (data === undefined) return [];
  const readOne = (r: Reader): ExternalSender => ({ signatureKey: r.opaque(0xffff), credential: readCredential(r) });
  return readWhole((r) => r.vector(readOne, LIMITS.externalSendersMax), data);
}
