/** All connections between the clients and the one server. */
import type { Channel, ChannelEvents, Transport } from "@sotto/client";
import type { Connection } from "@sotto/protocol";
import type { Socket } from "@sotto/server";
import type { Dice } from "../dice.ts";
import type { Scheduler } from "../scheduler.ts";
import type { Trace } from "../trace.ts";
import type { Process } from "./process.ts";
import { type Faults, NO_FAULTS } from "./profile.ts";
import { type Guest, Wire } from "./wire.ts";

/** Where connections arrive; undefined is refused. */
export interface Doors {
  accept(socket: Socket, facts: { readonly kind: Connection; readonly address: string }): Guest | undefined;
}

/** Who looks at what the server hears and says. */
export interface Tap {
  received(wire: Wire, frame: Uint8Array): void;
  sent(wire: Wire, frame: Uint8Array): void;
}

export const ORIGIN = "https://sim.test";

export type NetworkParts = {
  readonly scheduler: Scheduler;
  readonly dice: Dice;
  readonly trace: Trace;
  readonly doors: Doors;
  readonly tap: Tap;
};

export class Network {
  faults: Faults = NO_FAULTS;
  readonly #parts: NetworkParts;
  readonly #wires = new Set<Wire>();
  #count = 0;

  constructor(parts: NetworkParts) {
    this.#parts = parts;
  }

  transport(name: string, process: Process): Transport {
    return { origin: ORIGIN, open: (kind, events) => this.#open({ name, process, kind, events }) };
  }

  #open(end: { readonly name: string; readonly process: Process; readonly kind: Connection; readonly events: ChannelEvents }): Channel {
    const { scheduler, dice, trace, doors, tap } = this.#parts;
    const { name, process, kind, events } = end;
    const wire = new Wire({
      scheduler,
      dice,
      trace,
      process,
      events,
      name: `${name}/${kind.slice(0, 3)}${++this.#count}`,
      faults: () => this.faults,
      onReceived: (from, frame) => tap.received(from, frame),
      onSent: (to, frame) => tap.sent(to, frame),
    });
    let isWanted = true;
    process.onDeath(() => {
      isWanted = false;
      wire.hangUp();
    });
    scheduler.after(dice.between(...this.faults.delay), () => {
      if (!isWanted) return;
      const guest = doors.accept(wire, { kind, address: name });
      if (guest === undefined) {
        wire.break("is refused");
        return;
      }
      wire.guest = guest;
      this.#wires.add(wire);
      events.onOpen();
    });
    return {
      send: (frame) => wire.up(frame),
      close: () => {
        isWanted = false;
        wire.hangUp();
      },
    };
  }

  /** What a broken machine in the middle does, and a server that dies. */
  breakAll(why: string, isMeant: (wire: Wire) => boolean = () => true): void {
    for (const wire of this.#wires) {
      if (wire.readyState !== wire.OPEN) this.#wires.delete(wire);
      else if (isMeant(wire)) wire.break(why);
    }
  }
}
