/** A server, people with devices, and the network between them, all from one seed. */
import { Dice } from "../dice.ts";
import { Ledger } from "../oracle/ledger.ts";
import type { Plant } from "../plants/plant.ts";
import { Scheduler } from "../scheduler.ts";
import { Trace } from "../trace.ts";
import { Device } from "./device.ts";
import { type Asked, type Hardship, hardshipOf } from "./hardship.ts";
import { Network } from "./network.ts";
import { NO_FAULTS, type Profile, profileOf } from "./profile.ts";
import { type Fate, ServerMachine } from "./server-machine.ts";
import { providerOf } from "./suites.ts";

export type Person = { readonly username: string; readonly devices: readonly Device[] };

const NAMES = ["adaquillfeather", "bobtanglewood", "cydmarshlight", "dansilverbrook"];
/** Most milliseconds until a program that died is started again. */
const RESTART_MS = 5_000;

export type WorldOptions = {
  readonly plant: Plant;
  readonly asked: Asked;
  readonly print: ((line: string) => void) | undefined;
};

export class World {
  readonly profile: Profile;
  readonly hardship: Hardship;
  readonly scheduler = new Scheduler();
  readonly trace: Trace;
  readonly ledger: Ledger;
  readonly network: Network;
  readonly server: ServerMachine;
  readonly people: readonly Person[];
  readonly dice: Dice;
  /** What must not happen and did. */
  readonly problems: string[] = [];
  readonly #seed: number;
  readonly #plant: Plant;
  readonly #fates: Dice;
  #isTroubled = false;

  constructor(seed: number, { plant, asked, print }: WorldOptions) {
    this.#seed = seed;
    this.#plant = plant;
    this.profile = profileOf(seed);
    this.hardship = hardshipOf(seed, asked);
    this.dice = new Dice(seed, "actions");
    this.#fates = new Dice(seed, "fates");
    const { scheduler } = this;
    const trace = new Trace(() => scheduler.now, print);
    this.trace = trace;
    this.ledger = new Ledger();
    this.server = new ServerMachine({
      scheduler,
      trace,
      random: new Dice(seed, "server"),
      fate: () => this.#fate(this.profile.faults.serverDies),
      onDeath: () => this.#serverDied(),
      onFailure: (what) => this.problem(`the server fails: ${what}`),
      wrap: (database) => plant.database?.(database) ?? database,
    });
    const dice = new Dice(seed, "network");
    this.network = new Network({ scheduler, dice, trace, doors: this.server, tap: this.ledger.tap });
    this.people = NAMES.slice(0, this.profile.people).map((username, at) => {
      const numbers = at < Math.max(this.profile.seconds, this.hardship.seconds) ? [1, 2] : [1];
      return { username, devices: numbers.map((number) => this.#device(username, number)) };
    });
    this.server.start();
  }

  /** Those that belong to an account, and the first ones, which are to make one; without those that were taken out of it. */
  get members(): Device[] {
    const { revocations } = this.ledger;
    return this.people.flatMap(({ username, devices }) =>
      devices.filter((device) => {
        const isIn = device.isFirst || device.client?.whoAmI() !== undefined;
        return isIn && revocations.get(username)?.target !== device;
      }),
    );
  }

  get devices(): Device[] {
    return this.people.flatMap(({ devices }) => devices);
  }

  #device(username: string, number: number): Device {
    const { scheduler, trace, network, profile } = this;
    const name = `${username.slice(0, 3)}.${number}`;
    return new Device({
      name,
      isFirst: number === 1,
      scheduler,
      trace,
      network,
      random: new Dice(this.#seed, name),
      crypto: providerOf(profile.isPostQuantum),
      fate: () => this.#fate(profile.faults.clientDies),
      onDeath: (device) => this.#startLater(() => device.start(true)),
      onFailure: (what) => this.problem(what),
      plant: this.#plant,
    });
  }

  #fate(chance: number): Fate {
    if (!this.#isTroubled || !this.#fates.chance(chance)) return "no";
    return this.#fates.chance(0.5) ? "before" : "after";
  }

  #serverDied(): void {
    this.network.breakAll("loses its server");
    this.#startLater(() => this.server.start());
  }

  #startLater(start: () => void): void {
    this.scheduler.after(this.#fates.between(1, RESTART_MS), start);
  }

  problem(what: string): void {
    this.problems.push(what);
    this.trace.note("PROBLEM", what);
  }

  /** From now on everything goes wrong that the profile holds. */
  trouble(): void {
    this.#isTroubled = true;
    this.network.faults = this.profile.faults;
  }

  /** From now on nothing goes wrong any more; connections that lost something break a last time. */
  heal(): void {
    this.#isTroubled = false;
    this.network.faults = NO_FAULTS;
    this.network.breakAll("breaks a last time", ({ hasHoles }) => hasHoles);
    this.trace.note("world", "is at peace");
  }
}
