/** Files that are on their way while one goes on writing. Leaving stops them; the same command goes on with them later. */
import { basename } from "node:path";
import type { Client, MessageView } from "@sotto/client";
import { fileSink, fileSource } from "@sotto/client/node";
import type { LogId } from "@sotto/protocol";
import { pathsFor } from "../commands/files.ts";
import { mediaTypeOf } from "../media-type.ts";
import { safeLine } from "../terminal/safe-text.ts";

type Say = (words: string) => void;
/** Words about a transfer, not more often. */
const SAY_EVERY_MS = 250;

const percent = (bytes: number, totalBytes: number): string => `${totalBytes === 0 ? 100 : Math.floor((100 * bytes) / totalBytes)} %`;

export class Transfers {
  readonly #client: Client;
  readonly #say: Say;
  readonly #controller = new AbortController();
  #saidAt = 0;

  constructor(client: Client, say: Say) {
    this.#client = client;
    this.#say = say;
  }

  async send(log: LogId, path: string): Promise<void> {
    const file = { source: fileSource(path), name: basename(path), mediaType: mediaTypeOf(path) };
    const onProgress = ({ bytes, totalBytes }: { readonly bytes: number; readonly totalBytes: number }): void =>
      this.#progress("Sending", file.name, percent(bytes, totalBytes));
    await this.#client.attachments.send(log, [file], { onProgress, cancellation: this.#controller.signal });
    this.#say(`Sent ${safeLine(file.name)}.`);
  }

  /** Into the folder that the command was started in. */
  async save({ localId, attachments }: MessageView): Promise<void> {
    const paths = await pathsFor(attachments, ".");
    for (const [index, { place, name }] of attachments.entries()) {
      const path = paths[index];
      if (path === undefined) continue;
      const onProgress = ({ bytes, totalBytes }: { readonly bytes: number; readonly totalBytes: number }): void =>
        this.#progress("Saving", name, percent(bytes, totalBytes));
      const sink = fileSink(path, { overwrite: false });
      await this.#client.attachments.save(localId, { place, sink }, { onProgress, cancellation: this.#controller.signal });
      this.#say(`Saved ${path}.`);
    }
  }

  stop(): void {
    this.#controller.abort();
  }

  #progress(verb: string, name: string, done: string): void {
    const now = Date.now();
    if (now - this.#saidAt < SAY_EVERY_MS) return;
    this.#saidAt = now;
    this.#say(`${verb} ${safeLine(name)}: ${done}`);
  }
}
