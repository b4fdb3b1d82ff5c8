/** The beginnings of files on the shelf. */
import type { MediaShelf } from "../archive/media-shelf.ts";
import { ClientError } from "../client-error.ts";

export class FileHeads {
  readonly #shelf: Pick<MediaShelf, "open">;
  readonly #bytes: Uint8Array;

  constructor(shelf: Pick<MediaShelf, "open">, bytesMax: number) {
    this.#shelf = shelf;
    this.#bytes = new Uint8Array(bytesMax);
  }

  /** Good until the next call. Undefined if there is no such file, or if its beginning is damaged: then there is nothing to tell about it. */
  async of(hash: Uint8Array): Promise<Uint8Array | undefined> {
    const head = this.#bytes;
    let length = 0;
    try {
      for await (const piece of this.#shelf.open(hash)) {
        const some = piece.subarray(0, head.length - length);
        head.set(some, length);
        length += some.length;
        if (length === head.length) break;
      }
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
    }
    return length === 0 ? undefined : head.subarray(0, length);
  }
}
