/**
 * Extensions of GroupContext and GroupInfo whose content this engine reads (RFC 9420 §11.1, §12.1.8.1, §12.4.3.2)
 *
 *   RequiredCapabilities: ExtensionType extension_types<V>; ProposalType proposal_types<V>; CredentialType credential_types<V>
 *   ExternalSender external_senders<V>: SignaturePublicKey signature_key<V>; Credential credential
 *   ExternalPub: HPKEPublicKey external_pub<V>  (so the extension data has an inner length)
 */
import { type Reader, readWhole } from "../codec/reader.ts";
import { encode, type Writer } from "../codec/writer.ts";
import { LIMITS } from "../limits.ts";
import { type Credential, readCredential, writeCredential } from "./credential.ts";
import { type Extension, EXTENSION, findExtension } from "./extension.ts";

export type RequiredCapabilities = {
  readonly extensions: readonly number[];
  readonly proposals: readonly number[];
  readonly credentials: readonly number[];
};

export type ExternalSender = { readonly signatureKey: Uint8Array; readonly credential: Credential };

const writeNumber = (writer: Writer, value: number): unknown => writer.u16(value);
const readNumbers = (reader: Reader): number[] => reader.vector((r) => r.u16(), LIMITS.capabilityEntriesMax);

export function requiredCapabilitiesExtension(required: RequiredCapabilities): Extension {
  const write = (writer: Writer, value: RequiredCapabilities): void => {
    writer.vector(value.extensions, writeNumber).vector(value.proposals, writeNumber).vector(value.credentials, writeNumber);
  };
  return { type: EXTENSION.requiredCapabilities, data: encode(write, required) };
}

/** Throws Reject when the extension is there and malformed. */
export function requiredCapabilities(extensions: readonly Extension[]): RequiredCapabilities | undefined {
  const data = findExtension(extensions, EXTENSION.requiredCapabilities);
  if (data === undefined) return undefined;
  return readWhole((r) => ({ extensions: readNumbers(r), proposals: readNumbers(r), credentials: readNumbers(r) }), data);
}

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

export function externalPubExtension(publicKey: Uint8Array): Extension {
  return { type: EXTENSION.externalPub, data: encode((w: Writer, key: Uint8Array) => w.opaque(key), publicKey) };
}

export function externalPub(extensions: readonly Extension[]): Uint8Array | undefined {
  const data = findExtension(extensions, EXTENSION.externalPub);
  return data === undefined ? undefined : readWhole((r) => r.opaque(0xffff), data);
}
