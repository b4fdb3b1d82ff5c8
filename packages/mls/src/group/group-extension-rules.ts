/**
 * Extensions of a GroupContext whose content this engine reads (RFC 9420 §11.1, §12.1.7, §12.1.8.1, §13.4).
 */
import { readWhole } from "../codec/reader.ts";
import { encode } from "../codec/writer.ts";
import type { CredentialCheck } from "../outcome.ts";
import { appDataDictionary } from "../structs/app-data.ts";
import { type Extension, readExtensions, writeExtensions } from "../structs/extension.ts";
import { externalSenders } from "../structs/external-senders.ts";
import { requiredCapabilities } from "../structs/required-capabilities.ts";

/** What a receiver would accept: distinct types, well-formed content. Returns the credentials in it. Throws Reject. */
export function checkGroupExtensions(extensions: readonly Extension[]): CredentialCheck[] {
  readWhole(readExtensions, encode(writeExtensions, extensions));
  requiredCapabilities(extensions);
  appDataDictionary(extensions);
  return externalSenders(extensions).map(({ credential, signatureKey }) => ({
    credential,
    signatureKey,
    purpose: "externalSender",
    replaces: undefined,
  }));
}
