/** What the vault knows of one item: JSON in UTF-8, sealed under the vault's key. Bytes are base64url. */
import { base64urlToBytes, bytesToBase64url, decodeUtf8, encodeUtf8 } from "@sotto/protocol";
import { ClientError } from "../client-error.ts";
import type { KeptFile } from "../archive/sealed-file.ts";

export type VaultEntry = {
  readonly name: string;
  readonly tags: readonly string[];
  /** Where it was before, such as the title of a conversation; empty for what was put in from a disk. */
  readonly from: string;
  /** When it was sent, in ms; 0 if that is not known. */
  readonly at: number;
  /** Of an item that is words. */
  readonly text?: string;
  /** Of an item that is a file. */
  readonly file?: { readonly type: string; readonly bytes: number; readonly keys: readonly string[] };
};

export const VAULT_LIMITS = { nameMax: 256, tagMax: 64, tagsMax: 32, textMax: 1024 * 1024, fileBytesMax: 2 * 1024 ** 3 } as const;

export const encodeEntry = (entry: VaultEntry): Uint8Array => encodeUtf8(JSON.stringify(entry));

/** What {@link encodeEntry} made and only the holder of the key can have changed. */
export function decodeEntry(bytes: Uint8Array): VaultEntry {
  const text = decodeUtf8(bytes);
  if (text === undefined) throw new ClientError("store_damaged");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return JSON.parse(text) as VaultEntry;
}

export function entryFile(type: string, { bytes, key, noncePrefix, cipherHash, fileHash }: KeptFile): NonNullable<VaultEntry["file"]> {
  return { type, bytes, keys: [key, noncePrefix, cipherHash, fileHash].map((secret) => bytesToBase64url(secret)) };
}

export function keptFile({ bytes, keys }: NonNullable<VaultEntry["file"]>): KeptFile {
  const [key, noncePrefix, cipherHash, fileHash] = keys.map((text) => base64urlToBytes(text));
  if (key === undefined || noncePrefix === undefined || cipherHash === undefined || fileHash === undefined) {
    throw new ClientError("store_damaged");
  }
  return { bytes, key, noncePrefix, cipherHash, fileHash };
}
