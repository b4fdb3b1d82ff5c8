/** The value of a shared setting, as the table `own_settings` holds it: CBOR null, bool, unsigned number, text or bytes. */
import { bytesFrom, type Guard, isUint } from "@sotto/core";
import { encodeCbor, LIMITS, type OwnSettingValue } from "@sotto/protocol";
import { readStored, type StoredOutcome, textUpTo } from "../store/stored-form.ts";

const isBytes = bytesFrom(0, LIMITS.ownSettingBytesMax);
const isText = textUpTo(LIMITS.ownSettingBytesMax);
const isValue: Guard<OwnSettingValue> = (value): value is OwnSettingValue =>
  value === null || typeof value === "boolean" || isUint(value) || isText(value) || isBytes(value);

export function encodeSettingValue(value: OwnSettingValue): Uint8Array {
  return encodeCbor(value);
}

export function decodeSettingValue(bytes: Uint8Array): StoredOutcome<OwnSettingValue> {
  return readStored(bytes, LIMITS.ownSettingBytesMax + 16, isValue);
}
