/**
 * Notes sealed to a device's inbox key (spec/inbox.md §Seal), so that the server learns neither sender nor conversation: CBOR
 *
 *   [ version 1, ciphersuite, kemOutput, ciphertext ]
 *
 * HPKE base mode (RFC 9180) to the inbox key that the recipient's identity chain names, info = labelled("inbox note v1", accountId ‖ deviceId),
 * empty aad. The plaintext is the signed note ‖ 0x80 ‖ zeros, up to padme of its length and at least 2 KiB: short notes look alike.
 */
import {
  type AccountId,
  decodeInboxNote,
  encodeCbor,
  encodeInboxNote,
  idToText,
  type InboxNote,
  inboxNoteSignatureBytes,
  LIMITS,
  padmeSize,
} from "@sotto/protocol";
import type { CoreContext, GroupContext } from "../context.ts";
import { bytesFrom, isOne, readVersioned, tupleOf, uintUpTo } from "../form.ts";
import type { DeviceAddress } from "../identity/credential.ts";
import { type OwnDevice, signAsDevice } from "../identity/device.ts";
import { labelledFor } from "../labels.ts";
import { type CoreOutcome, done, failed } from "../outcome.ts";
import { MESSAGE_SUITE, messageSuite } from "../suite.ts";

const PLAIN_BYTES_MIN = 2048;
const MARKER = 0x80;
const form = tupleOf<[1, number, Uint8Array, Uint8Array]>(
  isOne,
  uintUpTo(0xffff),
  bytesFrom(1, LIMITS.publicKeyBytesMax),
  bytesFrom(1, LIMITS.inboxBodyBytesMax),
);

const infoOf = (to: DeviceAddress): Uint8Array => labelledFor("inbox note v1", to.account, to.device);

function padNote(note: Uint8Array): Uint8Array {
  const padded = new Uint8Array(padmeSize(Math.max(PLAIN_BYTES_MIN, note.length + 1)));
  padded.set(note);
  padded[note.length] = MARKER;
  return padded;
}

function unpadNote(padded: Uint8Array): Uint8Array | undefined {
  const end = padded.lastIndexOf(MARKER);
  return end < 0 || padded.subarray(end + 1).some((byte) => byte !== 0) ? undefined : padded.subarray(0, end);
}

/** The body of an inbox item for a device that its account has now. */
export function sealNote(
  self: OwnDevice,
  mail: { readonly to: DeviceAddress; readonly note: InboxNote },
  context: GroupContext,
): CoreOutcome<Uint8Array> {
  const { to, note } = mail;
  const known = context.chains(to.account);
  if (known === undefined) return failed("chain_needed", [to.account]);
  const inboxKey = known.chain.devicesById.get(idToText(to.device))?.device.inboxKey;
  if (inboxKey === undefined || inboxKey.algorithm !== MESSAGE_SUITE) return failed("device_unknown");
  const unsigned = { senderAccount: self.account, senderDevice: self.id, note };
  const signature = signAsDevice(self, inboxNoteSignatureBytes(unsigned, to), context);
  const plaintext = padNote(encodeInboxNote({ ...unsigned, signature }));
  const sealing = { info: infoOf(to), aad: new Uint8Array(0), plaintext };
  const sealed = messageSuite(context.crypto).hpkeSeal(inboxKey.key, sealing, context.random);
  if (sealed === undefined) return failed("device_unknown");
  const body = encodeCbor([1, MESSAGE_SUITE, sealed.kemOutput, sealed.ciphertext]);
  return body.length > LIMITS.inboxBodyBytesMax ? failed("content_too_large") : done(body);
}

export type OpenedNote = { readonly sender: DeviceAddress; readonly note: InboxNote };

/** `inbox_item_invalid` for whatever is not a note to this device by a device that its account has now. */
export function openNote(self: OwnDevice, body: Uint8Array, context: GroupContext): CoreOutcome<OpenedNote> {
  const plaintext = openSeal(self, body, context);
  if (!plaintext.ok) return plaintext;
  const signed = decodeInboxNote(plaintext.value);
  if (!signed.ok) return signed.code === "version_unsupported" ? signed : failed("inbox_item_invalid");
  const { senderAccount, senderDevice, note, signature } = signed.value;
  const key = senderKey(senderAccount, idToText(senderDevice), context);
  if (!key.ok) return key;
  const to = { account: self.account, device: self.id };
  const message = inboxNoteSignatureBytes({ senderAccount, senderDevice, note }, to);
  if (!messageSuite(context.crypto).verify(key.value, message, signature)) return failed("inbox_item_invalid");
  return done({ sender: { account: senderAccount, device: senderDevice }, note });
}

function openSeal(self: OwnDevice, body: Uint8Array, { crypto }: CoreContext): CoreOutcome<Uint8Array> {
  const read = readVersioned(body, { bytesMax: LIMITS.inboxBodyBytesMax, guard: form, otherwise: "inbox_item_invalid" });
  if (!read.ok) return read;
  const [, suite, kemOutput, ciphertext] = read.value;
  if (suite !== MESSAGE_SUITE) return failed("inbox_item_invalid");
  const info = infoOf({ account: self.account, device: self.id });
  const sealed = { kemOutput, ciphertext };
  const padded = messageSuite(crypto).hpkeOpen(self.inboxKeys, sealed, { info, aad: new Uint8Array(0) });
  const note = padded && unpadNote(padded);
  return note === undefined ? failed("inbox_item_invalid") : done(note);
}

function senderKey(account: AccountId, device: string, { chains }: GroupContext): CoreOutcome<Uint8Array> {
  const known = chains(account);
  const listed = known?.chain.devicesById.get(device);
  if (listed !== undefined) return done(listed.device.signatureKey.key);
  const isGone = known?.chain.formerIds.has(device) === true || known?.isFresh === true;
  return isGone ? failed("inbox_item_invalid") : failed("chain_needed", [account]);
}
