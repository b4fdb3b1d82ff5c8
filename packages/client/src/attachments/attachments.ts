/**
 * Files in conversations: `client.attachments`. What a person asks for throws ClientError; nothing here holds a file in memory.
 */
import { bytesToHex, equalBytes, type LogId } from "@sotto/protocol";
import { ClientError } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import { Serial } from "../serial.ts";
import { textIn } from "../store/statements.ts";
import { attachmentFrom } from "./attachment-rows.ts";
import type { FileSink } from "./ports.ts";
import { type Saved, saveFile } from "./save-file.ts";
import { discardFiles, type FilesOptions, type OutgoingFile, sendFiles, type Transferring } from "./send-files.ts";

export type AttachmentHooks = {
  /** Answers a request, before something is sent into it. */
  readonly accept: (log: LogId) => Promise<void>;
  /** Something is in the outbox of the conversation. */
  readonly kick: (log: LogId) => void;
};

export class Attachments {
  readonly #engine: Engine;
  readonly #hooks: AttachmentHooks;
  /** One transfer of a file at a time. */
  readonly #serial = new Serial();

  constructor(engine: Engine, hooks: AttachmentHooks) {
    this.#engine = engine;
    this.#hooks = hooks;
  }

  /**
   * Uploads files and sends a message with them: 1 to 20, each at most 2 GiB. Resolves once the message is in the outbox; gives its local id. The
   * same call again goes on with what was interrupted. Throws `file_unknown`, `file_unreadable`, `file_unsupported`, `file_changed`,
   * `transfer_stopped`, and what the server refuses with.
   */
  async send(log: LogId, files: readonly OutgoingFile[], options: FilesOptions = {}): Promise<Uint8Array> {
    return this.#serial.run(bytesToHex(log), async () => {
      await this.#hooks.accept(log);
      const localId = await sendFiles(this.#engine, { log, files, options });
      this.#hooks.kick(log);
      return localId;
    });
  }

  /** Gives up a message whose files are not all at the server: it goes from the timeline. False for any other message. */
  discard(localId: Uint8Array): Promise<boolean> {
    return discardFiles(this.#engine, localId);
  }

  /**
   * Saves the file at `place` of a message. Throws `attachment_unknown`, `attachment_uploading`, `file_exists`, `blob_damaged`, `attachment_size`,
   * `transfer_stopped`, and others. The same call goes on with what was interrupted.
   */
  async save(localId: Uint8Array, target: { readonly place: number; readonly sink: FileSink }, options: Transferring = {}): Promise<Saved> {
    const { place, sink } = target;
    const select = `SELECT a.*, m.state AS state, u.place IS NOT NULL AS is_uploading FROM attachments a JOIN messages m ON m.local_id = a.local_id
      LEFT JOIN uploads u ON u.local_id = a.local_id AND u.place = a.place WHERE a.local_id = ? AND a.place = ?`;
    return this.#serial.run(`${bytesToHex(localId)} ${place}`, async () => {
      const [row] = await this.#engine.ports.store.all(select, [localId, place]);
      if (row === undefined) throw new ClientError("attachment_unknown");
      const attachment = attachmentFrom(row);
      const isMissing =
        row["is_uploading"] === 1 || (textIn(row, "state") === "failed" && equalBytes(attachment.fileHash, new Uint8Array(32)));
      if (isMissing) throw new ClientError("attachment_uploading");
      return saveFile(
        this.#engine.ports,
        { localId, place, attachment, sink },
        {
          onProgress: (bytes, totalBytes) => options.onProgress?.({ place, bytes, totalBytes }),
          cancellation: options.cancellation,
        },
      );
    });
  }
}
