/**
 * One file on its way from the server (spec/blobs.md §Downloading). Each segment is opened before its bytes are kept, and they are kept aside: the file
 * gets its name once the hashes of ciphertext and file are those that its sender signed.
 *
 * An interrupted download goes on behind the last whole segment that was kept. What was kept is sealed again for the hash of the ciphertext, so that
 * the check at the end covers it too; if that fails, all of it is loaded once more.
 */
import { type BlobOpener, type BlobPlan, createBlobOpener, planBlob } from "@sotto/core";
import { type Attachment, bytesToHex, equalBytes, SEGMENT_BYTES, SEGMENT_PLAIN_BYTES } from "@sotto/protocol";
import { ClientError, type ClientErrorCode, orThrow } from "../client-error.ts";
import type { Ports } from "../ports.ts";
import { BlobServer, refused } from "./blob-server.ts";
import { Patience } from "./patience.ts";
import type { Cancellation, FileSink, OpenSink, OpenSource } from "./ports.ts";

/** Bytes that are written at once. */
const WRITE_BYTES = 16 * SEGMENT_PLAIN_BYTES;

export type Download = { readonly localId: Uint8Array; readonly place: number; readonly attachment: Attachment };

export type DownloadEvents = {
  /** Bytes of the blob that are through, of `totalBytes`. */
  readonly onProgress: (bytes: number, totalBytes: number) => void;
  readonly cancellation: Cancellation | undefined;
};

export type Saved = {
  readonly bytes: number;
  /** The same file was there already. */
  readonly wasThere: boolean;
};

export async function saveFile(ports: Ports, order: Download & { readonly sink: FileSink }, events: DownloadEvents): Promise<Saved> {
  const { localId, place, attachment, sink } = order;
  const present = await sink.present();
  if (present !== undefined) {
    try {
      if (await holds(present, attachment, ports)) return { bytes: attachment.size, wasThere: true };
      throw new ClientError("file_exists");
    } finally {
      await present.close();
    }
  }
  const aside = await sink.open(`${bytesToHex(localId.subarray(-8))}-${place}`);
  try {
    const downloading = new Downloading(ports, attachment, { aside, events });
    await downloading.run();
    await aside.commit();
    return { bytes: attachment.size, wasThere: false };
  } finally {
    await aside.close();
  }
}

async function holds(file: OpenSource, { size, fileHash }: Attachment, ports: Ports): Promise<boolean> {
  if (file.size !== size) return false;
  const hash = ports.createSha256();
  const piece = new Uint8Array(WRITE_BYTES);
  for (let at = 0; at < size;) {
    const read = await file.read(piece, at);
    if (read === 0) return false;
    hash.update(piece.subarray(0, read));
    at += read;
  }
  return equalBytes(hash.digest(), fileHash);
}

type Into = { readonly aside: OpenSink; readonly events: DownloadEvents };

class Downloading {
  readonly #ports: Ports;
  readonly #attachment: Attachment;
  readonly #blob: BlobPlan;
  readonly #aside: OpenSink;
  readonly #events: DownloadEvents;
  readonly #server: BlobServer;
  readonly #patience: Patience;
  /** Opened and not written yet. */
  #buffer = new Uint8Array(WRITE_BYTES);
  #buffered = 0;
  #written = 0;
  /** Bytes of the blob that the opener has. */
  #received = 0;

  constructor(ports: Ports, attachment: Attachment, { aside, events }: Into) {
    this.#ports = ports;
    this.#attachment = attachment;
    this.#blob = planBlob(attachment, attachment.size);
    this.#aside = aside;
    this.#events = events;
    this.#server = new BlobServer(ports, events.cancellation);
    this.#patience = new Patience(ports, events.cancellation);
  }

  async run(): Promise<void> {
    const isResumed = this.#aside.held > 0;
    let code = await this.#attempt(Math.min(this.#aside.held, this.#attachment.size));
    // What was kept may be what is wrong.
    if (code === "blob_damaged" && isResumed) code = await this.#attempt(0);
    if (code === undefined) return;
    throw new ClientError(code);
  }

  async #attempt(held: number): Promise<ClientErrorCode | undefined> {
    const opener = createBlobOpener(this.#blob, this.#attachment, this.#ports);
    await this.#recount(opener, held);
    const code = await this.#receive(opener);
    await this.#flush();
    if (code !== undefined) return code;
    const end = opener.finish();
    if (end.ok) return undefined;
    await this.#aside.truncate(0);
    return end.code;
  }

  async #recount(opener: BlobOpener, held: number): Promise<void> {
    let next = 0;
    for (let at = 0; at < held;) {
      const read = await this.#aside.read(this.#buffer.subarray(0, Math.min(WRITE_BYTES, held - at)), at);
      if (read === 0) break;
      next = orThrow(opener.recount(this.#buffer.subarray(0, read)));
      at += read;
    }
    const { plan } = this.#blob;
    this.#received = Math.min(next * SEGMENT_BYTES, plan.cipherBytes);
    this.#written = Math.min(next * SEGMENT_PLAIN_BYTES, this.#attachment.size);
    this.#buffered = 0;
    await this.#aside.truncate(this.#written);
  }

  /** Reads on, again and again if need be, until all of the blob is opened. */
  async #receive(opener: BlobOpener): Promise<ClientErrorCode | undefined> {
    const { blob } = this.#attachment;
    const size = this.#blob.plan.cipherBytes;
    while (this.#received < size) {
      const start = this.#received;
      const answer = await this.#server.read({ blob, start, size }, (bytes) => this.#take(opener, bytes));
      this.#patience.progressed(this.#received - start);
      if (answer.ok && this.#received >= size) break;
      const code = await this.#patience.wait(answer.ok ? refused("blob_incomplete") : answer);
      if (code !== undefined) return code;
    }
    return undefined;
  }

  async #take(opener: BlobOpener, bytes: Uint8Array): Promise<ClientErrorCode | undefined> {
    const opened = opener.push(bytes);
    if (!opened.ok) return opened.code;
    for (const segment of opened.value) await this.#keep(segment);
    this.#received += bytes.length;
    this.#events.onProgress(this.#received, this.#blob.plan.cipherBytes);
    return undefined;
  }

  async #keep(bytes: Uint8Array): Promise<void> {
    if (this.#buffered + bytes.length > WRITE_BYTES) await this.#flush();
    this.#buffer.set(bytes, this.#buffered);
    this.#buffered += bytes.length;
  }

  async #flush(): Promise<void> {
    if (this.#buffered === 0) return;
    await this.#aside.write(this.#buffer.subarray(0, this.#buffered), this.#written);
    this.#written += this.#buffered;
    this.#buffered = 0;
  }
}
