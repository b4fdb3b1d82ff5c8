/**
 * Going on in another log (spec/groups.md §Re-anchoring), in ONE transaction: the conversation in its new log, the log to be made first of all, and
 * everything that waits made again for it. All members derive the same log, so none has to be asked or told.
 *
 * A member that breaks one log after the other is slowed down, and stopped for a day after {@link MOVES_PER_DAY_MAX}: it cannot be known who wrote
 * an entry that is noise.
 */
import { type Conversation, reanchor } from "@sotto/core";
import { idToText, logId, type LogId, toId } from "@sotto/protocol";
import { orThrow } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import type { Statement } from "../ports.ts";
import { dequeue, laneOf } from "../send/outbox.ts";
import { resendStatements, unsendStatements } from "../send/sent.ts";
import { encodeCreate } from "../send/stored-request.ts";
import { moveTo, type Place, placeOf, timelineEnd } from "../store/places.ts";
import { bytesIn, numberIn, sql } from "../store/statements.ts";

const DAY_MS = 86_400_000;
const FIRST_WAIT_MS = 5_000;
const MOVES_AT_ONCE = 4;
const MOVES_PER_DAY_MAX = 8;
/** A place in the timeline for each entry of the old log that this device has not read: others may hand it on. */
const GAP = 4_096;
/** How many logs one break may need, since a member took their ids first. */
const ATTEMPTS_MAX = 16;

export type MoveOutcome =
  | { readonly kind: "moved" }
  /** It is too soon: try again after so many milliseconds. */
  | { readonly kind: "later"; readonly afterMs: number }
  /** For the day: so many milliseconds are left of it. */
  | { readonly kind: "resting"; readonly afterMs: number };

type Moving = {
  readonly log: LogId;
  /** Whether own entries of the last days may be lost with the old log. */
  readonly isLossy: boolean;
};

/** In the serial of the conversation. Nothing of one that is not here. */
export async function moveConversation(engine: Engine, { log, isLossy }: Moving): Promise<MoveOutcome | undefined> {
  const { store } = engine.ports;
  const place = await placeOf(store, log);
  if (place === undefined) return undefined;
  const { now } = engine.context;
  const recent = await store.all("SELECT at FROM anchors WHERE log = ? AND attempt = 0 AND at > ? ORDER BY at DESC", [log, now - DAY_MS]);
  const eighth = recent[MOVES_PER_DAY_MAX - 1];
  if (eighth !== undefined) {
    const until = numberIn(eighth, "at") + DAY_MS;
    await store.write([
      sql("UPDATE conversations SET trouble = 'conversation_disrupted' WHERE log = ?", log),
      sql("UPDATE places SET repair = 'rest', repair_at = ? WHERE log = ?", until, log),
    ]);
    return { kind: "resting", afterMs: until - now };
  }
  const [last] = recent;
  const waited = last === undefined ? Number.POSITIVE_INFINITY : now - numberIn(last, "at");
  const wait = recent.length < MOVES_AT_ONCE ? 0 : FIRST_WAIT_MS * 2 ** (recent.length - MOVES_AT_ONCE);
  if (waited < wait) return { kind: "later", afterMs: wait - waited };
  const before = await engine.conversations.get(log);
  const lost = isLossy ? await resendStatements(store, log, { from: 0, present: new Set() }) : [];
  await anchor(engine, { place, current: before, old: before.log, attempt: 0, also: [...unsendStatements(log), ...lost] });
  return { kind: "moved" };
}

type Anchoring = {
  readonly place: Place;
  readonly current: Conversation;
  readonly old: LogId;
  readonly attempt: number;
  readonly also: readonly Statement[];
};

async function anchor(engine: Engine, { place, current, old, attempt, also }: Anchoring): Promise<void> {
  const { store } = engine.ports;
  const { conversation, create } = orThrow(reanchor({ ...current, log: old }, attempt, engine.context));
  const end = await timelineEnd(store, place);
  const move = { anchor: create.log, cursor: 1, epochFirst: 1, timelineEnd: end + GAP };
  const insert =
    "INSERT INTO outbox (id, lane, log, local_id, kind, draft) SELECT coalesce(min(id), 1) - 1, ?, ?, ?, 'create', ? FROM outbox";
  const draft = encodeCreate({ ...create, payment: [] });
  await store.write([
    ...also,
    ...engine.conversations.statements(current, conversation),
    ...moveTo(place, move),
    sql("INSERT OR REPLACE INTO anchors VALUES (?, ?, ?, ?, ?)", create.log, place.log, old, attempt, engine.context.now),
    sql(insert, laneOf(place.log), place.log, engine.context.random(16), draft),
  ]);
  engine.conversations.adopt(conversation);
  engine.emit({ kind: "conversation", log: place.log });
}

/** The log's id is taken, by a member who knew it: the next one. False if that goes on for too long, or the log is not such a one. */
export async function nextAnchor(engine: Engine, log: LogId, taken: { readonly localId: Uint8Array }): Promise<boolean> {
  return engine.serial.run(idToText(log), async () => {
    const { store } = engine.ports;
    const place = await placeOf(store, log);
    const [row] = place === undefined ? [] : await store.all("SELECT old, attempt FROM anchors WHERE anchor = ?", [place.anchor]);
    if (place === undefined || row === undefined) return false;
    const attempt = numberIn(row, "attempt") + 1;
    if (attempt >= ATTEMPTS_MAX) return false;
    const current = await engine.conversations.get(log);
    await anchor(engine, { place, current, old: toId(logId, bytesIn(row, "old")), attempt, also: [dequeue(taken.localId)] });
    return true;
  });
}
