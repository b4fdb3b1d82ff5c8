/**
 * One connection between a client and the server, as bad as the faults of the moment: frames are late, lost, doubled or damaged, pushes of
 * different logs overtake one another, and it breaks. What arrives of one log arrives in order, as on a stream.
 */
import type { ChannelEvents } from "@sotto/client";
import { decodeServerFrame, idToText } from "@sotto/protocol";
import type { Socket } from "@sotto/server";
import type { Dice } from "../dice.ts";
import type { Scheduler } from "../scheduler.ts";
import type { Trace } from "../trace.ts";
import type { Process } from "./process.ts";
import type { Faults } from "./profile.ts";

/** The server's side of a connection. */
export type Guest = { receive(frame: Uint8Array): void; left(): void };

export type WireFacts = {
  readonly name: string;
  readonly scheduler: Scheduler;
  readonly dice: Dice;
  readonly trace: Trace;
  readonly faults: () => Faults;
  /** The program at the client's end. */
  readonly process: Process;
  readonly events: ChannelEvents;
  readonly onSent: (wire: Wire, frame: Uint8Array) => void;
  readonly onReceived: (wire: Wire, frame: Uint8Array) => void;
};

const OPEN = 1;
const CLOSED = 3;

export class Wire implements Socket {
  readonly OPEN = OPEN;
  readonly bufferedAmount = 0;
  readyState: number = OPEN;
  /** Whether a frame was lost without a break: sooner or later such a connection breaks. */
  hasHoles = false;
  guest: Guest | undefined;
  readonly #facts: WireFacts;
  readonly #arrivals = new Map<string, number>();
  #isHeard = true;

  constructor(facts: WireFacts) {
    this.#facts = facts;
  }

  get name(): string {
    return this.#facts.name;
  }

  #travel(lane: string, frame: Uint8Array, deliver: (frame: Uint8Array) => void): void {
    const { dice, faults, scheduler, trace, name } = this.#facts;
    const { delay, cut, lose, twice, garble } = faults();
    if (dice.chance(cut)) return this.break("breaks");
    if (dice.chance(lose)) {
      this.hasHoles = true;
      trace.note(name, `loses a frame of ${frame.length} (${lane})`);
      return undefined;
    }
    const carried = dice.chance(garble) ? this.#garbled(frame) : frame;
    for (let copies = dice.chance(twice) ? 2 : 1; copies > 0; copies--) {
      const arrival = Math.max(this.#arrivals.get(lane) ?? 0, scheduler.now + dice.between(...delay));
      this.#arrivals.set(lane, arrival);
      scheduler.after(arrival - scheduler.now, () => deliver(carried));
    }
    return undefined;
  }

  #garbled(frame: Uint8Array): Uint8Array {
    const { dice, trace, name } = this.#facts;
    trace.note(name, "damages a frame");
    return dice.chance(0.5) ? frame.subarray(0, dice.below(frame.length)) : dice.bytes(dice.between(1, 80));
  }

  #laneOf(frame: Uint8Array): string {
    if (!this.#facts.faults().reorders) return "down";
    const decoded = decodeServerFrame(frame);
    if (!decoded.ok || decoded.value.type !== "push") return "down";
    const { payload } = decoded.value;
    return "log" in payload ? idToText(payload.log) : "down";
  }

  /** From the client. */
  up(frame: Uint8Array): void {
    if (!this.#isHeard) return;
    this.#travel("up", frame, (arrived) => {
      if (this.readyState !== OPEN) return;
      this.#facts.onReceived(this, arrived);
      this.guest?.receive(arrived);
    });
  }

  /** From the server. */
  send(frame: Uint8Array, _options: { readonly binary: true }, sent?: () => void): void {
    if (this.readyState !== OPEN) return;
    // Its sender may use the bytes again.
    const kept = frame.slice();
    this.#facts.onSent(this, kept);
    this.#travel(this.#laneOf(kept), kept, (arrived) => {
      if (this.#isHeard && this.#facts.process.isAlive) this.#facts.events.onFrame(arrived);
    });
    if (sent !== undefined) this.#facts.scheduler.after(0, sent);
  }

  /** By the client, or by the end of its program. */
  hangUp(): void {
    this.#isHeard = false;
    const { scheduler, dice, faults } = this.#facts;
    scheduler.after(dice.between(...faults().delay), () => this.#endServerSide());
  }

  close(): void {
    this.terminate();
  }

  terminate(): void {
    if (this.readyState !== OPEN) return;
    const { scheduler } = this.#facts;
    // What is on its way comes before the end.
    const last = Math.max(scheduler.now, ...this.#arrivals.values());
    scheduler.after(0, () => this.#endServerSide());
    this.readyState = CLOSED;
    this.#tellClient(last - scheduler.now);
  }

  ping(): void {
    // A dead end answers no ping; the run breaks such connections itself.
  }

  /** The connection is gone; each end notices in its own time. What is on its way is lost. */
  break(why: string): void {
    const { scheduler, dice, faults, trace, name } = this.#facts;
    if (this.readyState !== OPEN && !this.#isHeard) return;
    trace.note(name, why);
    this.readyState = CLOSED;
    const wasHeard = this.#isHeard;
    this.#isHeard = false;
    scheduler.after(dice.between(...faults().delay), () => this.#endServerSide());
    if (wasHeard) this.#tellClient(dice.between(...faults().delay), true);
  }

  #tellClient(delayMs: number, isCertain = false): void {
    this.#facts.scheduler.after(delayMs, () => {
      if (!this.#isHeard && !isCertain) return;
      this.#isHeard = false;
      if (this.#facts.process.isAlive) this.#facts.events.onClosed();
    });
  }

  #endServerSide(): void {
    this.readyState = CLOSED;
    const { guest } = this;
    this.guest = undefined;
    guest?.left();
  }
}
