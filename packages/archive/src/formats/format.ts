/**
 * What an importer is. It looks at a tree of files, known by their shape, and names the units that it can read: mostly a conversation each. A unit is
 * read twice, once for the plan and once for the import, and gives the same items both times.
 */
import type { ArchiveService } from "@sotto/protocol";
import type { ExportFile } from "../input/export-file.ts";
import type { FileTree } from "../input/file-tree.ts";
import type { ImportItem } from "../records/draft.ts";
import type { ArchivePorts } from "../ports.ts";

export type ImportOptions = {
  /** IANA name of the zone that wall clocks are in, where an export says none. */
  readonly zone: string;
};

export type ImportContext = { readonly tree: FileTree; readonly ports: ArchivePorts; readonly options: ImportOptions };

export type ImportUnit = {
  /** The same for the same input: resuming finds its place by it. */
  readonly id: string;
  readonly service: ArchiveService | "sotto";
  /** Files that are read for it, for progress. Media do not count. */
  readonly files: readonly ExportFile[];
  read(context: ImportContext): AsyncIterable<ImportItem>;
};

export type Importer = {
  readonly name: string;
  /** The head of a file, decoded as Latin-1, is offered once; what the importer takes it keeps under its own key. */
  readonly claims: (file: ExportFile, head: string) => boolean;
  readonly units: (files: readonly ExportFile[], tree: FileTree) => ImportUnit[];
};
