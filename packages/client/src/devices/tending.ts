/**
 * Keeps the devices of this account together (spec/own-devices.md §Tending): runs after each login, when the account's chain grew, and when another
 * own device asks for it. Each run finds out anew from what is stored what is to be done, so it may be cut short anywhere.
 */
import { type ChainState, equalBytes, idToText } from "@sotto/protocol";
import { type ClientOutcome, refusedOutcome } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import { startConversation } from "../groups/start.ts";
import { isTransient } from "../net/transient.ts";
import { selfLog } from "../own/own-items.ts";
import { laneOf } from "../send/outbox.ts";
import { setting } from "../store/statements.ts";
import { askToBeAdmitted } from "./admission.ts";
import { areDevicesTold, devicesTold, unknownDevices } from "./news.ts";
import { lookUpOthers, othersToTend } from "./others.ts";
import { conversationsToTend } from "./own-devices.ts";
import { finishRotation } from "./rotation.ts";

const RETRY_MS = 1_000;

export type TendingEvents = { readonly kick: (lane: string) => void; readonly onIdle: () => void };

export class Tending {
  readonly #engine: Engine;
  readonly #events: TendingEvents;
  /** The least length of the own chain that a run has to know. */
  #chainLength = 0;
  #isDue = true;
  /** Another own device asked: it may have had no key packages when its entry in the chain was seen. */
  #isAsked = false;
  #isRunning = false;

  constructor(engine: Engine, events: TendingEvents) {
    this.#engine = engine;
    this.#events = events;
  }

  get isSettled(): boolean {
    return !this.#isDue && !this.#isRunning;
  }

  /** The server has a chain of this length: known from a login or a push. */
  chainIs(length: number): void {
    this.#chainLength = Math.max(this.#chainLength, length);
    this.again();
  }

  asked(): void {
    this.#isAsked = true;
    this.again();
  }

  again(): void {
    this.#isDue = true;
    if (!this.#isRunning) this.#engine.inBackground(this.#run());
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      while (this.#isDue && this.#engine.anonymous.isReady) {
        this.#isDue = false;
        const done = await this.#tend().catch(refusedOutcome);
        if (done.ok || done.code === "device_revoked") continue;
        if (!isTransient(done.code)) {
          this.#engine.emit({ kind: "failure", code: done.code, cause: undefined });
          continue;
        }
        this.#isDue = true;
        this.#engine.ports.clock.after(RETRY_MS, () => this.again());
        break;
      }
    } finally {
      this.#isRunning = false;
      this.#events.onIdle();
    }
  }

  async #tend(): Promise<ClientOutcome<null>> {
    const chain = await this.#ownChain();
    if (!chain.ok) return chain;
    const engine = this.#engine;
    if (!chain.value.devicesById.has(idToText(engine.self.id))) return { ok: false, code: "device_revoked" };
    await this.#tellNews(chain.value);
    if ((await selfLog(engine)) === undefined) {
      if (!isOldest(engine, chain.value)) return askToBeAdmitted(engine, chain.value);
      this.#events.kick(laneOf(await startConversation(engine, { kind: "self", name: "", people: [] })));
    }
    await this.#tendConversations(chain.value);
    await finishRotation(engine, chain.value);
    return this.#tendOthers();
  }

  async #tellNews({ devicesById }: ChainState): Promise<void> {
    const engine = this.#engine;
    if (!(await areDevicesTold(engine))) return engine.ports.store.write([devicesTold([...devicesById.values()].map(({ id }) => id))]);
    if ((await unknownDevices(engine)).length > 0) engine.emit({ kind: "devices" });
  }

  /** First what an earlier look-up showed, then the next one. */
  async #tendOthers(): Promise<ClientOutcome<null>> {
    const due = await othersToTend(this.#engine);
    await this.#engine.ports.store.write(due.flatMap(({ statements }) => statements));
    for (const { log } of due) this.#events.kick(laneOf(log));
    return lookUpOthers(this.#engine);
  }

  async #tendConversations({ length }: ChainState): Promise<void> {
    const { store } = this.#engine.ports;
    const [row] = await store.all("SELECT value FROM settings WHERE key = 'tended_length'");
    if (!this.#isAsked && row?.["value"] === length) return;
    this.#isAsked = false;
    const due = await conversationsToTend(this.#engine);
    await store.write([...due.flatMap(({ statements }) => statements), setting("tended_length", length)]);
    for (const { log } of due) this.#events.kick(laneOf(log));
  }

  async #ownChain(): Promise<ClientOutcome<ChainState>> {
    const { chains, me } = this.#engine;
    const known = chains.known(me.account);
    if (known !== undefined && known.length >= this.#chainLength) return { ok: true, value: known };
    const fetched = await chains.fetch(me.account);
    if (!fetched.ok) return fetched;
    const now = chains.known(me.account);
    return now === undefined ? { ok: false, code: "chain_empty" } : { ok: true, value: now };
  }
}

/** The device that has been in the account for the longest makes the self group, so that there is one. */
function isOldest({ self }: Engine, { devicesById }: ChainState): boolean {
  const [oldest] = [...devicesById.values()].toSorted((a, b) => a.addedAtIndex - b.addedAtIndex);
  return oldest !== undefined && equalBytes(oldest.id, self.id);
}
