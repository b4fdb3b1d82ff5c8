/** What an application calls: open what was handed in, see the plan, import. */
import { bytesToBase64url } from "@sotto/protocol";
import type { ImportContext, ImportOptions, ImportUnit } from "../formats/format.ts";
import { FileTree } from "../input/file-tree.ts";
import type { ArchivePorts, Source } from "../ports.ts";
import { detect } from "./detect.ts";
import { ImportRun, type RunOptions } from "./import-run.ts";
import { type ImportPlan, makePlan, type PlanProgress } from "./plan.ts";
import type { LossReport } from "./report.ts";
import type { ArchiveSink } from "./sink.ts";

const EDGE_BYTES = 4096;

export class ArchiveImport {
  readonly #context: ImportContext;
  readonly #units: readonly ImportUnit[];
  readonly #importId: string;

  private constructor(context: ImportContext, units: readonly ImportUnit[], importId: string) {
    this.#context = context;
    this.#units = units;
    this.#importId = importId;
  }

  /** Lists what is in the sources and finds out what it is. Reads heads of files only. */
  static async open(sources: readonly Source[], ports: ArchivePorts, options: ImportOptions): Promise<ArchiveImport> {
    const sorted = sources.toSorted((a, b) => (a.path < b.path ? -1 : 1));
    const tree = await FileTree.open(sorted);
    const { units } = await detect(tree);
    return new ArchiveImport({ tree, ports, options }, units, await inputId(sorted, ports, options));
  }

  /** Reads everything, writes nothing. */
  plan(onProgress?: (progress: PlanProgress) => void): Promise<ImportPlan> {
    return makePlan(this.#units, this.#context, onProgress);
  }

  run(sink: ArchiveSink, options: Omit<RunOptions, "importId"> = {}): Promise<LossReport> {
    return new ImportRun(sink, this.#context, { ...options, importId: this.#importId }).run(this.#units);
  }
}

/** The same for the same input: names, sizes and both ends of every file. */
async function inputId(sources: readonly Source[], ports: ArchivePorts, { zone }: ImportOptions): Promise<string> {
  const hash = ports.createSha256();
  hash.update(ports.encodeUtf8(JSON.stringify([zone, sources.map(({ path, bytes }) => [path, bytes])])));
  for (const source of sources) {
    for (const at of [0, Math.max(0, source.bytes - EDGE_BYTES)]) {
      const edge = await source.read(at, Math.min(EDGE_BYTES, source.bytes)).catch(() => new Uint8Array());
      hash.update(edge);
    }
  }
  return bytesToBase64url(hash.digest().subarray(0, 16));
}
