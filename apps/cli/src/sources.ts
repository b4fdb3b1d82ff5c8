/** Files and folders of this machine as sources of an import, and what the importers need of Node.js. */
import { createHash, hash } from "node:crypto";
import { type FileHandle, lstat, open, readdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { ArchivePorts, Source } from "@sotto/archive";
import { UsageError } from "./command.ts";
import { openDatabase } from "./database-file.ts";

const FILES_MAX = 2_000_000;
const OPEN_MAX = 64;

/** Keeps the handles that were used last, so that an export of many parts does not run out of them. */
class Handles {
  readonly #open = new Map<string, Promise<FileHandle>>();

  async get(path: string): Promise<FileHandle> {
    const known = this.#open.get(path) ?? open(path, "r");
    this.#open.delete(path);
    this.#open.set(path, known);
    const [oldest] = this.#open.keys();
    if (this.#open.size > OPEN_MAX && oldest !== undefined && oldest !== path) {
      const handle = this.#open.get(oldest);
      this.#open.delete(oldest);
      await (await handle)?.close();
    }
    return known;
  }

  async close(): Promise<void> {
    for (const handle of this.#open.values()) await (await handle.catch(() => undefined))?.close();
    this.#open.clear();
  }
}

export type OpenSources = { readonly sources: readonly Source[]; readonly close: () => Promise<void> };

/** Folders with all that is in them. Symbolic links inside are left out: an export has none, and they lead elsewhere. */
export async function openSources(paths: readonly string[]): Promise<OpenSources> {
  const handles = new Handles();
  const sources: Source[] = [];
  const add = async (file: string, name: string): Promise<void> => {
    const { size } = await stat(file);
    if (sources.length >= FILES_MAX) return;
    const read = async (offset: number, length: number): Promise<Uint8Array> => {
      const handle = await handles.get(file);
      const bytes = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return bytes.subarray(0, filled);
    };
    sources.push({ path: name, bytes: size, read });
  };
  const walk = async (path: string, name: string): Promise<void> => {
    for (const entry of (await readdir(path)).toSorted()) {
      const [inside, info] = [join(path, entry), await lstat(join(path, entry))];
      if (info.isDirectory()) await walk(inside, `${name}/${entry}`);
      else if (info.isFile()) await add(inside, `${name}/${entry}`);
    }
  };
  for (const path of paths) {
    const [full, info] = [resolve(path), await stat(path).catch(() => undefined)];
    if (info === undefined) throw new UsageError(`There is no file or folder ${path}, or it may not be read.`);
    await (info.isDirectory() ? walk(full, basename(full)) : add(full, basename(full)));
  }
  return { sources, close: () => handles.close() };
}

const strict = new TextDecoder("utf-8", { fatal: true });

export const nodeArchivePorts: ArchivePorts = {
  sha256: (bytes) => hash("sha256", bytes, "buffer"),
  createSha256: () => {
    const running = createHash("sha256");
    return { update: (bytes) => void running.update(bytes), digest: () => running.digest() };
  },
  decodeUtf8: (bytes) => {
    try {
      return strict.decode(bytes);
    } catch {
      return undefined;
    }
  },
  encodeUtf8: (text) => Buffer.from(text, "utf8"),
  now: () => Date.now(),
  openDatabase,
};
