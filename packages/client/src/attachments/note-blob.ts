/**
 * What is too large for an inbox note, sealed as a blob that the note names (spec/inbox.md §Notes): the ratchet tree or the join info of a large group.
 *
 * It is sealed once, and lies sealed in the outbox in front of the notes: the same bytes leave however often it is tried, and no note leaves before the
 * server has all of them.
 */
import { createBlobKeys, openBlob, planBlob, sealBlob } from "@sotto/core";
import { type Attachment, blobId, CAPABILITY_BYTES, capabilityHash, LIMITS, SEGMENT_BYTES, toId } from "@sotto/protocol";
import { type ClientErrorCode, type ClientOutcome, orThrow } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import type { Ports, Statement } from "../ports.ts";
import { enqueue, type OutboxDraft } from "../send/outbox.ts";
import { decodeBlobDraft, encodeBlobDraft } from "./blob-draft.ts";
import { BlobServer } from "./blob-server.ts";

/** More than the tree of a group with as many devices as there can be. */
const CONTENT_BYTES_MAX = LIMITS.noteBlobBytesMax;
const PIECE_BYTES = 64 * SEGMENT_BYTES;
const BLOB_ID_BYTES = 16;
const HASH_BYTES = 32;

export type NoteBlob = {
  /** For the note. */
  readonly attachment: Attachment;
  /** The row of the outbox; it has to stand before those of the notes. */
  readonly statement: Statement;
};

/** Undefined if it is larger than whoever gets it would take. */
export function noteBlob(engine: Pick<Engine, "ports">, content: Uint8Array, to: Pick<OutboxDraft, "log" | "lane">): NoteBlob | undefined {
  const { random } = engine.ports;
  if (content.length > CONTENT_BYTES_MAX) return undefined;
  const keys = createBlobKeys(random);
  const { sealed, cipherHash, fileHash } = orThrow(sealBlob(content, planBlob(keys, content.length), engine.ports));
  const blob = toId(blobId, random(BLOB_ID_BYTES));
  const draft = encodeBlobDraft({ blob, token: random(CAPABILITY_BYTES), sealed });
  const attachment = { ...NO_FILE, blob, size: content.length, ...keys, cipherHash, fileHash };
  return { attachment, statement: enqueue({ ...to, localId: blob, kind: "upload", draft }) };
}

const NO_FILE: Attachment = {
  blob: toId(blobId, new Uint8Array(BLOB_ID_BYTES)),
  expires: 0,
  contentType: "application/octet-stream",
  filename: "",
  description: "",
  size: 0,
  key: new Uint8Array(),
  noncePrefix: new Uint8Array(),
  cipherHash: new Uint8Array(HASH_BYTES),
  fileHash: new Uint8Array(HASH_BYTES),
  width: 0,
  height: 0,
  durationMs: 0,
  blurhash: "",
  thumbnail: null,
  waveform: new Uint8Array(),
  isVoiceNote: false,
  isViewOnce: false,
};

/** Goes on where the server stands. One attempt: the code of what stopped it, undefined once the server has all of it. */
export async function uploadNoteBlob(ports: Pick<Ports, "http" | "clock">, draft: Uint8Array): Promise<ClientErrorCode | undefined> {
  const read = decodeBlobDraft(draft);
  if (!read.ok) return read.code;
  const { blob, token, sealed } = read.value;
  const server = new BlobServer(ports);
  const size = sealed.length;
  let answer = await server.create({ blob, size, write: capabilityHash(blob, token) });
  while (answer.ok && answer.value.offset < size) {
    const { offset } = answer.value;
    const pieces = [sealed.subarray(offset, offset + PIECE_BYTES)];
    answer = await server.append({ blob, token, offset, pieces, onTaken: () => undefined }, size);
    if (answer.ok && answer.value.offset === offset) return "answer_invalid";
  }
  return answer.ok ? undefined : answer.code;
}

/** One attempt: a transient code if trying again can help. What the note says of the blob is not believed before the bytes prove it. */
export async function fetchNoteBlob(
  ports: Pick<Ports, "http" | "clock" | "crypto" | "createSha256">,
  attachment: Attachment,
): Promise<ClientOutcome<Uint8Array>> {
  if (attachment.size > CONTENT_BYTES_MAX) return { ok: false, code: "blob_too_large" };
  const blob = { ...planBlob(attachment, attachment.size), cipherHash: attachment.cipherHash, fileHash: attachment.fileHash };
  const size = blob.plan.cipherBytes;
  const sealed = new Uint8Array(size);
  let received = 0;
  const answer = await new BlobServer(ports).read({ blob: attachment.blob, start: 0, size }, (bytes) => {
    if (bytes.length > size - received) return Promise.resolve("blob_range");
    sealed.set(bytes, received);
    received += bytes.length;
    return Promise.resolve(undefined);
  });
  if (!answer.ok) return { ok: false, code: answer.code };
  return received < size ? { ok: false, code: "server_unreachable" } : openBlob(sealed, blob, ports);
}
