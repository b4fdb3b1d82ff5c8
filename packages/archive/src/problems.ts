/**
 * What could not be read, as a closed union of codes, counted by file. Codes carry no content; the path of a file is the export's own.
 *
 *   place   where the first one stands: bytes from the start of the file, or a line, or 0 for the file as a whole
 */
import { ARCHIVE_LIMITS } from "./limits.ts";

export const PROBLEMS = {
  input_unreadable: "The file could not be read. Check that it is whole and that you may read it.",
  path_unsafe: "The file's name points outside of the export. It was left out.",
  path_duplicate: "The export has two files of this name. The first one was used.",
  link_refused: "A symbolic link or device was left out.",
  zip_damaged: "The ZIP is damaged or cut off. Download it again.",
  zip_encrypted: "The file is locked with a password. Unpack it first, and import the folder.",
  zip_too_many: "The ZIP has more entries than the limit. The rest was left out.",
  zip_ratio: "The file grows far beyond its packed size, as a ZIP bomb does. It was left out.",
  zip_nested: "A ZIP inside a ZIP inside a ZIP was left out. Unpack it first.",
  zip_size: "A file has another size than the ZIP says. Download it again.",
  file_too_large: "The file is larger than the limit. It was left out.",
  json_damaged: "A part of the file is not valid JSON. That part was left out.",
  json_truncated: "The file ends in the middle. Download it again; what came before was imported.",
  json_too_deep: "A record is nested deeper than the limit. It was left out.",
  record_too_long: "A record is longer than the limit. It was left out.",
  record_invalid: "A record does not have the form of its service. It was left out.",
  line_too_long: "A line is longer than the limit. It was left out.",
  database_damaged: "The database is damaged. What could be read was imported.",
  database_unsupported: "This program cannot read databases. Import the file with the command line.",
  html_damaged: "A part of the page does not have the form of its service. It was left out.",
  encoding_unknown: "The text has an unknown encoding. It was left out.",
  text_repaired: "A text had characters that cannot be kept; they stand as U+FFFD.",
  text_truncated: "A text was longer than the limit. Its start was imported.",
  time_implausible: "A message has no possible date. It was imported at the time of the one before it.",
  people_too_many: "A conversation has more people than the limit. The rest was left out.",
  media_missing: "A file that a message names is not in the export. Is a part missing?",
  media_unreadable: "A file of a message could not be read.",
  media_too_large: "A file of a message is larger than the limit. It was left out.",
  format_unknown: "The file is not one that any importer knows.",
  secrets_removed: "Keys that the export held were left out on purpose.",
} as const;
export type ProblemCode = keyof typeof PROBLEMS;

export type Problem = { readonly path: string; readonly code: ProblemCode; readonly at: number };
export type CountedProblem = { readonly path: string; readonly code: ProblemCode; readonly count: number; readonly at: number };

/** Counts problems by file and code. Changes itself. */
export class ProblemLog {
  readonly #counted = new Map<string, { path: string; code: ProblemCode; count: number; at: number }>();

  add({ path, code, at }: Problem, count = 1): void {
    const key = `${code}\0${path}`;
    const known = this.#counted.get(key) ?? this.#counted.get(`${code}\0`);
    if (known !== undefined && (known.path === path || !this.#hasRoom)) {
      known.count += count;
      return;
    }
    const place = this.#hasRoom ? path : "";
    this.#counted.set(`${code}\0${place}`, { path: place, code, count, at: place === "" ? 0 : at });
  }

  get #hasRoom(): boolean {
    return this.#counted.size < ARCHIVE_LIMITS.problemsMax;
  }

  list(): CountedProblem[] {
    return [...this.#counted.values()];
  }

  static from(list: readonly CountedProblem[]): ProblemLog {
    const log = new ProblemLog();
    for (const { count, ...problem } of list) log.add(problem, count);
    return log;
  }
}
