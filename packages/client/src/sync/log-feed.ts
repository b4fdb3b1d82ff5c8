/**
 * Follows the logs of all conversations on the anonymous connection: subscribes at the cursor with the token of the epoch, takes entries one by
 * one, and subscribes again after a gap, at the end of an epoch, and when the connection comes back.
 */
import { epochTokens, isActive } from "@sotto/core";
import { idToText, logId, type LogId, type PushPayload, toId } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import { isTransient } from "../net/transient.ts";
import type { Fault } from "../repair/fault.ts";
import { placeOf } from "../store/places.ts";
import { bytesIn, numberIn, sql } from "../store/statements.ts";
import { ingest } from "./ingest.ts";

const RETRY_MS = 1_000;
/** From a subscription to the push that says that all is sent, unless entries come. */
const LIVE_MS = 20_000;

/** `log` is the conversation's name, `anchor` the text form of the log that it is in now. */
type Followed = {
  readonly log: LogId;
  anchor: string;
  /** The server has sent all that was stored. */
  isLive: boolean;
  /** And it is applied. */
  isCurrent: boolean;
  isAsking: boolean;
  /** To be subscribed once more when the present question is answered. */
  isDue: boolean;
  /** The last entry that was read, but not taken: if it does not count when it is read again, it never will. */
  readThrough: number;
  /** Counts subscriptions. */
  subscription: number;
  next: number;
  readonly queue: Uint8Array[];
  isWorking: boolean;
};

export type LogFeedEvents = {
  readonly onApplied: (log: LogId) => void;
  readonly onFault: (log: LogId, fault: Fault) => void;
  /** This device is not in the conversation any more. */
  readonly onOut: (log: LogId) => void;
};

const newFollowed = (log: LogId): Followed => ({
  log,
  anchor: "",
  isLive: false,
  isCurrent: false,
  isAsking: false,
  isDue: false,
  readThrough: 0,
  subscription: 0,
  next: 0,
  queue: [],
  isWorking: false,
});

function setBehind(followed: Followed): void {
  followed.isLive = false;
  followed.isCurrent = false;
}

export class LogFeed {
  readonly #engine: Engine;
  readonly #events: LogFeedEvents;
  readonly #followed = new Map<string, Followed>();
  readonly #byAnchor = new Map<string, Followed>();

  constructor(engine: Engine, events: LogFeedEvents) {
    this.#engine = engine;
    this.#events = events;
  }

  /** Everything stored at the server before now has been applied. */
  get isLive(): boolean {
    return [...this.#followed.values()].every(({ isLive, queue, isWorking }) => isLive && queue.length === 0 && !isWorking);
  }

  /** Whether this device has read all that the log has, in the present epoch: nothing is to be sent before. */
  isCurrent(log: LogId): boolean {
    return this.#followed.get(idToText(log))?.isCurrent ?? false;
  }

  /** All conversations of the store that this device is in. */
  async followAll(): Promise<void> {
    const select = `SELECT log FROM conversations WHERE status IN ('active', 'request') AND trouble IS NULL
      AND log NOT IN (SELECT log FROM places WHERE repair IS NOT NULL) AND log NOT IN (SELECT log FROM outbox WHERE kind = 'create')`;
    const rows = await this.#engine.ports.store.all(select);
    for (const row of rows) this.follow(toId(logId, bytesIn(row, "log")));
  }

  follow(log: LogId): void {
    const key = idToText(log);
    const followed = this.#followed.get(key) ?? newFollowed(log);
    this.#followed.set(key, followed);
    this.#engine.inBackground(this.#subscribe(followed));
  }

  forget(log: LogId): void {
    const followed = this.#followed.get(idToText(log));
    this.#followed.delete(idToText(log));
    if (followed !== undefined) this.#byAnchor.delete(followed.anchor);
  }

  lost(): void {
    for (const followed of this.#followed.values()) {
      setBehind(followed);
      followed.queue.length = 0;
    }
  }

  resume(): void {
    for (const followed of this.#followed.values()) this.#engine.inBackground(this.#subscribe(followed));
  }

  async #subscribe(followed: Followed): Promise<void> {
    if (followed.isAsking) {
      // Entries may overtake the answer, and the end of an epoch with them.
      followed.isDue = true;
      return;
    }
    if (!this.#engine.anonymous.isReady) return;
    followed.isAsking = true;
    setBehind(followed);
    try {
      await this.#ask(followed);
    } catch (error) {
      this.#later(followed);
      throw error;
    } finally {
      followed.isAsking = false;
      if (followed.isDue) this.#engine.inBackground(this.#subscribe(followed));
      followed.isDue = false;
    }
  }

  async #ask(followed: Followed): Promise<void> {
    const { log } = followed;
    const [row] = await this.#engine.ports.store.all("SELECT cursor FROM conversations WHERE log = ?", [log]);
    const conversation = await this.#engine.conversations.get(log);
    const tokens = isActive(conversation) ? epochTokens(conversation, this.#engine.context) : undefined;
    if (row === undefined || tokens?.ok !== true) {
      this.forget(log);
      return this.#events.onOut(log);
    }
    const { epoch, read: token } = tokens.value;
    const place = await placeOf(this.#engine.ports.store, log);
    if (this.#followed.get(idToText(log)) !== followed) return;
    const cursor = numberIn(row, "cursor");
    // The entry before the cursor is read once more: it tells whether the server is still where it was.
    const from = place?.lastEntry !== undefined && cursor > place.epochFirst ? cursor - 1 : cursor;
    followed.queue.length = 0;
    this.#byAnchor.delete(followed.anchor);
    followed.anchor = idToText(conversation.log);
    this.#byAnchor.set(followed.anchor, followed);
    const ask = (at: number) => this.#engine.anonymous.ask("log.subscribe", { log: conversation.log, epoch, token, from: at });
    const first = await ask(from);
    const answer = !first.ok && first.code === "log_trimmed" && from < cursor ? await ask(cursor) : first;
    if (!answer.ok && isTransient(answer.code)) return this.#later(followed);
    if (!answer.ok)
      return this.#fault(followed, answer.code === "log_position" ? { kind: "shorter" } : { kind: "refused", code: answer.code });
    if (answer.value.head < cursor - 1) return this.#fault(followed, { kind: "shorter" });
    this.#expectLive(followed);
    if (place !== undefined && place.openedEpoch !== epoch)
      await this.#engine.ports.store.write([sql("UPDATE places SET opened_epoch = ? WHERE log = ?", epoch, log)]);
  }

  /** A push can be lost with a connection that looks whole. */
  #expectLive(followed: Followed): void {
    const subscription = ++followed.subscription;
    this.#engine.ports.clock.after(LIVE_MS, () => {
      const isBehind = followed.subscription === subscription && !followed.isLive && !followed.isWorking;
      if (isBehind && this.#followed.get(idToText(followed.log)) === followed) this.#engine.inBackground(this.#subscribe(followed));
    });
  }

  #fault({ log }: Followed, fault: Fault): void {
    this.forget(log);
    this.#events.onFault(log, fault);
  }

  #later(followed: Followed): void {
    this.#engine.ports.clock.after(RETRY_MS, () => this.#engine.inBackground(this.#subscribe(followed)));
  }

