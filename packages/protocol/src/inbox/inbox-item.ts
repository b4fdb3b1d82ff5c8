/**
 * An inbox item as the server stores it for one device (spec/inbox.md §Items): CBOR [ version 1, seq, acceptedAt, itemId, lane, body ].
 *
 *   lane   0 contact, 1 stranger: how it was authorised
 *   body   opaque: a sealed note (inbox-note.ts), HPKE to the device's inbox key
 */
import * as v from "valibot";
import { encodeCbor } from "../codec/cbor.ts";
import { bytesWithin, timeMs, uint, versionOf } from "../codec/fields.ts";
import { decodeForm } from "../codec/form.ts";
import { entryId, type EntryId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { expectSuccess, failure, type Outcome, success } from "../outcome.ts";

export type InboxLane = "contact" | "stranger";

export type InboxItem = {
  readonly seq: number;
  readonly acceptedAt: number;
  readonly itemId: EntryId;
  readonly lane: InboxLane;
  readonly body: Uint8Array;
};

const wire = v.strictTuple([versionOf(1), uint, timeMs, entryId, v.picklist([0, 1]), bytesWithin(1, LIMITS.inboxBodyBytesMax)]);

export function encodeInboxItem({ seq, acceptedAt, itemId, lane, body }: InboxItem): Uint8Array {
  const bytes = encodeCbor([1, seq, acceptedAt, itemId, lane === "contact" ? 0 : 1, body]);
  expectSuccess(decodeInboxItem(bytes));
  return bytes;
}

export function decodeInboxItem(bytes: Uint8Array): Outcome<InboxItem> {
  const form = decodeForm(wire, bytes, LIMITS.inboxItemBytesMax);
  if (!form.ok) return form;
  const [, seq, acceptedAt, itemId, lane, body] = form.value;
  if (seq < 1) return failure("inbox_item_invalid");
  return success({ seq, acceptedAt, itemId, lane: lane === 0 ? "contact" : "stranger", body });
}
