/**
 * The master key on its way to the new device (spec/identity.md §Linking): sealed once more, to the inbox key that the digits were compared for, so
 * that somebody who saw the code and reads along learns nothing of it. CBOR
 *
 *   [ version 1, generation, kemOutput, ciphertext ]        HPKE base (RFC 9180), info = labelled("link v1", logId ‖ 3), aad = accountId ‖ deviceId
 */
import { type AccountId, concatBytes, type Device, deviceIdOf, encodeCbor, LIMITS } from "@sotto/protocol";
import type { CoreContext } from "../../context.ts";
import { bytesFrom, isOne, isUint, readVersioned, tupleOf } from "../../form.ts";
import { labelledFor } from "../../labels.ts";
import { type CoreOutcome, done, failed } from "../../outcome.ts";
import { MESSAGE_SUITE, messageSuite } from "../../suite.ts";
import { type DeviceKeys, devicePublic } from "../device.ts";
import { MASTER_KEY_BYTES } from "../master-key.ts";
import type { MasterKey } from "../wrapped-key.ts";
import type { LinkKeys } from "./link-code.ts";

export type GrantFor = { readonly account: AccountId; readonly keys: LinkKeys };

const GRANT_STEP = 3;
const GRANT_BYTES_MAX = 8 * 1024;
const form = tupleOf<[1, number, Uint8Array, Uint8Array]>(
  isOne,
  isUint,
  bytesFrom(1, LIMITS.publicKeyBytesMax),
  bytesFrom(MASTER_KEY_BYTES, MASTER_KEY_BYTES + 64),
);

const infoOf = ({ log }: LinkKeys): Uint8Array => labelledFor("link v1", log, Uint8Array.of(GRANT_STEP));
const aadOf = (account: AccountId, { signatureKey }: Device): Uint8Array => concatBytes(account, deviceIdOf(signatureKey));

export function sealGrantedKey(
  masterKey: MasterKey,
  to: GrantFor & { readonly device: Device },
  context: CoreContext,
): CoreOutcome<Uint8Array> {
  const { inboxKey } = to.device;
  if (inboxKey.algorithm !== MESSAGE_SUITE) return failed("link_message_invalid");
  const sealing = { info: infoOf(to.keys), aad: aadOf(to.account, to.device), plaintext: masterKey.key };
  const sealed = messageSuite(context.crypto).hpkeSeal(inboxKey.key, sealing, context.random);
  if (sealed === undefined) return failed("link_message_invalid");
  return done(encodeCbor([1, masterKey.generation, sealed.kemOutput, sealed.ciphertext]));
}

export function openGrantedKey(
  bytes: Uint8Array,
  by: GrantFor & { readonly device: DeviceKeys },
  { crypto }: Pick<CoreContext, "crypto">,
): CoreOutcome<MasterKey> {
  const read = readVersioned(bytes, { bytesMax: GRANT_BYTES_MAX, guard: form, otherwise: "link_message_invalid" });
  if (!read.ok) return read;
  const [, generation, kemOutput, ciphertext] = read.value;
  const at = { info: infoOf(by.keys), aad: aadOf(by.account, devicePublic(by.device)) };
  const key = messageSuite(crypto).hpkeOpen(by.device.inboxKeys, { kemOutput, ciphertext }, at);
  return key?.length === MASTER_KEY_BYTES ? done({ key, generation }) : failed("link_message_invalid");
}
