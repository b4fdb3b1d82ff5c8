/** Offers every file's head to every importer, and collects the units that they name. */
import { ARCHIVE_SERVICES } from "@sotto/protocol";
import { headOf, type ExportFile } from "../input/export-file.ts";
import type { FileTree } from "../input/file-tree.ts";
import { ARCHIVE_LIMITS } from "../limits.ts";
import type { Importer, ImportUnit } from "../formats/format.ts";
import { IMPORTERS } from "../formats/importers.ts";

/** The last one is what a backup of an iPhone calls the database of its messages. */
const MAYBE_MESSAGES = /(\.(json|jsonl|txt|html?|csv|db|sqlite)|(^|\/)3d0d7e5fb2ce288813306e4d4636395e047a3d28)$/i;

function asLatin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
}

export type Detected = { readonly units: readonly ImportUnit[]; readonly claimed: ReadonlySet<ExportFile> };

export async function detect(tree: FileTree): Promise<Detected> {
  const claimed = new Map<Importer, ExportFile[]>();
  const all = new Set<ExportFile>();
  for (const file of tree.files) {
    if (!MAYBE_MESSAGES.test(file.path) || file.bytes === 0) continue;
    const head = asLatin1(await headOf(file, ARCHIVE_LIMITS.headBytes));
    const importer = IMPORTERS.find(({ claims }) => claims(file, head));
    if (importer === undefined) continue;
    all.add(file);
    const known = claimed.get(importer);
    if (known === undefined) claimed.set(importer, [file]);
    else known.push(file);
  }
  const units = [...claimed].flatMap(([importer, files]) => importer.units(files, tree));
  const rank = ({ service }: ImportUnit): number => (service === "sotto" ? -1 : ARCHIVE_SERVICES.indexOf(service));
  return { units: units.toSorted((a, b) => rank(a) - rank(b)), claimed: all };
}
