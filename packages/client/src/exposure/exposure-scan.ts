/**
 * Looks at every message once: those that are new since the last time, and those that changed. What was found and how far it came are one
 * transaction, so a scan that is cut short goes on where it was.
 */
import { base64urlToBytes, bytesToHex, encodeUtf8, type ExposureFinding } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import type { Row, Statement, Store } from "../ports.ts";
import { bytesIn, numberIn, setting, sql, textIn } from "../store/statements.ts";
import type { ExposureDetector } from "./detector.ts";
import type { FileHeads } from "./file-heads.ts";
import { partsOf } from "./message-parts.ts";

type ScanProgress = { readonly done: number; readonly total: number };
export type ScanOptions = { readonly onProgress?: (progress: ScanProgress) => void; readonly isCancelled?: () => boolean };

export type Looking = { readonly detector: ExposureDetector; readonly heads: FileHeads };

const PAGE = 200;
/** Rows, or findings, for one transaction. */
const ROWS_HELD = 4_000;
const FINDINGS_HELD = 1_000;
const AROUND = 2;
const COPY_BYTES = 8;
const KEY_BYTES = 32;
const CONVERSATIONS_HELD = 1_000;

type Found = { readonly part: string; readonly file: Uint8Array | null; readonly finding: ExposureFinding };

const INSERT =
  "INSERT INTO exposure_findings (message, log, part, file, kind, level, what, masked, copy, start, length) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const COLUMNS = "id, local_id, log, text, imported, state";

/** The key is random and stays in the store: who has only the findings cannot try card numbers against their hashes. */
async function copyKey({ store, random }: Engine["ports"]): Promise<Uint8Array> {
  const [row] = await store.all("SELECT value FROM settings WHERE key = 'exposure_key'");
  if (row !== undefined) return bytesIn(row, "value");
  const key = random(KEY_BYTES);
  await store.write([setting("exposure_key", key)]);
  return key;
}

export class ExposureScan {
  readonly #engine: Engine;
  readonly #detector: ExposureDetector;
  readonly #key: Uint8Array;
  readonly #heads: FileHeads;
  /** The last texts of each conversation, by its log. */
  readonly #before = new Map<string, readonly string[]>();

  private constructor(engine: Engine, looking: Looking, key: Uint8Array) {
    this.#engine = engine;
    this.#detector = looking.detector;
    this.#heads = looking.heads;
    this.#key = key;
  }

  static async begin(engine: Engine, looking: Looking): Promise<ExposureScan> {
    const key = await copyKey(engine.ports);
    const [row] = await engine.ports.store.all("SELECT version FROM exposure_state");
    if (row === undefined || numberIn(row, "version") !== looking.detector.version) {
      await engine.ports.store.write([
        sql("DELETE FROM exposure_findings"),
        sql("DELETE FROM exposure_due"),
        sql("UPDATE exposure_state SET through = 0, version = ?", looking.detector.version),
      ]);
    }
    return new ExposureScan(engine, looking, key);
  }

