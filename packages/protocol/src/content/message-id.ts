/**
 * Message ids (draft-ietf-mimi-content-08 §3.3):
 *
 *   messageId = 0x01 ‖ SHA-256( u16 length ‖ sender URI ‖ u16 length ‖ room URI ‖ content ‖ salt )[0..30]
 *
 * `content` is the encoded container before padding. The URIs are not sent: both sides know them from MLS. A person's is
 * `sotto:a/` ‖ base32(account id); a group's is `sotto:g/` ‖ base64url(MLS group id).
 */
import { concatBytes, uint16ToBytes } from "../bytes.ts";
import { sha256 } from "../hashing.ts";
import { type AccountId, accountIdToText, messageId, type MessageId, parseAccountId, toId } from "../ids.ts";
import { failure, type Outcome } from "../outcome.ts";
import { bytesToBase64url } from "../text-forms.ts";
import { encodeUtf8 } from "../utf8.ts";

const SHA_256 = 1;
const ACCOUNT_PREFIX = "sotto:a/";
const GROUP_PREFIX = "sotto:g/";

export function accountUri(account: AccountId): string {
  return ACCOUNT_PREFIX + accountIdToText(account);
}

export function parseAccountUri(uri: string): Outcome<AccountId> {
  return uri.startsWith(ACCOUNT_PREFIX) ? parseAccountId(uri.slice(ACCOUNT_PREFIX.length)) : failure("id_invalid");
}

export function groupUri(groupId: Uint8Array): string {
  return GROUP_PREFIX + bytesToBase64url(groupId);
}

export type MessageIdFacts = {
  readonly senderUri: string;
  readonly roomUri: string;
  /** The encoded container, unpadded. */
  readonly content: Uint8Array;
  readonly salt: Uint8Array;
};

export function deriveMessageId({ senderUri, roomUri, content, salt }: MessageIdFacts): MessageId {
  const sender = encodeUtf8(senderUri);
  const room = encodeUtf8(roomUri);
  const digest = sha256(concatBytes(uint16ToBytes(sender.length), sender, uint16ToBytes(room.length), room, content, salt));
  return toId(messageId, concatBytes(Uint8Array.of(SHA_256), digest.subarray(0, 31)));
}
