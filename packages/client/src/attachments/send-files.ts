/**
 * A message with files (spec/client-store.md §Attachments). It is a row of the timeline from the start, in state `sending`, with its files and the keys
 * they are sealed under. It is sealed itself, and goes to the outbox, in the transaction that forgets the uploads: once the server has all files,
 * since it names their hashes.
 *
 * The same call with the same files and words goes on with a message that was interrupted, in this process or an earlier one.
 */
import { createBlobKeys, isActive, planBlob } from "@sotto/core";
import {
  type Attachment,
  blobId,
  CAPABILITY_BYTES,
  encodeContent,
  LIMITS,
  logId,
  type LogId,
  type MessageId,
  plainContent,
  SALT_BYTES,
  type TextBody,
  toId,
} from "@sotto/protocol";
import { ClientError, orThrow } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import type { Statement } from "../ports.ts";
import { failed } from "../send/abandon.ts";
import { sendContent } from "../send/send.ts";
import { newLocalId } from "../store/local-id.ts";
import { bytesIn, numberIn, sql, textIn } from "../store/statements.ts";
import { attachmentsOf, attachmentStatement } from "./attachment-rows.ts";
import { BlobServer } from "./blob-server.ts";
import type { Cancellation, FileSource, OpenSource } from "./ports.ts";
import { safeMediaType, safeName } from "./safe-name.ts";
import { uploadFile } from "./upload.ts";

export type OutgoingFile = {
  readonly source: FileSource;
  readonly name: string;
  readonly mediaType: string;
  readonly description?: string;
  readonly width?: number;
  readonly height?: number;
  readonly durationMs?: number;
  readonly blurhash?: string;
  readonly thumbnail?: { readonly contentType: string; readonly bytes: Uint8Array };
  readonly waveform?: Uint8Array;
  readonly isVoiceNote?: boolean;
  readonly isViewOnce?: boolean;
};

export type Transferring = {
  /** `bytes` of `totalBytes` of the file at `place` are through; with encryption and padding these are a little more than the file's. */
  readonly onProgress?: (progress: { readonly place: number; readonly bytes: number; readonly totalBytes: number }) => void;
  /** Stops with `transfer_stopped`; the same call goes on later. */
  readonly cancellation?: Cancellation;
};

export type FilesOptions = Transferring & { readonly caption?: string; readonly inReplyTo?: MessageId };

type Pending = { readonly place: number; readonly source: string; readonly version: string; readonly token: Uint8Array };

/** Failures after which the message cannot be finished any more; after all others the same call goes on. */
const FINAL: ReadonlySet<string> = new Set([
  "file_changed",
  "blob_too_large",
  "blob_exists",
  "blob_unknown",
  "capability_invalid",
  "payment_required",
  "payment_invalid",
  "payment_spent",
  "conversation_inactive",
]);

export type Order = { readonly log: LogId; readonly files: readonly OutgoingFile[]; readonly options: FilesOptions };

/** The local id of the message, which is in the outbox. */
export async function sendFiles(engine: Engine, order: Order): Promise<Uint8Array> {
  const { files } = order;
  if (files.length === 0 || files.length > LIMITS.attachmentsPerMessageMax) throw new ClientError("attachment_count");
  const sources: OpenSource[] = [];
  try {
    for (const { source } of files) sources.push(await source.open());
    if (!isActive(await engine.conversations.get(order.log))) throw new ClientError("conversation_inactive");
    const localId = (await interrupted(engine, order)) ?? (await begin(engine, order, sources));
    try {
      for (const [place, source] of sources.entries()) await uploadAt(engine, { localId, place, source }, order);
      return await finish(engine, localId, order);
    } catch (error) {
      if (error instanceof ClientError && FINAL.has(error.code)) await fail(engine, { log: order.log, localId, code: error.code });
      throw error;
    }
  } finally {
    for (const source of sources) await source.close();
  }
}

/** The message that these files and words were to make, if its uploads are not through. */
async function interrupted(engine: Engine, { log, files, options }: Order): Promise<Uint8Array | undefined> {
  const select = "SELECT local_id FROM messages WHERE log = ? AND state = 'sending' AND content IS NULL AND text = ? ORDER BY id";
  for (const row of await engine.ports.store.all(select, [log, options.caption ?? ""])) {
    const localId = bytesIn(row, "local_id");
    const pending = await pendingOf(engine, localId);
    const isSame = pending.length === files.length && files.every(({ source }, place) => source.place === pending[place]?.source);
    if (isSame) return localId;
  }
  return undefined;
}

async function pendingOf(engine: Engine, localId: Uint8Array): Promise<Pending[]> {
  const rows = await engine.ports.store.all("SELECT * FROM uploads WHERE local_id = ? ORDER BY place", [localId]);
  return rows.map((row) => ({
    place: numberIn(row, "place"),
    source: textIn(row, "source"),
    version: textIn(row, "version"),
    token: bytesIn(row, "token"),
  }));
}

function newAttachment(engine: Engine, file: OutgoingFile, size: number): Attachment {
  if (size > LIMITS.attachmentBytesMax) throw new ClientError("blob_too_large");
  const { key, noncePrefix } = createBlobKeys(engine.context.random);
  return {
    blob: toId(blobId, engine.context.random(16)),
    expires: 0,
    contentType: safeMediaType(file.mediaType),
    filename: safeName(file.name),
    description: file.description ?? "",
    size,
    key,
    noncePrefix,
    cipherHash: new Uint8Array(32),
    fileHash: new Uint8Array(32),
    width: file.width ?? 0,
    height: file.height ?? 0,
    durationMs: file.durationMs ?? 0,
    blurhash: file.blurhash ?? "",
    thumbnail: file.thumbnail ?? null,
    waveform: file.waveform ?? new Uint8Array(),
    isVoiceNote: file.isVoiceNote ?? false,
    isViewOnce: file.isViewOnce ?? false,
  };
}

