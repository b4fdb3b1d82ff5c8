/**
 * An attachment in a message (spec/content.md §Attachments): two parts as a single unit.
 *
 *   external part   url "sotto:b/" ‖ base64url(blob id), size of the file, encAlg 0xF001 (segmented AES-256-GCM, blobs/attachment-size.ts),
 *                   key (32 bytes), nonce (prefix, 7), empty aad, hashAlg 1 (SHA-256), hash of the whole ciphertext
 *   single part     application/vnd.sotto.media+cbor:
 *                   [ version 1, hash of the file, width, height, durationMs, blurhash, thumbnail type, thumbnail, waveform, flags ]
 *
 * Numbers that do not apply are 0, texts and bytes empty. flags: 1 voice note, 2 view once. A URL of another kind is not fetched: it would
 * tell a stranger's server the reader's address.
 */
import * as v from "valibot";
import { encodeCbor } from "../codec/cbor.ts";
import { bytesOf, bytesWithin, textUpTo, uint32, uintUpTo, versionOf } from "../codec/fields.ts";
import { decodeForm } from "../codec/form.ts";
import { blobId, type BlobId, idToText, parseId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { failure, type Outcome, success } from "../outcome.ts";
import { NONCE_PREFIX_BYTES } from "../blobs/attachment-size.ts";
import { DISPOSITION, type ExternalPart, type MultiPart, type NestedPart } from "./mimi-parts.ts";

export const SEGMENTED_AES_256_GCM = 0xf001;
const HASH_SHA_256 = 1;
const BLOB_PREFIX = "sotto:b/";
const KEY_BYTES = 32;
const MEDIA_TYPE = "application/vnd.sotto.media+cbor";
const FLAG = { voice: 1, viewOnce: 2 } as const;

export type Attachment = {
  readonly blob: BlobId;
  /** Seconds since 1970 after which the server no longer has it; 0 if unknown. */
  readonly expires: number;
  readonly contentType: string;
  readonly filename: string;
  readonly description: string;
  readonly size: number;
  readonly key: Uint8Array;
  readonly noncePrefix: Uint8Array;
  readonly cipherHash: Uint8Array;
  readonly fileHash: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly durationMs: number;
  readonly blurhash: string;
  readonly thumbnail: { readonly contentType: string; readonly bytes: Uint8Array } | null;
  /** Loudness of a voice note over time, one byte each. */
  readonly waveform: Uint8Array;
  readonly isVoiceNote: boolean;
  readonly isViewOnce: boolean;
};

const mediaWire = v.strictTuple([
  versionOf(1),
  bytesOf(32),
  uint32,
  uint32,
  uint32,
  textUpTo(LIMITS.blurhashBytesMax),
  textUpTo(LIMITS.contentTypeBytesMax),
  bytesWithin(0, LIMITS.thumbnailBytesMax),
  bytesWithin(0, LIMITS.waveformBytesMax),
  uintUpTo(FLAG.voice | FLAG.viewOnce),
]);

function externalPart(attachment: Attachment): ExternalPart {
  return {
    kind: "external",
    disposition: DISPOSITION.attachment,
    language: "",
    contentType: attachment.contentType,
    url: BLOB_PREFIX + idToText(attachment.blob),
    expires: attachment.expires,
    size: attachment.size,
    encAlg: SEGMENTED_AES_256_GCM,
    key: attachment.key,
    nonce: attachment.noncePrefix,
    aad: new Uint8Array(0),
    hashAlg: HASH_SHA_256,
    contentHash: attachment.cipherHash,
    description: attachment.description,
    filename: attachment.filename,
  };
}

function encodeMedia(attachment: Attachment): Uint8Array {
  const { fileHash, width, height, durationMs, blurhash, thumbnail, waveform } = attachment;
  const flags = (attachment.isVoiceNote ? FLAG.voice : 0) | (attachment.isViewOnce ? FLAG.viewOnce : 0);
  const picture = [thumbnail?.contentType ?? "", thumbnail?.bytes ?? new Uint8Array(0)];
  return encodeCbor([1, fileHash, width, height, durationMs, blurhash, ...picture, waveform, flags]);
}

export function attachmentToPart(attachment: Attachment): MultiPart {
  const media: NestedPart = {
    kind: "single",
    disposition: DISPOSITION.attachment,
    language: "",
    contentType: MEDIA_TYPE,
    content: encodeMedia(attachment),
  };
  const parts = [externalPart(attachment), media];
  return { kind: "multi", disposition: DISPOSITION.attachment, language: "", semantics: "singleUnit", parts };
}

export function isAttachmentPart(part: NestedPart): boolean {
  return part.kind === "multi" && part.semantics === "singleUnit" && part.disposition === DISPOSITION.attachment;
}

function hasOurForm(part: ExternalPart): boolean {
  return (
    part.encAlg === SEGMENTED_AES_256_GCM &&
    part.hashAlg === HASH_SHA_256 &&
    part.key.length === KEY_BYTES &&
    part.nonce.length === NONCE_PREFIX_BYTES &&
    part.aad.length === 0 &&
    part.contentHash.length === 32 &&
    part.size <= LIMITS.attachmentBytesMax &&
    part.url.startsWith(BLOB_PREFIX)
  );
}

export function attachmentFromPart(part: NestedPart): Outcome<Attachment> {
  if (part.kind !== "multi" || part.parts.length !== 2) return failure("content_invalid");
  const [external, media] = part.parts;
  if (external?.kind !== "external" || media?.kind !== "single" || media.contentType !== MEDIA_TYPE) return failure("content_invalid");
  if (!hasOurForm(external)) return failure("content_invalid");
  const blob = parseId(blobId, external.url.slice(BLOB_PREFIX.length));
  if (!blob.ok) return blob;
  const form = decodeForm(mediaWire, media.content, LIMITS.contentBytesMax);
  if (!form.ok) return form;
  const [, fileHash, width, height, durationMs, blurhash, thumbnailType, thumbnailBytes, waveform, flags] = form.value;
  return success({
    blob: blob.value,
    expires: external.expires,
    contentType: external.contentType,
    filename: external.filename,
    description: external.description,
    size: external.size,
    key: external.key,
    noncePrefix: external.nonce,
    cipherHash: external.contentHash,
    fileHash,
    width,
    height,
    durationMs,
    blurhash,
    thumbnail: thumbnailBytes.length === 0 ? null : { contentType: thumbnailType, bytes: thumbnailBytes },
    waveform,
    isVoiceNote: (flags & FLAG.voice) !== 0,
    isViewOnce: (flags & FLAG.viewOnce) !== 0,
  });
}
