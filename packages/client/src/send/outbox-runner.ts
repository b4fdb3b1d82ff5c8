/**
 * Empties the outbox: one request at a time in each lane, oldest first, the same bytes until the server answers. What passes by itself is tried
 * again later; what cannot succeed is taken out and shown at its message.
 */
import { epochOf, isActive } from "@sotto/core";
import { type LogId, idToText } from "@sotto/protocol";
import { asKnownOrStranger } from "../account/authorisation.ts";
import { uploadNoteBlob } from "../attachments/note-blob.ts";
import type { ClientErrorCode } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import { isTransient } from "../net/transient.ts";
import type { Repairer } from "../repair/repairer.ts";
import { shownAsSent } from "./sent.ts";
import { abandoned } from "./abandon.ts";
import { undeliverable } from "./undelivered.ts";
import { decodeDelivery } from "./delivery.ts";
import { makeRequest } from "./make-request.ts";
import { apartLane, isForRoom } from "./lane-names.ts";
import { clearRequest, dequeue, isOutboxEmpty, lanes, markAccepted, moveTo, nextInLane, type OutboxRow } from "./outbox.ts";
import { decodeAppend, decodeCreate } from "./stored-request.ts";

const RETRY_MS = 1_000;
const ROOM_RETRY_MS = 30_000;
/** What became of a row: go on with the next one, stop until something is seen, or try again after a while. */
type Step = "next" | "stop" | "later";

export type RunnerEvents = {
  readonly onCreated: (log: LogId) => void;
  readonly onIdle: () => void;
  /** Whether all of the conversation's log is read: before that nothing is sent to it. */
  readonly isCurrent: (log: LogId) => boolean;
  readonly repairs: Pick<Repairer, "created" | "taken" | "joined" | "turnedAway">;
};

export class OutboxRunner {
  readonly #engine: Engine;
  readonly #events: RunnerEvents;
  readonly #running = new Map<string, { again: boolean }>();

  constructor(engine: Engine, events: RunnerEvents) {
    this.#engine = engine;
    this.#events = events;
  }

  async isIdle(): Promise<boolean> {
    return this.#running.size === 0 && (await isOutboxEmpty(this.#engine.ports.store));
  }

  async kickAll(): Promise<void> {
    for (const lane of await lanes(this.#engine.ports.store)) this.kick(lane);
  }

  kick(lane: string): void {
    const running = this.#running.get(lane);
    if (running !== undefined) running.again = true;
    else this.#engine.inBackground(this.#run(lane));
  }

  async #run(lane: string): Promise<void> {
    const running = { again: true };
    this.#running.set(lane, running);
    try {
      while (running.again) {
        running.again = false;
        const step = await this.#empty(lane);
        if (step === "later") this.#kickLater(lane);
      }
    } finally {
      this.#running.delete(lane);
      this.#events.onIdle();
    }
  }

  #kickLater(lane: string): void {
    this.#engine.ports.clock.after(isForRoom(lane) ? ROOM_RETRY_MS : RETRY_MS, () => this.kick(lane));
  }

  async #empty(lane: string): Promise<Step> {
    for (;;) {
      const row = await nextInLane(this.#engine.ports.store, lane);
      if (row === undefined || row.isAccepted || !this.#engine.anonymous.isReady) return "stop";
      const step = await this.#step(row);
      if (step !== "next") return step;
    }
  }

  #step(row: OutboxRow): Promise<Step> {
    switch (row.kind) {
      case "create":
        return this.#create(row);
      case "upload":
        return this.#upload(row);
      case "deliver":
        return this.#deliver(row);
      case "rejoin":
        return this.#rejoin(row);
      case "message":
      case "commit":
      case "leave":
        return this.#appendInTurn(row);
    }
  }

