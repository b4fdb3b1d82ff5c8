/**
 * Messages that disappear (spec/content.md §Disappearing). A message disappears so many seconds after it was read, an own one after it was sent;
 * the shorter of what the message asks for and what the conversation's timer says. `expires_at` is when, once that time runs.
 *
 * A sweep deletes what is due, with reactions, receipts, votes and the search index; the next one is set for the next message that is due. A clock
 * that was set back must not keep messages: none stays longer than its time from now.
 */
import type { Content } from "@sotto/protocol";
import { logId, toId } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import type { Cancel, Statement } from "../ports.ts";
import { forgetMessage } from "../send/sent.ts";
import { bytesIn, optionalNumber, sql } from "../store/statements.ts";

/** A timer of a platform holds no more than some 24 days, and clocks are set. */
const SLEEP_MS_MAX = 10 * 60_000;
const AT_ONCE = 500;
const SECONDS_MAX = 10 * 366 * 86_400;

/** Seconds after reading, or null for a message that stays. One that names a time has the seconds until then, and at least one. */
export function expiresAfter({ expires }: Pick<Content, "expires">, timerSeconds: number, now: number): number | null {
  const asked = expires === null ? 0 : expires.relative ? expires.seconds : Math.max(1, expires.seconds - Math.floor(now / 1000));
  const wanted = [asked, timerSeconds].filter((seconds) => seconds > 0);
  return wanted.length === 0 ? null : Math.min(...wanted, SECONDS_MAX);
}

/** Starts the time of everything that was read up to `read_seq`. */
export function readingStarts(log: Uint8Array, now: number): Statement {
  const start = `UPDATE messages SET expires_at = ? + expires_after * 1000
    WHERE log = ? AND expires_after IS NOT NULL AND expires_at IS NULL AND seq <= (SELECT read_seq FROM conversations WHERE log = ?)`;
  return sql(start, now, log, log);
}

export class Expiry {
  readonly #engine: Engine;
  #cancel: Cancel | undefined;
  #isClosed = false;

  constructor(engine: Engine) {
    this.#engine = engine;
    // Another device may have told what was read there.
    engine.on(({ kind }) => {
      if (kind === "own" && !this.#isClosed) engine.inBackground(this.start());
    });
  }

  /** Starts the time of what was read, and deletes what is due now. */
  async #sweep(): Promise<void> {
    const { store } = this.#engine.ports;
    const { now } = this.#engine.context;
    const read = await store.all("SELECT DISTINCT log FROM messages WHERE expires_after IS NOT NULL AND expires_at IS NULL");
    const late = await store.all("SELECT log FROM messages WHERE expires_at > ? + expires_after * 1000 LIMIT 1", [now]);
    const back = sql("UPDATE messages SET expires_at = ? + expires_after * 1000 WHERE expires_at > ? + expires_after * 1000", now, now);
    const starting = [...read.map((row) => readingStarts(bytesIn(row, "log"), now)), ...(late.length === 0 ? [] : [back])];
    if (starting.length > 0) await store.write(starting);
    for (;;) {
      const rows = await store.all("SELECT id, log, message_id FROM messages WHERE expires_at <= ? ORDER BY expires_at LIMIT ?", [
        now,
        AT_ONCE,
      ]);
      if (rows.length === 0) return;
      await store.write(
        rows.flatMap(({ id = null, log = null, message_id: message = null }) => [
          sql("DELETE FROM reactions WHERE log = ? AND target = ?", log, message),
          sql("DELETE FROM receipts WHERE log = ? AND message_id = ?", log, message),
          ...forgetMessage(bytesIn({ log }, "log"), message),
          sql("DELETE FROM votes WHERE log = ? AND target = ?", log, message),
          sql("DELETE FROM messages WHERE id = ?", id),
        ]),
      );
      const logs = new Map(rows.map((row) => [bytesIn(row, "log").join(), bytesIn(row, "log")]));
      for (const log of logs.values()) this.#engine.emit({ kind: "conversation", log: toId(logId, log) });
    }
  }

  /** Sweeps, and again whenever something is due, until {@link close}. */
  async start(): Promise<void> {
    await this.#sweep();
    await this.#plan();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
  }

  /** The time of some messages began to run, or is about to. */
  wake(): void {
    if (!this.#isClosed) this.#engine.inBackground(this.#plan());
  }

  async #plan(): Promise<void> {
    const [row] = await this.#engine.ports.store.all("SELECT min(expires_at) AS next FROM messages WHERE expires_at IS NOT NULL");
    const next = row && optionalNumber(row, "next");
    this.#cancel?.();
    this.#cancel = undefined;
    if (next === undefined || this.#isClosed) return;
    const delay = Math.min(Math.max(next - this.#engine.context.now, 0), SLEEP_MS_MAX);
    this.#cancel = this.#engine.ports.clock.after(delay, () => this.#engine.inBackground(this.start()));
  }
}
