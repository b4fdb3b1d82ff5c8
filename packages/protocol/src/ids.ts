/**
 * Ids: byte strings of a fixed length, branded so that one is not taken for another.
 *
 *   LogId      16  random                                     base64url
 *   EntryId    16  random; makes an append idempotent         base64url
 *   BlobId     16  random; knowing it is the right to read    base64url
 *   DeviceId   16  SHA-256(label, signature key)[0..15]       base64url
 *   AccountId  32  hash of the first identity chain entry     base32 (52 characters, people see it)
 *   MessageId  32  0x01 ‖ SHA-256(…)[0..30] (MIMI)            base64url
 *
 * spec/log.md §Ids.
 */
import * as v from "valibot";
import { failure, type Outcome, ProtocolError, success } from "./outcome.ts";
import { base32ToBytes, base64urlToBytes, bytesToBase32, bytesToBase64url } from "./text-forms.ts";

type Id<Name extends string> = Uint8Array & { readonly __brand: Name };

export type LogId = Id<"LogId">;
export type EntryId = Id<"EntryId">;
export type BlobId = Id<"BlobId">;
export type DeviceId = Id<"DeviceId">;
export type AccountId = Id<"AccountId">;
export type MessageId = Id<"MessageId">;

const idSchema = <T extends Uint8Array>(length: number): v.CustomSchema<T, "id_invalid"> =>
  v.custom<T, "id_invalid">((value) => value instanceof Uint8Array && value.length === length, "id_invalid");

export const logId = idSchema<LogId>(16);
export const entryId = idSchema<EntryId>(16);
export const blobId = idSchema<BlobId>(16);
export const deviceId = idSchema<DeviceId>(16);
export const accountId = idSchema<AccountId>(32);
/** The first byte names the hash function: 1 is SHA-256, and no other is used. */
export const messageId = v.custom<MessageId, "id_invalid">(
  (value) => value instanceof Uint8Array && value.length === 32 && value[0] === 1,
  "id_invalid",
);

type IdSchema<T> = v.CustomSchema<T, "id_invalid">;

/** Brands bytes that the program made, such as random ones. Throws {@link ProtocolError} if the length is wrong. */
export function toId<T>(schema: IdSchema<T>, bytes: Uint8Array): T {
  if (v.is(schema, bytes)) return bytes;
  throw new ProtocolError("id_invalid");
}

function parsed<T>(schema: IdSchema<T>, bytes: Uint8Array | undefined): Outcome<T> {
  return v.is(schema, bytes) ? success(bytes) : failure("id_invalid");
}

export function idToText(id: LogId | EntryId | BlobId | DeviceId | MessageId): string {
  return bytesToBase64url(id);
}

/** `parseId(logId, text)`: the id whose only text form this is. */
export function parseId<T extends LogId | EntryId | BlobId | DeviceId | MessageId>(schema: IdSchema<T>, text: string): Outcome<T> {
  return text.length > 64 ? failure("id_invalid") : parsed(schema, base64urlToBytes(text));
}

export function accountIdToText(id: AccountId): string {
  return bytesToBase32(id);
}

export function parseAccountId(text: string): Outcome<AccountId> {
  return text.length > 64 ? failure("id_invalid") : parsed(accountId, base32ToBytes(text));
}