  entries({ log, entries }: PushPayload<"log.entries">): void {
    const followed = this.#byAnchor.get(idToText(log));
    if (followed === undefined) return;
    followed.queue.push(...entries);
    this.#engine.inBackground(this.#work(followed));
  }

  signal({ log, ...signal }: PushPayload<"log.ephemeral">): void {
    const followed = this.#byAnchor.get(idToText(log));
    if (followed !== undefined) this.#engine.inBackground(this.#engine.typing.received(followed.log, signal));
  }

  live({ log, next }: PushPayload<"log.live">): void {
    const followed = this.#byAnchor.get(idToText(log));
    if (followed === undefined) return;
    followed.isLive = true;
    followed.next = next;
    followed.isCurrent = followed.queue.length === 0 && !followed.isWorking;
    this.#events.onApplied(followed.log);
  }

  closed({ log, reason }: PushPayload<"log.closed">): void {
    const followed = this.#byAnchor.get(idToText(log));
    if (followed === undefined) return;
    setBehind(followed);
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
    } catch (error) {
      this.#drop(followed);
      this.#later(followed);
      throw error;
    } finally {
      followed.isWorking = false;
      followed.isCurrent = followed.isLive && followed.queue.length === 0;
      this.#events.onApplied(followed.log);
    }
  }

  /** Entries are missing from here on, so nothing that the present subscription still brings counts. */
  #drop(followed: Followed): void {
    followed.queue.length = 0;
    setBehind(followed);
    this.#byAnchor.delete(followed.anchor);
  }

  /** False if there is nothing to go on with until the log is subscribed to again. */
  async #take(followed: Followed, entries: readonly Uint8Array[]): Promise<boolean> {
    const { log } = followed;
    for (let done = 0; done < entries.length;) {
      const { taken, last: result } = await ingest(this.#engine, log, { entries: entries.slice(done), readThrough: followed.readThrough });
      done += taken;
      if (result.outcome === "faulty" && result.fault.kind !== "forgotten") {
        this.#fault(followed, result.fault);
        return false;
      }
      // Old keys still read what others wrote; what this device sends needs new ones.
      if (result.outcome === "faulty") this.#events.onFault(log, result.fault);
      if (result.outcome === "doubtful") followed.readThrough = result.seq + (entries.length - done) + followed.queue.length;
      if (result.outcome === "gap" || result.outcome === "doubtful" || result.outcome === "waiting") {
        this.#drop(followed);
        if (result.outcome === "waiting") this.#later(followed);
        else this.#engine.inBackground(this.#subscribe(followed));
        return false;
      }
      this.#events.onApplied(log);
      if (result.outcome === "applied" && result.endsEpoch) {
        this.#drop(followed);
        this.#engine.inBackground(this.#subscribe(followed));
        return true;
      }
    }
    return true;
  }
}
