/**
 * One file on its way to the server. The order makes an interruption harmless (spec/blobs.md §Uploading):
 *
 *   1  key, blob id and write token are in the store, with where the file lies and its version
 *   2  the hash of a piece is in the store
 *   3  the piece leaves; the server says how much of it is durable
 *
 * After an interruption the pieces are made again and have to have the stored hashes. Bytes leave under one key only if they are the ones that
 * left before: otherwise `file_changed`.
 */
import { type BlobHashes, planBlob } from "@sotto/core";
import { type Attachment, capabilityHash, equalBytes } from "@sotto/protocol";
import { ClientError } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import { bytesIn, numberIn, sql } from "../store/statements.ts";
import { type Answered, BlobServer, type BlobStatus, type Failed, type NewBlob, refused } from "./blob-server.ts";
import { Patience } from "./patience.ts";
import type { Cancellation, OpenSource } from "./ports.ts";
import { sealFile, type SealedPiece } from "./seal-file.ts";

export type Upload = {
  readonly localId: Uint8Array;
  readonly place: number;
  readonly attachment: Attachment;
  readonly token: Uint8Array;
  /** As the file was when the upload began. */
  readonly version: string;
};

export type UploadEvents = {
  /** Bytes of the blob that have left, of `totalBytes`. They can become fewer, when something has to be sent again. */
  readonly onProgress: (bytes: number, totalBytes: number) => void;
  /** The store knows how far the upload is. */
  readonly onStored: () => void;
  readonly cancellation: Cancellation | undefined;
};

/** Uploads what is missing; gives the hashes for the message, and when the server forgets the blob. */
export async function uploadFile(
  engine: Engine,
  { upload, source }: { readonly upload: Upload; readonly source: OpenSource },
  events: UploadEvents,
): Promise<BlobHashes & { readonly expiresAt: number }> {
  return new Uploading(engine, upload, events).run(source);
}

class Uploading {
  readonly #engine: Engine;
  readonly #upload: Upload;
  readonly #events: UploadEvents;
  readonly #server: BlobServer;
  readonly #patience: Patience;
  readonly #size: number;
  #status: BlobStatus = { size: 0, offset: 0, expiresAt: 0 };

  constructor(engine: Engine, upload: Upload, events: UploadEvents) {
    this.#engine = engine;
    this.#upload = upload;
    this.#events = events;
    this.#server = new BlobServer(engine.ports, events.cancellation);
    this.#patience = new Patience(engine.ports, events.cancellation);
    this.#size = planBlob(upload.attachment, upload.attachment.size).plan.cipherBytes;
  }

  async run(source: OpenSource): Promise<BlobHashes & { readonly expiresAt: number }> {
    const { attachment, token, version } = this.#upload;
    if ((await source.version()) !== version) throw new ClientError("file_changed");
    await this.#create({ blob: attachment.blob, size: this.#size, write: capabilityHash(attachment.blob, token) });
    const marks = await this.#marks();
    const pieces = sealFile(source, planBlob(attachment, attachment.size), this.#engine.ports);
    for (;;) {
      const next = await pieces.next();
      if (next.done === true) {
        if ((await source.version()) !== version) throw new ClientError("file_changed");
        return { ...next.value, expiresAt: this.#status.expiresAt };
      }
      await this.#send(next.value, marks.get(next.value.index));
    }
  }

  /** Hashes of the pieces that may have left. */
  async #marks(): Promise<ReadonlyMap<number, Uint8Array>> {
    const { localId, place } = this.#upload;
    const rows = await this.#engine.ports.store.all("SELECT piece, hash FROM upload_marks WHERE local_id = ? AND place = ?", [
      localId,
      place,
    ]);
    return new Map(rows.map((row) => [numberIn(row, "piece"), bytesIn(row, "hash")]));
  }

  async #send(piece: SealedPiece, mark: Uint8Array | undefined): Promise<void> {
    if (mark !== undefined && !equalBytes(mark, piece.hash)) throw new ClientError("file_changed");
    const end = piece.start + piece.length;
    // The server cannot have what never left.
    if (mark === undefined && this.#status.offset > piece.start) throw new ClientError("answer_invalid");
    if (this.#status.offset >= end) return;
    await this.#record(piece, mark === undefined);
    await this.#deliver(piece);
  }

  /** Before a piece leaves: its hash, if it leaves for the first time, and how far the upload is. */
  async #record({ index, hash }: SealedPiece, isFirstTime: boolean): Promise<void> {
    const { localId, place } = this.#upload;
    const mark = sql("INSERT INTO upload_marks VALUES (?, ?, ?, ?)", localId, place, index, hash);
    const sent = sql("UPDATE uploads SET sent = ? WHERE local_id = ? AND place = ?", this.#status.offset, localId, place);
    await this.#engine.ports.store.write(isFirstTime ? [mark, sent] : [sent]);
    this.#events.onStored();
  }

  async #create(form: NewBlob): Promise<void> {
    for (;;) {
      const answer = await this.#server.create(form);
      if (answer.ok) return this.#adopt(answer.value);
      await this.#pause(answer);
    }
  }

  /** Sends what the server does not have of a piece. After a failure the server is asked first how much of it arrived. */
  async #deliver({ start, length, segments }: SealedPiece): Promise<void> {
    const { blob } = this.#upload.attachment;
    let isSure = true;
    while (this.#status.offset < start + length) {
      const { offset } = this.#status;
      const answer = isSure
        ? await this.#append(offset, from(segments, offset - start))
        : await this.#server.status({ blob, size: this.#size });
      if (!answer.ok) {
        await this.#pause(answer);
        isSure = false;
        continue;
      }
      if (answer.value.offset < start || answer.value.offset > start + length) throw new ClientError("answer_invalid");
      if (answer.value.offset > offset) this.#patience.progressed(answer.value.offset - offset);
      else if (isSure) await this.#pause(refused("answer_invalid"));
      isSure = true;
      this.#adopt(answer.value);
    }
  }

  #append(offset: number, pieces: readonly Uint8Array[]): Promise<Answered<BlobStatus>> {
    const { attachment, token } = this.#upload;
    const onTaken = (bytes: number): void => this.#events.onProgress(offset + bytes, this.#size);
    return this.#server.append({ blob: attachment.blob, token, offset, pieces, onTaken }, this.#size);
  }

  async #pause(answer: Failed): Promise<void> {
    const code = await this.#patience.wait(answer);
    if (code !== undefined) throw new ClientError(code);
  }

  #adopt(status: BlobStatus): void {
    this.#status = status;
    this.#events.onProgress(status.offset, this.#size);
  }
}

/** What is left of the segments after their first `skipped` bytes. */
function from(segments: readonly Uint8Array[], skipped: number): Uint8Array[] {
  const left: Uint8Array[] = [];
  let skip = skipped;
  for (const segment of segments) {
    if (skip < segment.length) left.push(skip === 0 ? segment : segment.subarray(skip));
    skip = Math.max(0, skip - segment.length);
  }
  return left;
}
