/** Files to send and to save, on a disk. */
import { constants } from "node:fs";
import { type FileHandle, link, open, realpath, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { ClientError, type ClientErrorCode, type FileSink, type FileSource, type OpenSink, type OpenSource } from "@sotto/client";

const CODES: Readonly<Record<string, ClientErrorCode>> = {
  ENOENT: "file_unknown",
  ENOTDIR: "file_unknown",
  EISDIR: "file_unsupported",
  ENXIO: "file_unsupported",
  ELOOP: "file_unsupported",
  ENOSPC: "store_disk_full",
  EDQUOT: "store_disk_full",
  EEXIST: "file_exists",
};

async function asCoded<T>(work: Promise<T>, otherwise: "file_unreadable" | "file_unwritable"): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ClientError) throw error;
    const code = error instanceof Error && "code" in error ? CODES[String(error.code)] : undefined;
    const isMissing = code === "file_unknown" && otherwise === "file_unwritable";
    throw new ClientError(isMissing ? otherwise : (code ?? otherwise), { cause: error });
  }
}

async function openedSource(file: FileHandle): Promise<OpenSource> {
  const stat = await asCoded(file.stat({ bigint: true }), "file_unreadable");
  if (!stat.isFile()) {
    await file.close();
    throw new ClientError("file_unsupported");
  }
  return {
    size: Number(stat.size),
    version: async () => {
      const { dev, ino, size, mtimeNs, ctimeNs } = await asCoded(file.stat({ bigint: true }), "file_unreadable");
      return [dev, ino, size, mtimeNs, ctimeNs].join(" ");
    },
    read: async (piece, offset) => (await asCoded(file.read(piece, 0, piece.length, offset), "file_unreadable")).bytesRead,
    close: () => file.close(),
  };
}

/** Not waiting for somebody to write into it, if it is a pipe. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

export function fileSource(path: string): FileSource {
  const place = resolve(path);
  return { place, open: async () => openedSource(await asCoded(open(place, READ), "file_unreadable")) };
}

/** The file at `path`. While it is being saved it lies beside it under a name that begins with a dot and ends in `.part`. */
export function fileSink(path: string, { overwrite }: { readonly overwrite: boolean }): FileSink {
  const final = resolve(path);
  return {
    present: async () => {
      if (overwrite) return undefined;
      try {
        return await openedSource(await asCoded(open(final, READ), "file_unreadable"));
      } catch (error) {
        if (error instanceof ClientError && error.code === "file_unknown") return undefined;
        throw error instanceof ClientError ? new ClientError("file_exists", { cause: error }) : error;
      }
    },
    open: async (id) => {
      const folder = await asCoded(realpath(dirname(final)), "file_unwritable");
      return openedSink({ final: join(folder, basename(final)), aside: join(folder, `.${basename(final)}.${id}.part`), overwrite });
    },
  };
}

type Names = { readonly final: string; readonly aside: string; readonly overwrite: boolean };

async function openedSink({ final, aside, overwrite }: Names): Promise<OpenSink> {
  const flags = constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);
  const file = await asCoded(open(aside, flags, 0o600), "file_unwritable");
  const { size } = await asCoded(file.stat(), "file_unwritable");
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (isOpen) await file.close();
    isOpen = false;
  };
  return {
    held: size,
    read: async (piece, offset) => (await asCoded(file.read(piece, 0, piece.length, offset), "file_unreadable")).bytesRead,
    write: async (bytes, offset) => {
      for (let at = 0; at < bytes.length;) {
        at += (await asCoded(file.write(bytes, at, bytes.length - at, offset + at), "file_unwritable")).bytesWritten;
      }
    },
    truncate: (length) => asCoded(file.truncate(length), "file_unwritable"),
    commit: async () => {
      await asCoded(file.sync(), "file_unwritable");
      await close();
      await asCoded(overwrite ? rename(aside, final) : renameNew(aside, final), "file_unwritable");
      await syncFolder(dirname(final));
    },
    close,
  };
}

/** A rename that never replaces: a link fails if the name is taken. Where the file system knows no links, the name is taken first. */
async function renameNew(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") throw error;
    await (await open(to, "wx", 0o600)).close();
    return rename(from, to);
  }
  await rm(from);
}

async function syncFolder(folder: string): Promise<void> {
  // Windows does not open folders, and makes names durable by itself.
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
