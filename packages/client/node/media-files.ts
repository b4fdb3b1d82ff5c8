/** Encrypted files of a profile as files of one folder, in 256 sub-folders by the first two characters of their names. */
import { createReadStream, existsSync } from "node:fs";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { MediaFiles, MediaFileWriter } from "@sotto/client";

const NAME = /^[0-9a-f]{32}$/;
const UNFINISHED = ".part";

class FolderFiles implements MediaFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  #path(name: string): string {
    if (!NAME.test(name)) throw new RangeError("Names of media files are 32 hexadecimal digits.");
    return join(this.#folder, name.slice(0, 2), name);
  }

  async create(name: string): Promise<MediaFileWriter> {
    const path = this.#path(name);
    await mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
    const file = await open(`${path}${UNFINISHED}`, "wx", 0o600);
    return {
      write: async (bytes) => {
        await file.write(bytes);
      },
      finish: async () => {
        await file.datasync();
        await file.close();
        await rename(`${path}${UNFINISHED}`, path);
      },
      abandon: async () => {
        await file.close().catch(() => undefined);
        await rm(`${path}${UNFINISHED}`, { force: true });
      },
    };
  }

  read(name: string): AsyncIterable<Uint8Array> | undefined {
    const path = this.#path(name);
    return existsSync(path) ? createReadStream(path, { highWaterMark: 1024 * 1024 }) : undefined;
  }

  async list(): Promise<string[]> {
    if (!existsSync(this.#folder)) return [];
    const names: string[] = [];
    for (const prefix of await readdir(this.#folder)) {
      for (const name of await readdir(join(this.#folder, prefix))) {
        if (NAME.test(name)) names.push(name);
        else if (name.endsWith(UNFINISHED)) await rm(join(this.#folder, prefix, name), { force: true });
      }
    }
    return names;
  }

  async remove(name: string): Promise<void> {
    await rm(this.#path(name), { force: true });
  }
}

/** `folder` need not exist yet. */
export function openMediaFiles(folder: string): MediaFiles {
  return new FolderFiles(folder);
}
