/**
 * Attachments in the tables (spec/client-store.md §Attachments): one row each, beside the message that holds it, so that an edit of the text leaves
 * them alone. While a file is on its way to the server, `uploads` has what is needed to go on after an interruption.
 */
import { type Attachment, blobId, type Body, toId } from "@sotto/protocol";
import type { Row, Statement, Store } from "../ports.ts";
import { bytesIn, numberIn, optionalNumber, sql, textIn } from "../store/statements.ts";
import { safeMediaType, safeName } from "./safe-name.ts";

export type AttachmentView = {
  /** Which of the message's files it is, from 0. */
  readonly place: number;
  /** Safe to show and to save under. */
  readonly name: string;
  readonly mediaType: string;
  /** Bytes of the file. */
  readonly size: number;
  readonly description: string;
  readonly thumbnail: Attachment["thumbnail"];
  /** While it is being uploaded: bytes of `uploadBytes` that the server has. */
  readonly upload: { readonly sentBytes: number; readonly totalBytes: number } | undefined;
};

const INSERT = `INSERT INTO attachments (local_id, place, name, media_type, description, size, blob, expires, key, nonce_prefix, cipher_hash, file_hash,
    width, height, duration_ms, blurhash, thumbnail_type, thumbnail, waveform, is_voice_note, is_view_once)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (local_id, place) DO UPDATE SET cipher_hash = excluded.cipher_hash, file_hash = excluded.file_hash, expires = excluded.expires`;

/** Of a message with this body: its files, known from now on or with the hashes that were missing. */
export function attachmentStatements(localId: Uint8Array, body: Body): Statement[] {
  return body.kind === "text" ? body.attachments.map((attachment, place) => attachmentStatement(localId, place, attachment)) : [];
}

export function attachmentStatement(localId: Uint8Array, place: number, attachment: Attachment): Statement {
  const { filename, contentType, description, size, blob, expires, key, noncePrefix, cipherHash, fileHash } = attachment;
  const { width, height, durationMs, blurhash, thumbnail, waveform, isVoiceNote, isViewOnce } = attachment;
  const file = [localId, place, safeName(filename), safeMediaType(contentType), description, size] as const;
  const secrets = [blob, expires, key, noncePrefix, cipherHash, fileHash] as const;
  const picture = [width, height, durationMs, blurhash, thumbnail?.contentType ?? "", thumbnail?.bytes ?? null, waveform] as const;
  return sql(INSERT, ...file, ...secrets, ...picture, isVoiceNote ? 1 : 0, isViewOnce ? 1 : 0);
}

export function attachmentFrom(row: Row): Attachment {
  return {
    blob: toId(blobId, bytesIn(row, "blob")),
    expires: numberIn(row, "expires"),
    contentType: textIn(row, "media_type"),
    filename: textIn(row, "name"),
    description: textIn(row, "description"),
    size: numberIn(row, "size"),
    key: bytesIn(row, "key"),
    noncePrefix: bytesIn(row, "nonce_prefix"),
    cipherHash: bytesIn(row, "cipher_hash"),
    fileHash: bytesIn(row, "file_hash"),
    width: numberIn(row, "width"),
    height: numberIn(row, "height"),
    durationMs: numberIn(row, "duration_ms"),
    blurhash: textIn(row, "blurhash"),
    thumbnail: thumbnailFrom(row),
    waveform: bytesIn(row, "waveform"),
    isVoiceNote: numberIn(row, "is_voice_note") === 1,
    isViewOnce: numberIn(row, "is_view_once") === 1,
  };
}

function thumbnailFrom(row: Row): Attachment["thumbnail"] {
  const bytes = row["thumbnail"];
  return bytes instanceof Uint8Array ? { contentType: textIn(row, "thumbnail_type"), bytes } : null;
}

/** All of one message, as they are sent. */
export async function attachmentsOf(store: Store, localId: Uint8Array): Promise<Attachment[]> {
  return (await store.all("SELECT * FROM attachments WHERE local_id = ? ORDER BY place", [localId])).map(attachmentFrom);
}

function viewFrom(row: Row): AttachmentView {
  const sentBytes = optionalNumber(row, "sent");
  return {
    place: numberIn(row, "place"),
    name: textIn(row, "name"),
    mediaType: textIn(row, "media_type"),
    size: numberIn(row, "size"),
    description: textIn(row, "description"),
    thumbnail: thumbnailFrom(row),
    upload: sentBytes === undefined ? undefined : { sentBytes, totalBytes: numberIn(row, "total") },
  };
}

const COLUMNS = "a.local_id, a.place, a.name, a.media_type, a.size, a.description, a.thumbnail, a.thumbnail_type, u.sent, u.total";

/** The files of these messages, by the hex form of their local ids. */
export async function attachmentViews(store: Store, localIds: readonly Uint8Array[]): Promise<ReadonlyMap<string, AttachmentView[]>> {
  const viewsById = new Map<string, AttachmentView[]>();
  if (localIds.length === 0) return viewsById;
  const marks = localIds.map(() => "?").join(", ");
  const select = `SELECT ${COLUMNS}, lower(hex(a.local_id)) AS message FROM attachments a
    LEFT JOIN uploads u ON u.local_id = a.local_id AND u.place = a.place WHERE a.local_id IN (${marks}) ORDER BY a.local_id, a.place`;
  for (const row of await store.all(select, localIds)) {
    const id = textIn(row, "message");
    viewsById.set(id, [...(viewsById.get(id) ?? []), viewFrom(row)]);
  }
  return viewsById;
}
