/**
 * Untrusted files in, normalised records out (spec/archive-format.md). Pure: files, hashes and the store are ports; nothing here reaches a key or a
 * network.
 */
export { ArchiveImport } from "./engine/archive-import.ts";
export type { ImportProgress } from "./engine/import-run.ts";
export type { ImportPlan, PlannedConversation } from "./engine/plan.ts";
export { isBalanced, type LossReport } from "./engine/report.ts";
export type { ArchiveSink } from "./engine/sink.ts";
export type { ArchivePorts, RunningHash, Source } from "./ports.ts";
export { type CountedProblem, PROBLEMS, type ProblemCode } from "./problems.ts";
