/**
 * Untrusted files in, normalised records out (spec/archive-format.md). Pure: files, hashes and the store are ports; nothing here reaches a key or a
 * network.
 */
export { ArchiveImport } from "./engine/archive-import.ts";
export type { ImportProgress } from "./engine/import-run.ts";
export type { MissingPart, NamedFiles } from "./engine/missing-parts.ts";
export type { ImportPlan, PlannedConversation } from "./engine/plan.ts";
export { findInFileName } from "./exposure/document-names.ts";
export { EXPOSURE_VERSION, findExposures } from "./exposure/find-exposures.ts";
export { EXPOSURE_HEAD_BYTES, findInFile } from "./exposure/media/find-in-file.ts";
export { stripLocation } from "./exposure/media/strip-location.ts";
export { exposureOfPlace } from "./exposure/places.ts";
export { isBalanced, type LossReport } from "./engine/report.ts";
export type { ArchiveSink } from "./engine/sink.ts";
export { exportArchive } from "./export/export-archive.ts";
export { exportHtml } from "./export/export-html.ts";
export type { ArchiveReader, ExportCounts, ExportTarget } from "./export/export-ports.ts";
export { exportTelegram } from "./export/export-telegram.ts";
export type { Database, DatabaseRow, OpenDatabase, RowQuery } from "./input/database.ts";
export { type ExportFile, FileDamage } from "./input/export-file.ts";
export type { ArchivePorts, RunningHash, Source } from "./ports.ts";
export { type CountedProblem, PROBLEMS, type ProblemCode } from "./problems.ts";
