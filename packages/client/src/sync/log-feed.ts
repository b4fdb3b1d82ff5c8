/**
 * Follows the logs of all conversations on the anonymous connection: subscribes at the cursor with the token of the epoch, takes entries one by
 * one, and subscribes again after a gap, at the end of an epoch, and when the connection comes back.
 */
import { epochTokens, isActive } from "@sotto/core";
import { idToText, logId, type LogId, type PushPayload, toId } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import { isTransient } from "../net/transient.ts";
import { bytesIn, numberIn, sql } from "../store/statements.ts";
import { ingest } from "./ingest.ts";

const RETRY_MS = 1_000;

type Followed = { readonly log: LogId; isLive: boolean; isAsking: boolean; next: number; readonly queue: Uint8Array[]; isWorking: boolean };

export class LogFeed {
  readonly #engine: Engine;
  readonly #onApplied: (log: LogId) => void;
  readonly #followed = new Map<string, Followed>();

  constructor(engine: Engine, onApplied: (log: LogId) => void) {
    this.#engine = engine;
    this.#onApplied = onApplied;
  }

  /** Everything stored at the server before now has been applied. */
  get isLive(): boolean {
    return [...this.#followed.values()].every(({ isLive, queue, isWorking }) => isLive && queue.length === 0 && !isWorking);
  }

  /** All conversations of the store that this device is in. */
  async followAll(): Promise<void> {
    const select = `SELECT log FROM conversations WHERE status IN ('active', 'request') AND trouble IS NULL
      AND log NOT IN (SELECT log FROM outbox WHERE kind = 'create')`;
    const rows = await this.#engine.ports.store.all(select);
    for (const row of rows) this.follow(toId(logId, bytesIn(row, "log")));
  }

  follow(log: LogId): void {
    const key = idToText(log);
    const followed = this.#followed.get(key) ?? { log, isLive: false, isAsking: false, next: 0, queue: [], isWorking: false };
    this.#followed.set(key, followed);
    this.#engine.inBackground(this.#subscribe(followed));
  }

  forget(log: LogId): void {
    this.#followed.delete(idToText(log));
  }

  lost(): void {
    for (const followed of this.#followed.values()) {
      followed.isLive = false;
      followed.queue.length = 0;
    }
  }

  resume(): void {
    for (const followed of this.#followed.values()) this.#engine.inBackground(this.#subscribe(followed));
  }

  async #subscribe(followed: Followed): Promise<void> {
    if (followed.isAsking || !this.#engine.anonymous.isReady) return;
    followed.isAsking = true;
    followed.isLive = false;
    try {
      await this.#ask(followed);
    } finally {
      followed.isAsking = false;
    }
  }

  async #ask(followed: Followed): Promise<void> {
    const { log } = followed;
    const [row] = await this.#engine.ports.store.all("SELECT cursor FROM conversations WHERE log = ?", [log]);
    const conversation = await this.#engine.conversations.get(log);
    const tokens = isActive(conversation) ? epochTokens(conversation, this.#engine.context) : undefined;
    if (row === undefined || tokens?.ok !== true) return this.forget(log);
    const { epoch, read: token } = tokens.value;
    const from = numberIn(row, "cursor");
    followed.queue.length = 0;
    const answer = await this.#engine.anonymous.ask("log.subscribe", { log, epoch, token, from });
    if (answer.ok) return;
    if (isTransient(answer.code)) return this.#later(followed);
    await this.#engine.ports.store.write([sql("UPDATE conversations SET trouble = ? WHERE log = ?", answer.code, log)]);
    this.forget(log);
    this.#engine.emit({ kind: "conversation", log });
  }

  #later(followed: Followed): void {
    this.#engine.ports.clock.after(RETRY_MS, () => this.#engine.inBackground(this.#subscribe(followed)));
  }

  entries({ log, entries }: PushPayload<"log.entries">): void {
    const followed = this.#followed.get(idToText(log));
    if (followed === undefined) return;
    followed.queue.push(...entries);
    this.#engine.inBackground(this.#work(followed));
  }

  live({ log, next }: PushPayload<"log.live">): void {
    const followed = this.#followed.get(idToText(log));
    if (followed === undefined) return;
    followed.isLive = true;
    followed.next = next;
    this.#onApplied(log);
  }

  closed({ log, reason }: PushPayload<"log.closed">): void {
    const followed = this.#followed.get(idToText(log));
    if (followed === undefined) return;
    followed.isLive = false;
    // At the end of an epoch its last entry may still be in the queue; the next subscription needs the state after it.
    if (reason === "epoch_ended" && (followed.isWorking || followed.queue.length > 0)) return;
    this.#engine.inBackground(this.#subscribe(followed));
  }

  async #work(followed: Followed): Promise<void> {
    if (followed.isWorking) return;
    followed.isWorking = true;
    try {
      while (followed.queue.length > 0) {
        if (!(await this.#take(followed, followed.queue.splice(0)))) return;
      }
    } finally {
      followed.isWorking = false;
      this.#onApplied(followed.log);
    }
  }

  /** False if there is nothing to go on with until the log is subscribed to again. */
  async #take(followed: Followed, entries: readonly Uint8Array[]): Promise<boolean> {
    const { log } = followed;
    for (let done = 0; done < entries.length;) {
      const { taken, last: result } = await ingest(this.#engine, log, entries.slice(done));
      done += taken;
      if (result.outcome === "unreadable") {
        this.forget(log);
        this.#engine.emit({ kind: "conversation", log });
        return false;
      }
      if (result.outcome === "gap" || result.outcome === "waiting") {
        followed.queue.length = 0;
        if (result.outcome === "gap") this.#engine.inBackground(this.#subscribe(followed));
        else this.#later(followed);
        return false;
      }
      this.#onApplied(log);
      if (result.outcome === "applied" && result.endsEpoch) {
        followed.queue.length = 0;
        this.#engine.inBackground(this.#subscribe(followed));
        return true;
      }
    }
    return true;
  }
}