  async #appendInTurn(row: OutboxRow): Promise<Step> {
    if (this.#events.isCurrent(row.log)) return this.#append(row);
    // Whoever is out has nothing to read before it, and no way to send it.
    if (isActive(await this.#engine.conversations.get(row.log))) return "stop";
    return this.#refused(row, "conversation_inactive");
  }

  async #create(row: OutboxRow): Promise<Step> {
    const request = decodeCreate(row.draft);
    if (!request.ok) return this.#refused(row, request.code);
    const answer = await this.#engine.anonymous.ask("log.create", request.value);
    if (!answer.ok && answer.code === "log_exists" && (await this.#events.repairs.taken(row))) return "next";
    if (!answer.ok) return this.#refused(row, answer.code);
    const notes = await this.#events.repairs.created(row, answer.value.outcome);
    await this.#engine.ports.store.write([dequeue(row.localId), ...notes]);
    if (notes.length > 0) this.#engine.inBackground(this.kickAll());
    this.#events.onCreated(row.log);
    return "next";
  }

  /** The way back into a conversation: it counts once the log has it. */
  async #rejoin(row: OutboxRow): Promise<Step> {
    const request = decodeAppend(row.request ?? new Uint8Array());
    if (!request.ok) {
      await this.#events.repairs.turnedAway(row);
      return "stop";
    }
    const answer = await this.#engine.anonymous.ask("log.append", request.value);
    if (!answer.ok && isTransient(answer.code)) return this.#engine.anonymous.isReady ? "later" : "stop";
    if (answer.ok && answer.value.outcome !== "conflict") await this.#events.repairs.joined(row, answer.value.seq);
    else await this.#events.repairs.turnedAway(row);
    return "stop";
  }

  async #upload(row: OutboxRow): Promise<Step> {
    const code = await uploadNoteBlob(this.#engine.ports, row.draft);
    // An attempt that broke may still hold its place.
    if (code === "blob_offset") return "later";
    if (code !== undefined) return this.#refused(row, code);
    await this.#engine.ports.store.write([dequeue(row.localId)]);
    return "next";
  }

  async #deliver(row: OutboxRow): Promise<Step> {
    const delivery = decodeDelivery(row.draft);
    if (!delivery.ok) return this.#refused(row, delivery.code);
    const { to, itemId, body } = delivery.value;
    const { account, device } = to;
    const answer = await asKnownOrStranger(this.#engine, account, (authorisation) =>
      this.#engine.anonymous.ask("inbox.deliver", { account, devices: [device], itemId, body, authorisation }),
    );
    if (!answer.ok && answer.code !== "rate_limited") return this.#refused(row, answer.code);
    const isFull = answer.ok && answer.value.results.some(({ outcome }) => outcome === "inbox_full");
    if (isFull || !answer.ok) return this.#setApart(row, apartLane(row.lane, device, isFull ? "inbox_full" : "rate_limited"));
    await this.#engine.ports.store.write([dequeue(row.localId)]);
    return "next";
  }

  /** What stands behind it goes on: whoever keeps one inbox full or busy holds up nothing else. */
  async #setApart(row: OutboxRow, lane: string | undefined): Promise<Step> {
    if (lane === undefined) return "later";
    await this.#engine.ports.store.write([moveTo(lane, row.localId)]);
    this.#kickLater(lane);
    return "next";
  }

  async #append(row: OutboxRow): Promise<Step> {
    const encoded = row.request ?? (await makeRequest(this.#engine, row));
    if (encoded === "stop" || encoded === "later" || encoded === "next") return encoded;
    const request = decodeAppend(encoded);
    if (!request.ok) return this.#unreadable(row, request.code);
    const answer = await this.#engine.anonymous.ask("log.append", request.value);
    if (!answer.ok) return this.#refused(row, answer.code);
    if (answer.value.outcome === "conflict") return this.#conflict(row, answer.value.head.epoch);
    const shown = shownAsSent(row.localId, answer.value);
    await this.#engine.serial.run(idToText(row.log), () =>
      this.#engine.ports.store.write([markAccepted(row.localId, request.value.entryId), shown]),
    );
    this.#engine.emit({ kind: "message", log: row.log, localId: row.localId, isNew: false });
    return row.kind === "message" ? "next" : "stop";
  }

  /** A stored request is made again: a message keeps its id, and a commit that the log has is a conflict. One that was only just made is given up. */
  async #unreadable(row: OutboxRow, code: ClientErrorCode): Promise<Step> {
    if (row.request === undefined) return this.#refused(row, code);
    await this.#engine.ports.store.write([clearRequest(row.localId)]);
    return "next";
  }

  /** Another commit came first. The request never entered the log, so it is made again once this device is in the log's epoch. */
  async #conflict(row: OutboxRow, epoch: number): Promise<Step> {
    return this.#engine.serial.run(idToText(row.log), async () => {
      await this.#engine.ports.store.write([clearRequest(row.localId)]);
      const conversation = await this.#engine.conversations.get(row.log);
      return epochOf(conversation) >= epoch ? "next" : "stop";
    });
  }

  async #refused(row: OutboxRow, code: ClientErrorCode): Promise<Step> {
    if (isTransient(code)) return this.#engine.anonymous.isReady ? "later" : "stop";
    const isMail = row.kind === "deliver" || row.kind === "upload";
    const { store } = this.#engine.ports;
    await store.write(isMail ? await undeliverable(store, row, code) : abandoned(row, code));
    if (isMail) this.#engine.emit({ kind: "conversation", log: row.log });
    else this.#engine.emit({ kind: "message", log: row.log, localId: row.localId, isNew: false });
    return "next";
  }
}
