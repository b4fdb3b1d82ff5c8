/**
 * Repairs conversations by itself (spec/groups.md §Repair): takes what is wrong with one, decides what helps, and does it in the serial of the
 * conversation, each step one transaction. After a crash the same fault shows again, and is repaired from the state that is stored.
 */
import { type DeviceAddress, epochOf, isActive, memberDevices } from "@sotto/core";
import { equalBytes, idToText, type InboxNote, logId, type LogId, toId } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import { isTransient } from "../net/transient.ts";
import type { Cancel, Statement } from "../ports.ts";
import { dequeue, type OutboxRow } from "../send/outbox.ts";
import { forgetSent } from "../send/sent.ts";
import { decodeCreate } from "../send/stored-request.ts";
import { allPlaces, placeOf, placeOfGroup } from "../store/places.ts";
import { bytesIn, sql } from "../store/statements.ts";
import { type Fault, isPersonal } from "./fault.ts";
import { forgetAsked } from "./asked.ts";
import { holdHistory, takeHeldHistory } from "./history.ts";
import { moveConversation, nextAnchor } from "./move.ts";
import { noteStatements } from "./notes.ts";
import { AnswerGate } from "./answer-gate.ts";
import { answerRejoin, askToRejoin, pauseAfter, readJoinInfo, recallStatements, rejoined, takeJoinInfo } from "./rejoin.ts";
import { placeToReinvite, reinvite } from "./reinvite.ts";
import { renewDue } from "./renewal.ts";
import { rewind } from "./rewind.ts";

export type RepairEvents = {
  /** The conversation can be followed again. */
  readonly onRepaired: (log: LogId) => void;
  /** Whether all that its log has is read. */
  readonly isCurrent: (log: LogId) => boolean;
  /** Something was put into the outbox. */
  readonly onQueued: () => void;
};

const RETRY_MS = 1_000;
const REWIND_PAUSE_MAX_MS = 60_000;
/** About so many members tell the others of a new log, beside the one who made it. */
const TELLERS = 8;
const ANSWER_TRIES = 10;
const TIDYING_MS = 6 * 3_600_000;

type RejoinNote = Extract<InboxNote, { kind: "rejoin" }>;
type JoinInfoNote = Extract<InboxNote, { kind: "joinInfo" }>;

export class Repairer {
  readonly #engine: Engine;
  readonly #events: RepairEvents;
  readonly #gate: AnswerGate;
  readonly #timers = new Map<string, Cancel>();
  readonly #rewinds = new Map<string, number>();
  readonly #recalled = new Set<string>();
  #cancelTidying: Cancel = () => undefined;
  #isStopped = false;

