/**
 * Everything that was handed in as one set of files: folders, ZIPs in any number, ZIPs in ZIPs one level deep. ZIPs are known by their first bytes.
 * Several parts of one export make one tree, since any part may hold any file.
 */
import type { Source } from "../ports.ts";
import { ProblemLog } from "../problems.ts";
import { type ExportFile, FileDamage, wholeOf } from "./export-file.ts";
import { fileNameOf, safePath } from "./safe-path.ts";
import { listZip } from "./zip-container.ts";

const PIECE_BYTES = 1024 * 1024;
/** Held in memory while its files are read. */
const NESTED_BYTES_MAX = 128 * 1024 * 1024;

function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6));
}

async function* readAll(source: Source): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < source.bytes; at += PIECE_BYTES) {
    let piece: Uint8Array;
    try {
      piece = await source.read(at, Math.min(PIECE_BYTES, source.bytes - at));
    } catch (cause) {
      throw new FileDamage("input_unreadable", { cause });
    }
    if (piece.length > 0) yield piece;
  }
}

export class FileTree {
  readonly files: readonly ExportFile[];
  readonly problems: ProblemLog;
  /** Paths of the ZIPs, as they were handed in. */
  readonly zips: readonly string[];
  readonly #byPath = new Map<string, ExportFile[]>();
  #byName: Map<string, ExportFile[]> | undefined;

  private constructor(files: readonly ExportFile[], zips: readonly string[], problems: ProblemLog) {
    this.files = files;
    this.zips = zips;
    this.problems = problems;
    for (const file of files) {
      const known = this.#byPath.get(file.path);
      if (known === undefined) this.#byPath.set(file.path, [file]);
      else known.push(file);
    }
  }

  static async open(sources: readonly Source[]): Promise<FileTree> {
    const problems = new ProblemLog();
    const files: ExportFile[] = [];
    const zips: string[] = [];
    let containers = 1;
    for (const source of sources) {
      const path = safePath(source.path);
      if (path === undefined) {
        problems.add({ path: "", code: "path_unsafe", at: 0 });
        continue;
      }
      const head = await source.read(0, 4).catch(() => undefined);
      if (head === undefined) problems.add({ path, code: "input_unreadable", at: 0 });
      else if (isZip(head) || (/\.zip$/i.test(path) && source.bytes > 0)) {
        zips.push(path);
        const listed = await listZip(source, { place: path, container: containers++ }, problems);
        for (const file of listed) files.push(...(await unnest(file, () => containers++, problems)));
      } else files.push({ path, place: path, bytes: source.bytes, container: 0, open: () => readAll(source) });
    }
    return new FileTree(files, zips, problems);
  }

  /** By the path that the export uses. With several containers, those of `near` come first. */
  find(path: string, near?: ExportFile): ExportFile | undefined {
    const found = this.#byPath.get(path);
    return found?.find(({ container }) => container === near?.container) ?? found?.[0];
  }

  /** By name alone; undefined if it is not unique. */
  findByName(name: string): ExportFile | undefined {
    if (this.#byName === undefined) {
      this.#byName = new Map();
      for (const file of this.files) {
        const key = fileNameOf(file.path);
        const known = this.#byName.get(key);
        if (known === undefined) this.#byName.set(key, [file]);
        else known.push(file);
      }
    }
    const found = this.#byName.get(name);
    return found?.length === 1 ? found[0] : undefined;
  }
}

/** A ZIP in a ZIP gives its files; anything else itself. */
async function unnest(file: ExportFile, nextContainer: () => number, problems: ProblemLog): Promise<ExportFile[]> {
  if (!/\.zip$/i.test(file.path)) return [file];
  try {
    const bytes = await wholeOf(file, NESTED_BYTES_MAX);
    if (!isZip(bytes)) return [file];
    const read = (offset: number, length: number): Promise<Uint8Array> => Promise.resolve(bytes.subarray(offset, offset + length));
    const inner = await listZip(
      { path: file.path, bytes: bytes.length, read },
      { place: file.place, container: nextContainer() },
      problems,
    );
    return inner.flatMap((nested) => {
      if (!/\.zip$/i.test(nested.path)) return [nested];
      problems.add({ path: nested.place, code: "zip_nested", at: 0 });
      return [];
    });
  } catch (error) {
    if (!(error instanceof FileDamage)) throw error;
    problems.add({ path: file.place, code: error.code, at: 0 });
    return [];
  }
}
