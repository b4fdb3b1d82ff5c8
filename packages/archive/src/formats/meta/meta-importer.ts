/**
 * Instagram's and Messenger's "Download your information" as JSON: the same form, told apart by what else the export holds. Threads are known by their
 * fields, wherever they lie, so all sections and all layouts are found: inbox, message_requests, archived_threads, filtered_threads, e2ee_cutover.
 */
import type { ExportFile } from "../../input/export-file.ts";
import { fileNameOf, folderOf } from "../../input/safe-path.ts";
import type { Importer, ImportUnit } from "../format.ts";
import { createServiceFinder } from "./meta-service.ts";
import { ThreadReader } from "./meta-thread.ts";

const MESSAGES = /"messages"\s*:\s*\[/;
const MESSAGE = /"(sender_name|timestamp_ms)"\s*:/;
const THREAD = /"(thread_path|is_still_participant|magic_words)"\s*:/;

function isThread(file: ExportFile, head: string): boolean {
  if (!/^(?:\u00EF\u00BB\u00BF)?\s*\{/.test(head) || !/\.json$/i.test(file.path)) return false;
  return /"participants"\s*:/.test(head) && MESSAGES.test(head) && (MESSAGE.test(head) || THREAD.test(head));
}

const partNumber = ({ path }: ExportFile): number => Number(/(\d+)\.json$/.exec(path)?.[1] ?? 0);

/** Files of one folder; where a second container has the same file it is of another export, so of another unit. */
function generations(files: readonly ExportFile[]): ExportFile[][] {
  const all: ExportFile[][] = [];
  for (const file of files) {
    const free = all.find((generation) => !generation.some(({ path }) => path === file.path));
    if (free === undefined) all.push([file]);
    else free.push(file);
  }
  return all;
}

export const metaImporter: Importer = {
  name: "meta",
  claims: isThread,
  units: (files, tree) => {
    const serviceOf = createServiceFinder(tree);
    const folders = new Map<string, ExportFile[]>();
    for (const file of files) {
      // Threads that were handed in without their folders are one conversation each.
      const key = /^message_\d+\.json$/.test(fileNameOf(file.path)) && folderOf(file.path) !== "" ? folderOf(file.path) : file.path;
      const known = folders.get(key);
      if (known === undefined) folders.set(key, [file]);
      else known.push(file);
    }
    return [...folders].flatMap(([folder, all]) =>
      generations(all).flatMap((generation, index): ImportUnit[] => {
        const parts = generation.toSorted((a, b) => partNumber(b) - partNumber(a));
        const [first] = parts;
        if (first === undefined) return [];
        const service = serviceOf(first);
        return [
          { id: `meta/${folder}/${index}`, service, files: parts, read: (context) => new ThreadReader(context, service).read(parts) },
        ];
      }),
    );
  },
};