  constructor(engine: Engine, events: RepairEvents) {
    this.#engine = engine;
    this.#events = events;
    this.#gate = new AnswerGate(engine);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelTidying();
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  /** Takes up what was under way before. */
  async resume(): Promise<void> {
    const { store } = this.#engine.ports;
    await this.#tidy();
    for (const row of await store.all("SELECT DISTINCT log FROM history_held")) await this.takeHeld(toId(logId, bytesIn(row, "log")));
    for (const place of await allPlaces(store)) {
      if (place.isResting) this.#rest(place.log, place.repairAt - this.#engine.context.now);
      if (!place.isRejoining) continue;
      const due = place.repairAt + pauseAfter(place.repairTries) - this.#engine.context.now;
      this.#after(place.log, Math.max(0, due), () => this.#askAgain(place.log));
    }
  }

  /** As long as this device is connected, too: forgets what is kept for some days only, and renews old keys. */
  async #tidy(): Promise<void> {
    const { now } = this.#engine.context;
    await this.#engine.ports.store.write([forgetSent(now), ...forgetAsked(now)]);
    if ((await renewDue(this.#engine)) > 0) this.#events.onQueued();
    this.#cancelTidying();
    if (!this.#isStopped) this.#cancelTidying = this.#engine.ports.clock.after(TIDYING_MS, () => this.#engine.inBackground(this.#tidy()));
  }

  fault(log: LogId, fault: Fault): void {
    this.#engine.inBackground(this.#inSerial(log, () => this.#repair(log, fault)));
  }

  #inSerial<T>(log: LogId, task: () => Promise<T>): Promise<T> {
    return this.#engine.serial.run(idToText(log), task);
  }

  #after(log: LogId, delayMs: number, task: () => Promise<void>): void {
    if (this.#isStopped) return;
    const key = idToText(log);
    this.#timers.get(key)?.();
    const cancel = this.#engine.ports.clock.after(delayMs, () => {
      this.#timers.delete(key);
      if (!this.#isStopped) this.#engine.inBackground(this.#inSerial(log, task));
    });
    this.#timers.set(key, cancel);
  }

  async #repair(log: LogId, fault: Fault): Promise<void> {
    const place = await placeOf(this.#engine.ports.store, log);
    const conversation = await this.#engine.conversations.get(log);
    if (place === undefined || !isActive(conversation)) return;
    switch (fault.kind) {
      case "commit":
        return isPersonal(fault.code) ? this.#ask(log) : this.#move(log, false);
      case "shorter":
        return this.#rewind(log);
      case "forgotten":
        return this.#recall(log, fault.seq);
      case "refused":
        if (fault.code === "log_trimmed") return this.#ask(log);
        // A server that let this device read in this epoch before, and does not know the token now, is not where it was.
        return this.#move(log, fault.code !== "capability_invalid" || place.openedEpoch === epochOf(conversation));
    }
  }

  async #move(log: LogId, isLossy: boolean): Promise<void> {
    const outcome = await moveConversation(this.#engine, { log, isLossy });
    if (outcome === undefined) return;
    if (outcome.kind === "later") return this.#after(log, outcome.afterMs, () => this.#move(log, isLossy));
    if (outcome.kind === "moved") return this.#events.onQueued();
    this.#rest(log, outcome.afterMs);
    this.#engine.emit({ kind: "conversation", log });
  }

  /** After a day nobody knows what was lost with the log, so all that is recent is sent again. */
  #rest(log: LogId, forMs: number): void {
    this.#after(log, Math.max(0, forMs), async () => {
      if ((await placeOf(this.#engine.ports.store, log))?.isResting === true) await this.#move(log, true);
    });
  }

  async #rewind(log: LogId): Promise<void> {
    const outcome = await rewind(this.#engine, log);
    if (outcome === "later") return this.#after(log, RETRY_MS, () => this.#rewind(log));
    if (outcome === "lost") return this.#move(log, true);
    const times = this.#rewinds.get(idToText(log)) ?? 0;
    this.#rewinds.set(idToText(log), times + 1);
    // A server that says so again and again is asked less and less often.
    const pause = times === 0 ? 0 : Math.min(REWIND_PAUSE_MAX_MS, RETRY_MS * 2 ** times);
    this.#after(log, pause, () => {
      this.#events.onRepaired(log);
      this.#events.onQueued();
      return Promise.resolve();
    });
  }

  /** Its own words that this device does not know are asked back from others. */
  async #recall(log: LogId, seq: number): Promise<void> {
    const key = idToText(log);
    if (this.#recalled.has(key)) return;
    this.#recalled.add(key);
    await this.#engine.ports.store.write(await recallStatements(this.#engine, log, seq));
    this.#events.onQueued();
  }

