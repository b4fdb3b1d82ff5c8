/** The machine of the server: databases that outlive it, a clock, and a service that is started, stopped and killed between any two writes. */
import type { DatabaseSync } from "node:sqlite";
import type { Connection } from "@sotto/protocol";
import { ACCOUNT_SCHEMA, createService, LOG_SCHEMA, openDatabase, type Service, settingsOf, type Socket, type Timers } from "@sotto/server";
import type { Dice } from "../dice.ts";
import type { Scheduler } from "../scheduler.ts";
import type { Trace } from "../trace.ts";
import { type Doors, ORIGIN } from "./network.ts";
import { DatabaseCopy } from "./server-copy.ts";
import { Process, type WallClock } from "./process.ts";
import type { Guest } from "./wire.ts";

export type Fate = "no" | "before" | "after";

/** A database as one process sees it: at each commit it is asked what becomes of the process. */
function guarded(database: DatabaseSync, process: Process, fate: () => Fate): DatabaseSync {
  const exec = (sql: string): void => {
    if (!process.isAlive) throw new Error("killed");
    const what = sql === "COMMIT" ? fate() : "no";
    database.exec(what === "before" ? "ROLLBACK" : sql);
    if (what === "no") return;
    process.die();
    throw new Error("killed");
  };
  return new Proxy(database, {
    get: (target, name) => {
      if (name === "exec") return exec;
      // The databases stay open for the next process.
      if (name === "close") return () => undefined;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

export type ServerParts = {
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly random: Dice;
  readonly fate: () => Fate;
  readonly onDeath: () => void;
  /** The server says that something failed which should not. */
  readonly onFailure: (what: string) => void;
  /** What a planted fault puts in the place of a database. */
  readonly wrap: (database: DatabaseSync) => DatabaseSync;
};

export class ServerMachine implements Doors {
  readonly wall: WallClock = { offsetMs: 0 };
  readonly hubKey: Uint8Array;
  readonly #tokenSeed: Uint8Array;
  readonly #parts: ServerParts;
  readonly logs: DatabaseSync;
  readonly accounts: DatabaseSync;
  /** How often it was set back to a copy. */
  timesSetBack = 0;
  #copies: readonly DatabaseCopy[] | undefined;
  #running: { readonly process: Process; readonly service: Service } | undefined;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    this.hubKey = parts.random.bytes(32);
    this.#tokenSeed = parts.random.bytes(32);
    this.logs = parts.wrap(openDatabase(":memory:", LOG_SCHEMA));
    this.accounts = parts.wrap(openDatabase(":memory:", ACCOUNT_SCHEMA));
  }

  get service(): Service {
    if (this.#running === undefined) throw new Error("the server is down");
    return this.#running.service;
  }

  get isUp(): boolean {
    return this.#running !== undefined;
  }

  start(): void {
    if (this.#running !== undefined) return;
    const { scheduler, trace, random, fate, onFailure } = this.#parts;
    const process = new Process();
    const clock = process.clock(scheduler, this.wall);
    const timers: Timers = { soon: (call) => void clock.after(0, call), after: (delayMs, call) => clock.after(delayMs, call) };
    const service = createService({
      logs: guarded(this.logs, process, fate),
      accounts: guarded(this.accounts, process, fate),
      hubKey: this.hubKey,
      tokenSeed: this.#tokenSeed,
      settings: settingsOf({ dataFolder: "", now: () => clock.now(), timers }),
      origins: () => [ORIGIN],
      random: (length) => random.bytes(length),
      observer: {
        onAnswered: (operation, code) => trace.note("server", `${operation} ${code}`),
        onFailure: (operation, error) => {
          if (process.isAlive) onFailure(`${operation}: ${String(error)}`);
        },
        onCommit: () => undefined,
        onDeliver: () => undefined,
      },
    });
    this.#running = { process, service };
    process.onDeath(() => this.#died());
    trace.note("server", "is up");
  }

  #died(): void {
    this.#running = undefined;
    for (const database of [this.logs, this.accounts]) if (database.isTransaction) database.exec("ROLLBACK");
    this.#parts.trace.note("server", "dies");
    this.#parts.onDeath();
  }

  kill(): void {
    this.#running?.process.die();
  }

  /** As an operator stops it: what came in is answered or not, and what was answered is kept. */
  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    await running.service.close();
    running.process.die();
  }

  /** Takes a copy of the disk, in the place of the one before. */
  copy(): void {
    if ([this.logs, this.accounts].some(({ isTransaction }) => isTransaction)) return;
    this.#copies ??= [this.logs, this.accounts].map((database) => new DatabaseCopy(database));
    for (const copy of this.#copies) copy.take();
    this.#parts.trace.note("server", "is copied");
  }

  /** Dies, and finds its disk as it was copied when it is started again. */
  setBack(): void {
    if (this.#copies === undefined) return;
    this.kill();
    for (const copy of this.#copies) copy.restore();
    this.timesSetBack++;
    this.#parts.trace.note("server", "is set back");
  }

  /** Forgets all entries so far, as if they were too old. */
  async trim(): Promise<void> {
    if (this.#running === undefined) return;
    const { service, process } = this.#running;
    this.#parts.trace.note("server", "trims");
    try {
      while (process.isAlive && (await service.store.trim(Number.MAX_SAFE_INTEGER)));
    } catch (error) {
      if (process.isAlive) this.#parts.onFailure(`trimming: ${String(error)}`);
    }
  }

  accept(socket: Socket, facts: { readonly kind: Connection; readonly address: string }): Guest | undefined {
    if (this.#running === undefined) return undefined;
    const { process, service } = this.#running;
    const peer = service.reception.welcome(socket, facts);
    return {
      receive: (frame) => {
        if (process.isAlive) service.reception.receive(peer, frame);
      },
      left: () => {
        if (process.isAlive) service.reception.leave(peer);
      },
    };
  }
}
