/**
 * Files of a ZIP, read at random from its central directory (@zip.js/zip.js: ZIP64, data descriptors, names in CP437). Nothing is unpacked before it
 * is asked for. What an entry says of itself is not believed: bytes are counted as they inflate, and the check sum is compared.
 */
import { configure, Reader, Writer, ZipReader, type Entry, type FileEntry } from "@zip.js/zip.js";
import { ARCHIVE_LIMITS } from "../limits.ts";
import type { Source } from "../ports.ts";
import { ProblemLog } from "../problems.ts";
import { type ExportFile, FileDamage } from "./export-file.ts";
import { Rendezvous } from "./rendezvous.ts";
import { safePath } from "./safe-path.ts";
import { salvageZip } from "./zip-salvage.ts";

configure({ useWebWorkers: false, chunkSize: 256 * 1024 });

const SYMLINK = 0o120_000;
const FILE = 0o100_000;
const FOLDER = 0o040_000;
const KIND_OF_FILE = 0o170_000;

class SourceReader extends Reader<Source> {
  readonly #source: Source;

  constructor(source: Source) {
    super(source);
    this.#source = source;
    this.size = source.bytes;
  }

  override readUint8Array(index: number, length: number): Promise<Uint8Array> {
    return this.#source.read(index, Math.max(0, Math.min(length, this.#source.bytes - index)));
  }
}

class Stopped extends Error {}

/** Counts what inflates, and hands it on. */
class CountingWriter extends Writer<undefined> {
  readonly #entry: FileEntry;
  readonly #out: Rendezvous;
  #count = 0;

  constructor(entry: FileEntry, out: Rendezvous) {
    super();
    this.#entry = entry;
    this.#out = out;
  }

  override async writeUint8Array(bytes: Uint8Array): Promise<void> {
    this.#count += bytes.length;
    if (this.#count > ARCHIVE_LIMITS.fileBytesMax) throw new FileDamage("file_too_large");
    const fair = ARCHIVE_LIMITS.zipRatioFreeBytes + this.#entry.compressedSize * ARCHIVE_LIMITS.zipRatioMax;
    if (this.#count > fair) throw new FileDamage("zip_ratio");
    if (this.#count > this.#entry.uncompressedSize) throw new FileDamage("zip_size");
    if (!(await this.#out.offer(bytes))) throw new Stopped();
  }

  override getData(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}

/** A check sum of what was cut would only stop what there is of it from being given. */
function inflate(entry: FileEntry, isCut: boolean): AsyncIterable<Uint8Array> {
  const out = new Rendezvous();
  const work = async (): Promise<void> => {
    try {
      await entry.getData(new CountingWriter(entry, out), { checkSignature: !isCut, useWebWorkers: false });
      if (isCut) throw new FileDamage("zip_damaged");
      await out.end();
    } catch (error) {
      await out.fail(error instanceof FileDamage ? error : new FileDamage("zip_damaged", { cause: error }));
    }
  };
  return {
    [Symbol.asyncIterator]: () => {
      void work();
      return out.pull();
    },
  };
}

function isRefused(entry: Entry, place: string, problems: ProblemLog): boolean {
  const kind = (entry.unixMode ?? 0) & KIND_OF_FILE;
  if (kind === SYMLINK || (kind !== 0 && kind !== FILE && kind !== FOLDER))
    problems.add({ path: place, code: "link_refused", at: entry.offset });
  else if (entry.encrypted) problems.add({ path: place, code: "zip_encrypted", at: entry.offset });
  else return false;
  return true;
}

type Place = {
  readonly place: string;
  readonly container: number;
  /** Offset of an entry that is cut. */
  readonly cutAt?: number;
};

/** False if the directory could not be read to its end. */
async function listEntries(
  source: Source,
  at: Place,
  out: { readonly files: ExportFile[]; readonly problems: ProblemLog },
): Promise<boolean> {
  const reader = new ZipReader(new SourceReader(source), { strictness: "tolerant", filenameValidation: "tolerant" });
  try {
    let count = 0;
    for await (const entry of reader.getEntriesGenerator()) {
      count += 1;
      if (count > ARCHIVE_LIMITS.zipEntriesMax) {
        out.problems.add({ path: at.place, code: "zip_too_many", at: entry.offset });
        break;
      }
      if (entry.directory) continue;
      const path = safePath(entry.filename);
      const place = `${at.place}/${path ?? ""}`;
      if (path === undefined) out.problems.add({ path: at.place, code: "path_unsafe", at: entry.offset });
      else if (!isRefused(entry, place, out.problems)) {
        out.files.push({
          path,
          place,
          bytes: entry.uncompressedSize,
          container: at.container,
          open: () => inflate(entry, entry.offset === at.cutAt),
        });
      }
    }
    return true;
  } catch {
    return false;
  }
}

/**
 * `place` is how reports name the ZIP. One that is damaged or cut off is a problem at the place where it ends, and the entries that are whole are given,
 * with what there is of the one behind them.
 */
export async function listZip(source: Source, at: Place, problems: ProblemLog): Promise<ExportFile[]> {
  const listed = { files: [] as ExportFile[], problems: new ProblemLog() };
  let found = listed;
  if (!(await listEntries(source, at, listed))) {
    const salvaged = await salvageZip(source).catch(() => undefined);
    const again = { files: [] as ExportFile[], problems: new ProblemLog() };
    if (salvaged !== undefined) await listEntries(salvaged.source, { ...at, cutAt: salvaged.end }, again);
    if (again.files.length >= listed.files.length) found = again;
    problems.add({ path: at.place, code: "zip_damaged", at: salvaged?.end ?? 0 });
  }
  for (const { count, ...problem } of found.problems.list()) problems.add(problem, count);
  return found.files;
}
