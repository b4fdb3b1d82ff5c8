/** Reading what was found: by conversation, and each place as evidence. */
import { EXPOSURE_KINDS, EXPOSURE_LEVELS, type ExposureKind, type ExposureLevel, logId, type LogId, toId } from "@sotto/protocol";
import type { SqlValue, Store } from "../ports.ts";
import { bytesIn, numberIn, oneOf, textIn } from "../store/statements.ts";

export type ExposureCount = {
  readonly log: LogId;
  readonly kind: ExposureKind;
  /** Places. */
  readonly confirmed: number;
  readonly likely: number;
  readonly possible: number;
  /** How many different things they are copies of. */
  readonly things: number;
};

export type ExposureView = {
  readonly id: number;
  readonly log: LogId;
  /** `localId` and time of the message. */
  readonly localId: Uint8Array;
  readonly at: number;
  readonly isImported: boolean;
  /** Where in the message: "text", "caption", "edit", "quote", "place". */
  readonly part: string;
  readonly kind: ExposureKind;
  readonly level: ExposureLevel;
  readonly what: string;
  readonly masked: string;
  /** In how many conversations there is a copy of the same. */
  readonly conversations: number;
};

export type ExposureSelection = {
  readonly levels: readonly ExposureLevel[];
  readonly log?: Uint8Array;
  readonly kind?: ExposureKind;
  readonly id?: number;
  readonly limit?: number;
};

const NOT_KEPT = "NOT EXISTS (SELECT 1 FROM exposure_marks k WHERE k.message = f.message AND k.copy = f.copy AND k.mark = 'keep')";
const LIMIT = 10_000;

function conditions({ levels, log, kind, id }: ExposureSelection): { readonly where: string; readonly parameters: readonly SqlValue[] } {
  const parts: (readonly [string, readonly SqlValue[]])[] = [
    [NOT_KEPT, []],
    [`f.level IN (${levels.map(() => "?").join(", ")})`, levels],
  ];
  if (log !== undefined) parts.push(["f.log = ?", [log]]);
  if (kind !== undefined) parts.push(["f.kind = ?", [kind]]);
  if (id !== undefined) parts.push(["f.id = ?", [id]]);
  return { where: parts.map(([condition]) => condition).join(" AND "), parameters: parts.flatMap(([, values]) => values) };
}

export async function countExposures(store: Store, selection: ExposureSelection): Promise<ExposureCount[]> {
  const { where, parameters } = conditions(selection);
  const select = `SELECT f.log, f.kind, sum(f.level = 'confirmed') AS confirmed, sum(f.level = 'likely') AS likely,
    sum(f.level = 'possible') AS possible, count(DISTINCT f.copy) AS things FROM exposure_findings f WHERE ${where}
    GROUP BY f.log, f.kind ORDER BY f.log, f.kind`;
  const rows = await store.all(select, parameters);
  return rows.map((row) => ({
    log: toId(logId, bytesIn(row, "log")),
    kind: oneOf(row, "kind", EXPOSURE_KINDS),
    confirmed: numberIn(row, "confirmed"),
    likely: numberIn(row, "likely"),
    possible: numberIn(row, "possible"),
    things: numberIn(row, "things"),
  }));
}

/** In the order of the messages. */
export async function listExposures(store: Store, selection: ExposureSelection): Promise<ExposureView[]> {
  const { where, parameters } = conditions(selection);
  const select = `SELECT f.*, m.local_id, m.at, m.state,
    (SELECT count(DISTINCT o.log) FROM exposure_findings o WHERE o.kind = f.kind AND o.copy = f.copy) AS conversations
    FROM exposure_findings f JOIN messages m ON m.id = f.message WHERE ${where} ORDER BY m.at, f.id LIMIT ?`;
  const rows = await store.all(select, [...parameters, selection.limit ?? LIMIT]);
  return rows.map((row) => ({
    id: numberIn(row, "id"),
    log: toId(logId, bytesIn(row, "log")),
    kind: oneOf(row, "kind", EXPOSURE_KINDS),
    level: oneOf(row, "level", EXPOSURE_LEVELS),
    localId: bytesIn(row, "local_id"),
    at: numberIn(row, "at"),
    isImported: row["state"] === "imported",
    part: textIn(row, "part"),
    what: textIn(row, "what"),
    masked: textIn(row, "masked"),
    conversations: numberIn(row, "conversations"),
  }));
}