  get #store(): Store {
    return this.#engine.ports.store;
  }

  /** False if it was cancelled. */
  async run({ onProgress, isCancelled }: ScanOptions): Promise<boolean> {
    await this.#changed();
    const [state] = await this.#store.all("SELECT through, coalesce((SELECT max(id) FROM messages), 0) AS last FROM exposure_state");
    let through = state === undefined ? 0 : numberIn(state, "through");
    const total = state === undefined ? 0 : numberIn(state, "last");
    let held: Statement[] = [];
    let rowsHeld = 0;
    const keep = async (): Promise<void> => {
      await this.#store.write([...held, sql("UPDATE exposure_state SET through = ?", through)]);
      [held, rowsHeld] = [[], 0];
      onProgress?.({ done: through, total });
    };
    for (;;) {
      const rows = await this.#store.all(`SELECT ${COLUMNS} FROM messages WHERE id > ? ORDER BY id LIMIT ${PAGE}`, [through]);
      held.push(...(await this.#look(rows)));
      const last = rows.at(-1);
      if (last !== undefined) through = numberIn(last, "id");
      rowsHeld += rows.length;
      const isEnd = rows.length < PAGE;
      const isStopped = isCancelled?.() === true;
      if (rowsHeld > 0 && (isEnd || isStopped || rowsHeld >= ROWS_HELD || held.length >= FINDINGS_HELD)) await keep();
      if (isEnd) return true;
      if (isStopped) return false;
    }
  }

  async #changed(): Promise<void> {
    for (;;) {
      const select = `SELECT ${COLUMNS} FROM messages WHERE id IN (SELECT message FROM exposure_due ORDER BY message LIMIT ${PAGE}) ORDER BY id`;
      const rows = await this.#store.all(select);
      if (rows.length === 0) return;
      const ids = rows.map((row) => numberIn(row, "id"));
      const done = ids.flatMap((id) => [
        sql("DELETE FROM exposure_findings WHERE message = ?", id),
        sql("DELETE FROM exposure_due WHERE message = ?", id),
      ]);
      await this.#store.write([...done, ...(await this.#look(rows))]);
    }
  }

  async #look(rows: readonly Row[]): Promise<Statement[]> {
    const inOrder = new Map<string, Row[]>();
    for (const row of rows) {
      const log = bytesToHex(bytesIn(row, "log"));
      const those = inOrder.get(log);
      if (those === undefined) inOrder.set(log, [row]);
      else those.push(row);
    }
    const statements: Statement[] = [];
    for (const [log, those] of inOrder) statements.push(...(await this.#lookAt(log, those)));
    return statements;
  }

  /** Rows of one conversation, in their order. */
  async #lookAt(log: string, rows: readonly Row[]): Promise<Statement[]> {
    const earlier = this.#before.get(log) ?? [];
    const texts = [...earlier, ...rows.map((row) => textIn(row, "text"))];
    if (this.#before.size >= CONVERSATIONS_HELD) this.#before.clear();
    this.#before.set(log, texts.slice(-AROUND));
    const statements: Statement[] = [];
    for (const [index, row] of rows.entries()) {
      const at = earlier.length + index;
      const around = [...texts.slice(Math.max(0, at - AROUND), at), ...texts.slice(at + 1, at + 1 + AROUND)].join("\n");
      const found = await this.#findings(row, around);
      statements.push(...found.map((one) => this.#statement(row, one)));
    }
    return statements;
  }

  async #findings(row: Row, around: string): Promise<Found[]> {
    const { texts, files, place } = partsOf(row);
    const { inText, inFile, inFileName, ofPlace } = this.#detector;
    const found: Found[] = [];
    for (const { part, text } of texts) {
      if (text !== "") for (const finding of inText(text, around)) found.push({ part, file: null, finding });
    }
    if (place !== undefined) {
      for (const finding of ofPlace(place.latitude, place.longitude)) found.push({ part: "place", file: null, finding });
    }
    const said = `${textIn(row, "text")}\n${around}`;
    for (const { sha256, name, isPicture } of files) {
      const file = base64urlToBytes(sha256);
      const head = file && (await this.#heads.of(file));
      if (file === undefined || head === undefined) continue;
      const named = isPicture ? inFileName(name, said) : [];
      for (const finding of [...inFile(head), ...named]) found.push({ part: "file", file, finding });
    }
    for (const name of await this.#attached(row)) {
      for (const finding of inFileName(name, said)) found.push({ part: "attachment", file: null, finding });
    }
    return found;
  }

  /** Names of a live message's pictures and documents; what is in them is at the server. */
  async #attached(row: Row): Promise<string[]> {
    if (row["state"] === "imported") return [];
    const select = "SELECT name FROM attachments WHERE local_id = ? AND (media_type LIKE 'image/%' OR media_type = 'application/pdf')";
    return (await this.#store.all(select, [bytesIn(row, "local_id")])).map((file) => textIn(file, "name"));
  }

  #statement(row: Row, { part, file, finding }: Found): Statement {
    const { kind, level, what, masked, start, length } = finding;
    const place = [numberIn(row, "id"), bytesIn(row, "log"), part, file] as const;
    return sql(INSERT, ...place, kind, level, what, masked, this.#copyOf(finding), start, length);
  }

  /** The same for the same value, wherever it stands. */
  #copyOf({ kind, value }: ExposureFinding): Uint8Array {
    const hash = this.#engine.ports.createSha256();
    hash.update(this.#key);
    hash.update(encodeUtf8(`${kind}\0${value}`));
    return hash.digest().slice(0, COPY_BYTES);
  }
}
