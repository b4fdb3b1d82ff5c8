/**
 * What a device that comes to an account has to know before it hears from another one (spec/backup.md §Account card): kept at the server, sealed
 * with a key from the master key, by the device that changed it last.
 *
 *   nonce (12) ‖ AES-256-GCM(derive(master key, "account card v1", accountId, 32), CBOR [ version 1, username, contact token (32) ])    aad = accountId
 */
import { type AccountId, concatBytes, encodeCbor, parseAddress, type Username } from "@sotto/protocol";
import type { CoreContext } from "../context.ts";
import { bytesOf, type Guard, isOne, readVersioned, tupleOf } from "../form.ts";
import { derive } from "../labels.ts";
import { type CoreOutcome, done, failed } from "../outcome.ts";
import { messageSuite, storageCipher } from "../suite.ts";

export type AccountCard = { readonly username: Username; readonly contactToken: Uint8Array };
export type CardKey = { readonly account: AccountId; readonly masterKey: Uint8Array };

const NONCE_BYTES = 12;
const TOKEN_BYTES = 32;
const CARD_BYTES_MAX = 256;
const isText: Guard<string> = (value): value is string => typeof value === "string";
const form = tupleOf<[1, string, Uint8Array]>(isOne, isText, bytesOf(TOKEN_BYTES));

function keyOf({ account, masterKey }: CardKey, { crypto }: CoreContext): Uint8Array {
  return derive(messageSuite(crypto), masterKey, { label: "account card v1", context: account, length: 32 });
}

export function sealAccountCard({ username, contactToken }: AccountCard, by: CardKey, context: CoreContext): Uint8Array {
  const nonce = context.random(NONCE_BYTES);
  const data = encodeCbor([1, username, contactToken]);
  return concatBytes(nonce, storageCipher(context.crypto).aeadSeal(keyOf(by, context), nonce, { aad: by.account, data }));
}

/** `account_card_invalid` for whatever is not the card of this account under this master key. */
export function openAccountCard(bytes: Uint8Array, by: CardKey, context: CoreContext): CoreOutcome<AccountCard> {
  if (bytes.length > CARD_BYTES_MAX) return failed("account_card_invalid");
  const sealed = { aad: by.account, data: bytes.subarray(NONCE_BYTES) };
  const opened = storageCipher(context.crypto).aeadOpen(keyOf(by, context), bytes.subarray(0, NONCE_BYTES), sealed);
  if (opened === undefined) return failed("account_card_invalid");
  const read = readVersioned(opened, { bytesMax: CARD_BYTES_MAX, guard: form, otherwise: "account_card_invalid" });
  if (!read.ok) return read;
  const address = parseAddress(read.value[1]);
  return address.ok ? done({ username: address.value.username, contactToken: read.value[2] }) : failed("account_card_invalid");
}
