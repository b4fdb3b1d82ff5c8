/**
 * The MIMI content container (draft-ietf-mimi-content-08 §4.1), deterministic CBOR:
 *
 *   [ salt        16 random bytes; also the key of the franking tag
 *     replaces    null, or the message id that this one edits or deletes
 *     topicId     bytes, empty for none
 *     expires     null, or [ relative, seconds ]: after reading, or since 1970
 *     inReplyTo   null, or a message id
 *     extensions  map of integer or text keys; 1 sender URI, 2 room URI
 *     part ]      the body, see mimi-parts.ts
 *
 * Depth: the container is one level, four levels of parts are two each (array and list). Unknown extensions are kept.
 */
import * as v from "valibot";
import { type CborKey, type CborValue, encodeCbor } from "../codec/cbor.ts";
import type { CborLimits } from "../codec/cbor-scan.ts";
import { bytesOf, bytesWithin, uint32 } from "../codec/fields.ts";
import { decodeFormWithMaps } from "../codec/form.ts";
import { messageId, type MessageId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { failure, type Outcome, ProtocolError, success } from "../outcome.ts";
import { type NestedPart, partFromWire, partToWire } from "./mimi-parts.ts";

export const SALT_BYTES = 16;

/** Seconds: after the reader saw the message (relative), or since 1970 (absolute). A wish of the sender, not a guarantee. */
export type Expiry = { readonly relative: boolean; readonly seconds: number };

export type MimiContent = {
  readonly salt: Uint8Array;
  readonly replaces: MessageId | null;
  readonly topicId: Uint8Array;
  readonly expires: Expiry | null;
  readonly inReplyTo: MessageId | null;
  readonly extensions: ReadonlyMap<CborKey, CborValue>;
  readonly part: NestedPart;
};

const LIMITS_OF_CONTENT: CborLimits = { bytesMax: LIMITS.contentBytesMax, depthMax: LIMITS.depthMax, itemsMax: LIMITS.itemsMax };
const EXTENSIONS_MAX = 32;
const EXTENSION_KEY_BYTES_MAX = 255;

const wire = v.strictTuple([
  v.custom<Uint8Array, "content_salt">((value) => v.is(bytesOf(SALT_BYTES), value), "content_salt"),
  v.nullable(messageId),
  bytesWithin(0, 64),
  v.nullable(v.strictTuple([v.boolean(), uint32])),
  v.nullable(messageId),
  v.custom<Map<CborKey, CborValue>, "form_invalid">((value) => value instanceof Map && value.size <= EXTENSIONS_MAX, "form_invalid"),
  v.unknown(),
]);

function hasValidKeys(extensions: ReadonlyMap<CborKey, CborValue>): boolean {
  for (const key of extensions.keys()) {
    if (typeof key === "string" && (key.length === 0 || key.length > EXTENSION_KEY_BYTES_MAX)) return false;
  }
  return true;
}

/** Throws ProtocolError for a value that breaks the form; content.ts gives an outcome instead. */
export function encodeMimiContent(content: MimiContent): Uint8Array {
  const { salt, replaces, topicId, expires, inReplyTo, extensions } = content;
  const expiry = expires === null ? null : [expires.relative, expires.seconds];
  const bytes = encodeCbor([salt, replaces, topicId, expiry, inReplyTo, extensions, partToWire(content.part)]);
  const decoded = decodeMimiContent(bytes);
  if (!decoded.ok) throw new ProtocolError(decoded.code === "cbor_too_large" ? "content_too_large" : decoded.code);
  return bytes;
}

export function decodeMimiContent(bytes: Uint8Array): Outcome<MimiContent> {
  const form = decodeFormWithMaps(wire, bytes, LIMITS_OF_CONTENT);
  if (!form.ok) return form;
  const [salt, replaces, topicId, expires, inReplyTo, extensions, partWire] = form.value;
  if (!hasValidKeys(extensions)) return failure("form_invalid");
  const part = partFromWire(partWire);
  if (!part.ok) return part;
  const expiry = expires === null ? null : { relative: expires[0], seconds: expires[1] };
  return success({ salt, replaces, topicId, expires: expiry, inReplyTo, extensions, part: part.value });
}
