/** One device of a person: a disk and a clock that stay, and a client that is started, stopped and killed. */
import { Client, type ClientEvent } from "@sotto/client";
import type { CryptoProvider } from "@sotto/core";
import type { Dice } from "../dice.ts";
import type { Plant } from "../plants/plant.ts";
import type { Scheduler } from "../scheduler.ts";
import type { Trace } from "../trace.ts";
import { Disk, openMemoryStore } from "./memory-store.ts";
import { NO_FILES } from "./no-files.ts";
import type { Network } from "./network.ts";
import { Process, type WallClock } from "./process.ts";
import type { Fate } from "./server-machine.ts";
import { Watch } from "./watch.ts";

export type DeviceParts = {
  readonly name: string;
  /** The one that makes the account. */
  readonly isFirst: boolean;
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly random: Dice;
  readonly network: Network;
  readonly crypto: CryptoProvider;
  readonly fate: () => Fate;
  readonly onDeath: (device: Device) => void;
  readonly onFailure: (what: string) => void;
  readonly plant: Plant;
};

export class Device {
  readonly name: string;
  readonly isFirst: boolean;
  readonly disk = new Disk();
  readonly watch: Watch;
  readonly wall: WallClock = { offsetMs: 0 };
  readonly #parts: DeviceParts;
  #process: Process | undefined;
  /** Undefined while its program is not running or has not opened its store yet. */
  client: Client | undefined;

  constructor(parts: DeviceParts) {
    this.name = parts.name;
    this.isFirst = parts.isFirst;
    this.#parts = parts;
    this.watch = new Watch(
      this.disk,
      () => parts.scheduler.now,
      (what) => parts.onFailure(`${parts.name}: ${what}`),
    );
  }

  get isUp(): boolean {
    return this.#process !== undefined;
  }

  /** Starts the program; `isOnline`: and connects, if there is an account. */
  start(isOnline: boolean): void {
    if (this.#process !== undefined) return;
    const { scheduler, trace, random, network, crypto, fate, onFailure, plant, name } = this.#parts;
    const process = new Process();
    this.#process = process;
    process.onDeath(() => {
      this.#process = undefined;
      this.client = undefined;
      trace.note(name, "dies");
      this.#parts.onDeath(this);
    });
    const clock = process.clock(scheduler, this.wall);
    const inner = plant.disk?.(this.disk, process) ?? openMemoryStore(this.disk);
    const store = process.store(
      this.watch.over(inner, () => clock.now()),
      fate,
    );
    const opening = Client.open({
      store: plant.store?.(store) ?? store,
      transport: network.transport(name, process),
      clock,
      random: (length) => random.bytes(length),
      crypto,
      ...NO_FILES,
    });
    const opened = (client: Client): void => {
      this.client = client;
      client.on((event) => this.#heard(process, event));
      if (isOnline && client.whoAmI() !== undefined) client.connect();
    };
    opening.then(opened, (error: unknown) => onFailure(`${name} cannot open its store: ${String(error)}`));
  }

  #heard(process: Process, event: ClientEvent): void {
    if (event.kind !== "failure" || !process.isAlive) return;
    const { cause } = event;
    this.#parts.onFailure(`${this.name} fails: ${event.code} ${cause instanceof Error ? String(cause.stack) : String(cause)}`);
  }

  kill(): void {
    this.#process?.die();
  }
}
