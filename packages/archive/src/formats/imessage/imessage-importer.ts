/**
 * Apple's Messages: `chat.db` of macOS with `chat.db-wal` and `Attachments` beside it, or `sms.db` of a backup. Read by the platform's SQLite, table by table
 * (`input/database.ts`). The place of a record is the number of its row.
 */
import { type Database, type DatabaseRow, tableRows } from "../../input/database.ts";
import { type ExportFile, FileDamage } from "../../input/export-file.ts";
import { findNamed } from "../../input/named-file.ts";
import type { ArchivePorts } from "../../ports.ts";
import type { ProblemCode } from "../../problems.ts";
import type { ImportItem } from "../../records/draft.ts";
import type { ImportContext, Importer } from "../format.ts";
import { imessageMessage, MESSAGE_COLUMNS } from "./imessage-message.ts";
import { ChatTables, numberOf } from "./imessage-tables.ts";
import { senderOf, tapbackOf, Tapbacks } from "./tapbacks.ts";

/** "~/Library/Messages/Attachments/ab/…" and what other systems put before it. */
const ATTACHMENTS = /^.*?\/(?=Attachments\/)/;

class ChatReader {
  readonly #context: ImportContext;
  readonly #file: ExportFile;
  readonly #seen = new Set<string>();
  #current: string | undefined;
  #last = 1;

  constructor(context: ImportContext, file: ExportFile) {
    this.#context = context;
    this.#file = file;
  }

  async *read(): AsyncGenerator<ImportItem> {
    const { ports, tree } = this.#context;
    if (ports.openDatabase === undefined) return yield this.#problem("database_unsupported", 0, 0);
    let database: Database | undefined;
    try {
      database = await ports.openDatabase(this.#file, tree.find(`${this.#file.path}-wal`, this.#file));
      if (database === undefined) yield this.#problem("database_damaged", 0, 0);
      else if (!database.columns("message").includes("guid")) yield this.#problem("format_unknown", 0, 0);
      else yield* this.#messages(database);
    } catch (error) {
      if (!(error instanceof FileDamage)) throw error;
      yield this.#problem(error.code, 0, 0);
    } finally {
      await database?.close();
    }
    return undefined;
  }

  *#messages(database: Database): Generator<ImportItem> {
    const tables = new ChatTables(database);
    if (!tables.isWhole) yield this.#problem("database_damaged", 0, 0);
    const tapbacks = new Tapbacks(database, tables);
    for (const item of tableRows(database, "message", MESSAGE_COLUMNS)) {
      if (item.kind === "row") yield* this.#message(item.row, tables, tapbacks);
      else yield this.#problem("database_damaged", Math.max(0, Number(item.after)), 1);
    }
  }

  *#message(row: DatabaseRow, tables: ChatTables, tapbacks: Tapbacks): Generator<ImportItem> {
    const { ports, tree } = this.#context;
    const at = Math.max(0, numberOf(row, "rowid") ?? 0);
    const tapback = tapbackOf(row);
    // One whose message is not there stays a message, so that it is not lost.
    if (tapback !== undefined && this.#seen.has(tapback.target)) return yield { kind: "skipped", reason: "folded_into_reaction", count: 1 };
    const raw = rowHash(row, ports);
    const fileOf = (path: string): ExportFile | undefined => findNamed(tree, path.replace(ATTACHMENTS, ""), this.#file);
    const source = { path: this.#file.place, at, raw };
    const made = imessageMessage(row, { tables, tapbacks, ports, fileOf, source, neighbour: this.#last });
    if (made === undefined) return yield this.#problem("record_invalid", at, 1);
    const head = tables.head(at, senderOf(row, tables));
    if (this.#current !== head.key) yield { kind: "conversation", head };
    this.#current = head.key;
    for (const code of made.problems) yield this.#problem(code, at, 0);
    this.#last = made.draft.at;
    if (made.draft.reactions !== undefined && made.draft.nativeId !== undefined) this.#seen.add(made.draft.nativeId);
    const words = tapback === undefined ? made.draft.text : `${tapback.emoji}${tapback.isRemoved ? " (taken back)" : ""}`;
    yield { kind: "message", draft: tapback === undefined ? made.draft : { ...made.draft, kind: "system", text: words } };
    return undefined;
  }

  #problem(code: ProblemCode, at: number, lost: number): ImportItem {
    return { kind: "problem", problem: { path: this.#file.place, code, at }, lost };
  }
}

/** Of the row as JSON, with bytes behind it instead of in it. */
function rowHash(row: DatabaseRow, ports: Pick<ArchivePorts, "createSha256" | "encodeUtf8">): Uint8Array {
  const hash = ports.createSha256();
  const plain = Object.entries(row).filter(([, value]) => !(value instanceof Uint8Array));
  hash.update(ports.encodeUtf8(JSON.stringify(plain, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value))));
  for (const value of Object.values(row)) if (value instanceof Uint8Array) hash.update(value);
  return hash.digest();
}

export const imessageImporter: Importer = {
  name: "imessage",
  claims: (_file, head) => head.startsWith("SQLite format 3\0"),
  units: (files) =>
    files.map((file) => ({
      id: `imessage/${file.place}`,
      service: "imessage",
      files: [file],
      read: (context) => new ChatReader(context, file).read(),
    })),
};