  async #ask(log: LogId): Promise<void> {
    await askToRejoin(this.#engine, log);
    this.#events.onQueued();
    const place = await placeOf(this.#engine.ports.store, log);
    if (place !== undefined) this.#after(log, pauseAfter(place.repairTries), () => this.#askAgain(log));
  }

  /** Nobody answered. They may all wait like this device: then another log helps, and whoever is further lets it in from there. */
  async #askAgain(log: LogId): Promise<void> {
    const place = await placeOf(this.#engine.ports.store, log);
    if (place?.isRejoining !== true) return;
    await this.#ask(log);
  }

  /** History that came, if this device is in. */
  async takeHeld(log: LogId): Promise<void> {
    await this.#inSerial(log, () => takeHeldHistory(this.#engine, log));
  }

  /** A note with history is stored. */
  async held(groupId: Uint8Array): Promise<void> {
    const place = await placeOfGroup(this.#engine.ports.store, groupId);
    if (place !== undefined) await this.takeHeld(place.log);
  }

  /** What a note of another device asks for. Its statements belong into the transaction that passes it. */
  async note(sender: DeviceAddress, note: InboxNote): Promise<Statement[]> {
    switch (note.kind) {
      case "rejoin":
        return (await this.#gate.opens(sender, note.groupId)) ? this.#answer(sender, note, ANSWER_TRIES) : [];
      case "joinInfo":
        await this.#letIn(sender, note, ANSWER_TRIES);
        return [];
      case "history":
        return holdHistory(this.#engine, sender, note);
      case "reanchor":
        return this.#told(sender, note);
      case "reinvite":
        return this.#reinvite(sender, note.log);
      case "welcome":
      case "contact":
      case "admit":
        return [];
    }
  }

  async #reinvite(sender: DeviceAddress, log: LogId): Promise<Statement[]> {
    const place = await placeToReinvite(this.#engine, sender, log);
    return place !== undefined && (await this.#gate.opens(sender, place.groupId)) ? [reinvite(this.#engine, place.log, sender)] : [];
  }

  /** Tried again for a while if the blob cannot be had now; whoever is not let in by then asks again. */
  async #letIn(sender: DeviceAddress, note: JoinInfoNote, tries: number): Promise<void> {
    if (this.#isStopped) return;
    const info = await readJoinInfo(this.#engine, sender, note);
    if (info.ok) await takeJoinInfo(this.#engine, sender, { groupId: note.groupId, info: info.value });
    else if (isTransient(info.code) && tries > 0) this.#engine.ports.clock.after(RETRY_MS, () => this.#letInLater(sender, note, tries - 1));
  }

  #letInLater(sender: DeviceAddress, note: JoinInfoNote, tries: number): void {
    this.#engine.inBackground(this.#letIn(sender, note, tries).then(() => this.#events.onQueued()));
  }

  async #told(sender: DeviceAddress, note: Extract<InboxNote, { kind: "reanchor" }>): Promise<Statement[]> {
    const place = (await allPlaces(this.#engine.ports.store)).find(({ anchor }) => equalBytes(anchor, note.oldLog));
    if (place === undefined) return [];
    const conversation = await this.#engine.conversations.get(place.log);
    const isMember = memberDevices(conversation).some(({ device }) => equalBytes(device, sender.device));
    if (!isMember || note.epoch === epochOf(conversation)) return [];
    const { groupId } = place;
    // Its sender is stuck behind this device, and is let in as if it had asked.
    if (note.epoch < epochOf(conversation) && (await this.#gate.opens(sender, groupId))) {
      return this.#answer(sender, { kind: "rejoin", log: note.oldLog, groupId, epoch: note.epoch, cursor: 1 }, ANSWER_TRIES);
    }
    return [];
  }

  /** At once, or when this device has read all that the log has: what it would hand out before may be out of date. */
  async #answer(sender: DeviceAddress, note: RejoinNote, tries: number): Promise<Statement[]> {
    const place = await placeOfGroup(this.#engine.ports.store, note.groupId);
    if (place === undefined) return [];
    if (this.#events.isCurrent(place.log)) {
      return answerRejoin(this.#engine, sender, { note, withHistory: () => this.#gate.allowsHistory(sender, note.groupId) });
    }
    if (tries > 0) this.#engine.ports.clock.after(RETRY_MS, () => this.#engine.inBackground(this.#answerLater(sender, note, tries - 1)));
    return [];
  }

  async #answerLater(sender: DeviceAddress, note: RejoinNote, tries: number): Promise<void> {
    if (this.#isStopped) return;
    await this.#engine.ports.store.write(await this.#answer(sender, note, tries));
    this.#events.onQueued();
  }

  /** The log of a conversation was made. Those who cannot notice by themselves that it goes on there are told. */
  async created(row: OutboxRow, outcome: "created" | "exists"): Promise<readonly Statement[]> {
    const place = await placeOf(this.#engine.ports.store, row.log);
    const [known] = await this.#engine.ports.store.all("SELECT old FROM anchors WHERE anchor = ?", [place?.anchor ?? null]);
    const request = decodeCreate(row.draft);
    if (place === undefined || !(known?.["old"] instanceof Uint8Array) || !request.ok) return [];
    const conversation = await this.#engine.conversations.get(row.log);
    const to = memberDevices(conversation).filter(({ device }) => !equalBytes(device, this.#engine.self.id));
    const [chance = 0] = this.#engine.context.random(1);
    if (outcome === "exists" && chance / 256 > TELLERS / (to.length + 1)) return [];
    const note = { kind: "reanchor" as const, oldLog: toId(logId, known["old"]), newLog: place.anchor, epoch: request.value.epoch };
    return noteStatements(this.#engine, row.log, { to, note });
  }

  /** Somebody else took the log's id. */
  async taken(row: OutboxRow): Promise<boolean> {
    return nextAnchor(this.#engine, row.log, row);
  }

  /** The log took the external commit. */
  async joined(row: OutboxRow, seq: number): Promise<void> {
    await this.#inSerial(row.log, () => rejoined(this.#engine, row, seq));
    this.#timers.get(idToText(row.log))?.();
    this.#events.onRepaired(row.log);
  }

  /** The log did not take it: the join info was too old, or wrong. */
  async turnedAway(row: OutboxRow): Promise<void> {
    await this.#engine.ports.store.write([dequeue(row.localId), sql("UPDATE places SET repair_at = 0 WHERE log = ?", row.log)]);
    this.#after(row.log, RETRY_MS, () => this.#askAgain(row.log));
  }
}
