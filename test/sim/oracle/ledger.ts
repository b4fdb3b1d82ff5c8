/** What was said and promised during a run: texts that people gave to their clients, and what the server acknowledged. */
import {
  type AppendRequest,
  type DeviceId,
  decodeRequestEnvelope,
  decodeServerFrame,
  idToText,
  type LogId,
  readAnswer,
  readRequest,
} from "@sotto/protocol";
import type { Device } from "../world/device.ts";
import type { Tap } from "../world/network.ts";
import type { Wire } from "../world/wire.ts";

/** A text that is found nowhere else, and the device on which it was written. */
export type Said = {
  readonly token: string;
  readonly by: string;
  readonly log: LogId;
  readonly kind: "text" | "edit";
  /** What the device calls it, in hex. */
  readonly localId: string;
  /** Milliseconds since the start of the run. */
  readonly at: number;
  /** Of an edit: the message id of what it changes, in hex. */
  readonly target?: string;
};

export type Acknowledged = { readonly log: string; readonly seq: number; readonly entryId: string };

/** That `by` takes `target` out of the account. Until it is done it may have been done or not. */
export type Revocation = { readonly by: Device; readonly target: Device; readonly id: DeviceId; readonly isDone: boolean };

export class Ledger {
  readonly said: Said[] = [];
  /** Everything secret that was typed, said or not. */
  readonly secrets: string[] = [];
  readonly acknowledged: Acknowledged[] = [];
  /** Whom somebody has blocked, for a time or for good; accounts in hex. */
  readonly blocks: { readonly by: string; readonly account: string }[] = [];
  /** By the person whose devices they are. */
  readonly revocations = new Map<string, Revocation>();
  /** What was said when all who were to be put out had been. */
  readonly lastWords: string[] = [];
  /** Who made a group, by the text form of its log. */
  readonly founders = new Map<string, string>();
  /** The first epoch of each log, by the text form of its id. */
  readonly firstEpochs = new Map<string, number>();
  readonly #asked = new WeakMap<Wire, Map<number, AppendRequest>>();

  readonly tap: Tap = {
    received: (wire, frame) => this.#received(wire, frame),
    sent: (wire, frame) => this.#sent(wire, frame),
  };

  #received(wire: Wire, frame: Uint8Array): void {
    const envelope = decodeRequestEnvelope(frame);
    if (!envelope.ok) return;
    const { id, operation } = envelope.value;
    if (operation !== "log.append" && operation !== "log.create") return;
    const read = readRequest(envelope.value, "anonymous");
    if (!read.ok) return;
    const { value } = read;
    if (value.operation === "log.create") this.firstEpochs.set(idToText(value.request.log), value.request.epoch);
    if (value.operation !== "log.append") return;
    const asked = this.#asked.get(wire) ?? new Map<number, AppendRequest>();
    asked.set(id, value.request);
    this.#asked.set(wire, asked);
  }

  #sent(wire: Wire, frame: Uint8Array): void {
    const asked = this.#asked.get(wire);
    if (asked === undefined || asked.size === 0) return;
    const decoded = decodeServerFrame(frame);
    if (!decoded.ok || decoded.value.type !== "answer") return;
    const request = asked.get(decoded.value.id);
    const answer = request && readAnswer("log.append", decoded.value.answer);
    if (request === undefined || answer?.ok !== true || answer.value.outcome === "conflict") return;
    this.acknowledged.push({ log: idToText(request.log), seq: answer.value.seq, entryId: idToText(request.entryId) });
  }
}
