/**
 * Tapbacks are messages that name another one: `associated_message_guid` is "p:0/GUID", "bp:GUID" or a GUID, `associated_message_type` 2000 to 2007 gives a
 * reaction, 3000 to 3007 takes it back. They become reactions of the message that they name.
 */
import { type Database, type DatabaseRow, tableRows } from "../../input/database.ts";
import { ARCHIVE_LIMITS } from "../../limits.ts";
import type { PersonRef, ReactionDraft } from "../../records/draft.ts";
import { given, wordOf } from "../../records/given.ts";
import { appleTime } from "./imessage-times.ts";
import { type ChatTables, ME, numberOf } from "./imessage-tables.ts";

const EMOJI = ["❤️", "👍", "👎", "😂", "‼️", "❓"];
const ADDED = 2000;
const REMOVED = 3000;
const KINDS = 8;
const COLUMNS = ["associated_message_guid", "associated_message_type", "associated_message_emoji", "handle_id", "is_from_me", "date"];

type Tapback = { readonly target: string; readonly kind: number; readonly isRemoved: boolean; readonly emoji: string };

export function tapbackOf(row: DatabaseRow): Tapback | undefined {
  const type = numberOf(row, "associated_message_type") ?? 0;
  const isRemoved = type >= REMOVED;
  const kind = type - (isRemoved ? REMOVED : ADDED);
  const target = wordOf(row["associated_message_guid"])?.replace(/^(p:\d+\/|bp:)/, "");
  if (kind < 0 || kind >= KINDS || target === undefined) return undefined;
  const emoji = EMOJI[kind] ?? wordOf(row["associated_message_emoji"], 200) ?? (kind === 7 ? "sticker" : "?");
  return { target, kind, isRemoved, emoji };
}

/** Who is meant by `is_from_me` and `handle_id`. */
export function senderOf(row: DatabaseRow, tables: ChatTables): PersonRef | undefined {
  return numberOf(row, "is_from_me") === 1 ? ME : tables.person(numberOf(row, "handle_id"));
}

export class Tapbacks {
  readonly #byTarget = new Map<string, Map<string, ReactionDraft>>();
  #count = 0;

  constructor(database: Database, tables: ChatTables) {
    for (const item of tableRows(database, "message", COLUMNS)) {
      const tapback = item.kind === "row" ? tapbackOf(item.row) : undefined;
      if (item.kind !== "row" || tapback === undefined || this.#count >= ARCHIVE_LIMITS.databaseRowsHeldMax) continue;
      const by = senderOf(item.row, tables);
      const all = this.#byTarget.get(tapback.target) ?? new Map<string, ReactionDraft>();
      this.#byTarget.set(tapback.target, all);
      const key = `${by?.key ?? ""} ${tapback.kind} ${tapback.kind > 5 ? tapback.emoji : ""}`;
      if (tapback.isRemoved) all.delete(key);
      else all.set(key, { emoji: tapback.emoji, ...given("by", by), ...given("at", appleTime(item.row["date"])?.at) });
      this.#count += 1;
    }
  }

  of(guid: string): readonly ReactionDraft[] {
    return [...(this.#byTarget.get(guid)?.values() ?? [])].slice(0, ARCHIVE_LIMITS.reactionsMax);
  }
}