const bodyOf = (caption: string, attachments: readonly Attachment[]): TextBody => ({
  kind: "text",
  text: caption,
  format: "markdown",
  attachments,
});

async function begin(engine: Engine, { log, files, options }: Order, sources: readonly OpenSource[]): Promise<Uint8Array> {
  const { caption = "", inReplyTo = null } = options;
  const attachments = files.map((file, place) => newAttachment(engine, file, sources[place]?.size ?? 0));
  orThrow(encodeContent({ ...plainContent(new Uint8Array(SALT_BYTES), bodyOf(caption, attachments)), inReplyTo }));
  const localId = newLocalId(engine.context);
  const { now } = engine.context;
  const insert =
    "INSERT INTO messages (local_id, log, sender, at, kind, text, state, reply_to) VALUES (?, ?, ?, ?, 'text', ?, 'sending', ?)";
  const statements: Statement[] = [
    sql(insert, localId, log, engine.me.account, now, caption, inReplyTo),
    sql("UPDATE conversations SET updated_at = ? WHERE log = ?", now, log),
  ];
  for (const [place, attachment] of attachments.entries()) {
    const [file, source] = [files[place], sources[place]];
    if (file === undefined || source === undefined) continue;
    const total = planBlob(attachment, attachment.size).plan.cipherBytes;
    const token = engine.context.random(CAPABILITY_BYTES);
    const upload = "INSERT INTO uploads (local_id, place, source, version, token, total) VALUES (?, ?, ?, ?, ?, ?)";
    statements.push(
      attachmentStatement(localId, place, attachment),
      sql(upload, localId, place, file.source.place, await source.version(), token, total),
    );
  }
  await engine.ports.store.write(statements);
  engine.searchIndex.added(1);
  engine.emit({ kind: "message", log, localId, isNew: true });
  return localId;
}

type Part = { readonly localId: Uint8Array; readonly place: number; readonly source: OpenSource };

async function uploadAt(engine: Engine, { localId, place, source }: Part, { log, options }: Order): Promise<void> {
  const pending = (await pendingOf(engine, localId)).find((row) => row.place === place);
  const attachment = (await attachmentsOf(engine.ports.store, localId))[place];
  if (pending === undefined || attachment === undefined) throw new ClientError("attachment_unknown");
  const events = {
    onProgress: (bytes: number, totalBytes: number) => options.onProgress?.({ place, bytes, totalBytes }),
    onStored: () => engine.emit({ kind: "message", log, localId, isNew: false }),
    cancellation: options.cancellation,
  };
  const upload = { localId, place, attachment, token: pending.token, version: pending.version };
  const { cipherHash, fileHash, expiresAt } = await uploadFile(engine, { upload, source }, events);
  const expires = Math.min(Math.floor(expiresAt / 1000), 0xffff_ffff);
  await engine.ports.store.write([attachmentStatement(localId, place, { ...attachment, cipherHash, fileHash, expires })]);
}

/** Everything is at the server: the message is sealed, and the uploads are forgotten in the same transaction. */
async function finish(engine: Engine, localId: Uint8Array, { log, options }: Order): Promise<Uint8Array> {
  const attachments = await attachmentsOf(engine.ports.store, localId);
  const reply = options.inReplyTo === undefined ? {} : { inReplyTo: options.inReplyTo };
  const also = forget(localId);
  return sendContent(engine, log, { body: bodyOf(options.caption ?? "", attachments), ...reply, localId, also });
}

function forget(localId: Uint8Array): Statement[] {
  return [sql("DELETE FROM uploads WHERE local_id = ?", localId), sql("DELETE FROM upload_marks WHERE local_id = ?", localId)];
}

type Failing = { readonly log: LogId; readonly localId: Uint8Array; readonly code: string };

async function fail(engine: Engine, { log, localId, code }: Failing): Promise<void> {
  await abandonBlobs(engine, localId);
  await engine.ports.store.write([...forget(localId), failed(code, "local_id = ?", localId)]);
  engine.emit({ kind: "message", log, localId, isNew: false });
}

/** What nobody was told of need not wait at the server until it expires. Asked once, and not waited for. */
async function abandonBlobs(engine: Engine, localId: Uint8Array): Promise<void> {
  const server = new BlobServer(engine.ports);
  const attachments = await attachmentsOf(engine.ports.store, localId);
  for (const { place, token } of await pendingOf(engine, localId)) {
    const blob = attachments[place]?.blob;
    if (blob !== undefined) engine.inBackground(server.delete({ blob, token }));
  }
}

/** Gives up a message whose files are not all at the server; it goes from the timeline. False if it is not such a message. */
export async function discardFiles(engine: Engine, localId: Uint8Array): Promise<boolean> {
  const select = "SELECT log FROM messages WHERE local_id = ? AND state IN ('sending', 'failed') AND content IS NULL";
  const [row] = await engine.ports.store.all(select, [localId]);
  if (row === undefined) return false;
  await abandonBlobs(engine, localId);
  await engine.ports.store.write([sql("DELETE FROM messages WHERE local_id = ?", localId)]);
  engine.emit({ kind: "conversation", log: toId(logId, bytesIn(row, "log")) });
  return true;
}
