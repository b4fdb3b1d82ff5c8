/**
 * Messages by the names of their files (spec/client-store.md §Search). Files get their rows in the transactions of their messages, so the
 * order of both is that of time: the walk from the newest file down is one from the newest message down, and ends when there are enough.
 */
import { LIMITS, type LogId } from "@sotto/protocol";
import type { Store } from "../ports.ts";
import { numberIn } from "../store/statements.ts";

/** Names that are looked through for texts without a trigram. */
const LOOK_THROUGH = 20_000;

export type NameSearch = {
  readonly log: LogId | undefined;
  /** Only messages before this one, by its local id; null for all. */
  readonly before: Uint8Array | null;
  readonly limit: number;
};

/** Moments before that of a message; nothing is before one that is not there any more. Its parameter is a local id, twice. */
export const BELOW = "coalesce((SELECT b.moment FROM messages b WHERE b.local_id = ?), iif(? IS NULL, 9223372036854775807, 0))";
const MESSAGES = `CROSS JOIN messages m ON m.local_id = a.local_id WHERE m.moment < ${BELOW} AND (? IS NULL OR m.log = ?)`;

/** Rows of messages, newest first; `phrase` is an expression of FTS5. */
export async function byFileName(store: Store, phrase: string, { log, before, limit }: NameSearch): Promise<number[]> {
  const select = `SELECT m.id FROM attachments_text t CROSS JOIN attachments a ON a.id = t.rowid ${MESSAGES}
    AND t.attachments_text MATCH ? ORDER BY t.rowid DESC LIMIT ?`;
  const rows = await store.all(select, [before, before, log ?? null, log ?? null, phrase, limit * LIMITS.attachmentsPerMessageMax]);
  return [...new Set(rows.map((row) => numberIn(row, "id")))].slice(0, limit);
}

/** As {@link byFileName}, for patterns of LIKE. */
export async function byShortFileName(store: Store, patterns: readonly string[], { log, before, limit }: NameSearch): Promise<number[]> {
  const newest = "SELECT id, name, local_id FROM attachments INDEXED BY attachments_by_name ORDER BY id DESC LIMIT ?";
  const matches = patterns.map(() => String.raw`a.name LIKE ? ESCAPE '\'`).join(" OR ");
  const select = `SELECT m.id FROM (${newest}) a ${MESSAGES} AND (${matches}) ORDER BY a.id DESC LIMIT ?`;
  const most = limit * LIMITS.attachmentsPerMessageMax;
  const rows = await store.all(select, [LOOK_THROUGH, before, before, log ?? null, log ?? null, ...patterns, most]);
  return [...new Set(rows.map((row) => numberIn(row, "id")))].slice(0, limit);
}
