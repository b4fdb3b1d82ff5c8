/**
 * Changes of the group state inside a commit (spec/groups.md §Changes). They ride in the commit's authenticated data, encrypted to the epoch
 * that the commit ends:
 *
 *   Safe AAD item 0x8001 = nonce (12) ‖ AES-128-GCM(exporter("sotto group change", "", 16), padded CBOR [ change, … ])
 *
 * where a change is the byte string of group/group-change.ts in the protocol. A change is thereby ordered with commits by the same
 * compare-and-swap: every member judges a commit by the same roles, and a joiner gets the state that the others have. If changes were
 * messages, one that overtakes a commit would make the commit unauthorised or its joiners' state stale.
 */
import { decodeSafeAad, encodeSafeAad, type GroupState as MlsState } from "@sotto/mls";
import {
  concatBytes,
  decodeGroupChange,
  encodeCbor,
  encodeGroupChange,
  type GroupChange,
  LIMITS,
  padContent,
  unpadContent,
} from "@sotto/protocol";
import { exportEpochSecret } from "../capabilities.ts";
import type { CoreContext } from "../context.ts";
import { bytesFrom, listOf, readForm } from "../form.ts";
import { type CoreOutcome, done, failed, fromMls } from "../outcome.ts";
import { messageSuite } from "../suite.ts";
import { SOTTO_COMPONENT } from "./group-extensions.ts";

const EXPORT = { label: "sotto group change", length: 16 } as const;
const NONCE_BYTES = 12;
const CHANGES_MAX = 16;
const NO_AAD = new Uint8Array(0);
const list = listOf(bytesFrom(1, LIMITS.contentBytesMax), CHANGES_MAX);

/** The authenticated data of a commit with these changes. */
export function encodeCommitData(mls: MlsState, changes: readonly GroupChange[], context: CoreContext): CoreOutcome<Uint8Array> {
  const item = changes.length === 0 ? undefined : sealChanges(mls, changes, context);
  if (item?.ok === false) return item;
  const items = item === undefined ? [] : [{ componentId: SOTTO_COMPONENT.groupChange, data: item.value }];
  const framed = encodeSafeAad({ items, rest: NO_AAD });
  return framed.ok ? done(framed.value) : fromMls(framed);
}

function sealChanges(mls: MlsState, changes: readonly GroupChange[], context: CoreContext): CoreOutcome<Uint8Array> {
  if (changes.length > CHANGES_MAX) return failed("group_change_invalid");
  const padded = padContent(encodeCbor(changes.map(encodeGroupChange)));
  if (!padded.ok) return padded;
  const key = exportEpochSecret(mls, EXPORT, context);
  if (!key.ok) return key;
  const nonce = context.random(NONCE_BYTES);
  const sealed = messageSuite(context.crypto).aeadSeal(key.value, nonce, { aad: NO_AAD, data: padded.value });
  return done(concatBytes(nonce, sealed));
}

/** The changes that a commit carries; `mls` is the state that the commit ends. Items of later versions are passed over. */
export function decodeCommitData(mls: MlsState, authenticatedData: Uint8Array, context: CoreContext): CoreOutcome<readonly GroupChange[]> {
  const framed = decodeSafeAad(authenticatedData);
  if (!framed.ok) return fromMls(framed);
  const item = framed.value.items.find(({ componentId }) => componentId === SOTTO_COMPONENT.groupChange);
  if (item === undefined) return done([]);
  const key = exportEpochSecret(mls, EXPORT, context);
  if (!key.ok) return key;
  const nonce = item.data.subarray(0, NONCE_BYTES);
  const padded = messageSuite(context.crypto).aeadOpen(key.value, nonce, { aad: NO_AAD, data: item.data.subarray(NONCE_BYTES) });
  const encoded = padded && unpadContent(padded);
  const read = encoded?.ok === true ? readForm(encoded.value, LIMITS.contentBytesMax, list) : undefined;
  if (read === undefined) return failed("group_change_invalid");
  const changes: GroupChange[] = [];
  for (const bytes of read) {
    const change = decodeGroupChange(bytes);
    if (!change.ok) return change;
    changes.push(change.value);
  }
  return done(changes);
}
