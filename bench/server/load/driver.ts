/** Drives lines: who sends when, who has to get it, and how long that took. The same for all systems. */
import type { Line } from "./line.ts";
import type { Measured, Plan } from "./plan.ts";

/** More than can be on their way at once. */
const SLOTS = 1 << 20;
const TICK_MS = 2;

export type Party = { readonly sender: Line; readonly receivers: readonly Line[] };

export class Driver {
  readonly #plan: Plan;
  readonly #parties: readonly Party[];
  readonly #sentAt = new Float64Array(SLOTS);
  readonly #missing = new Int32Array(SLOTS);
  readonly #party = new Int32Array(SLOTS);
  #latencies: number[] = [];
  #next = 0;
  #deliveries = 0;
  #messages = 0;
  #underWay = 0;
  #isMeasuring = false;
  #isOver = false;

  constructor(plan: Plan, parties: readonly Party[]) {
    this.#plan = plan;
    this.#parties = parties;
    // In a room the same lines receive from all senders.
    for (const line of new Set(parties.flatMap(({ receivers }) => receivers))) line.onStamp = (stamp) => this.#arrived(stamp);
  }

  #send(partyIndex: number, at: number): void {
    const party = this.#parties[partyIndex];
    if (party === undefined) return;
    const stamp = this.#next++;
    const slot = stamp % SLOTS;
    this.#sentAt[slot] = at;
    this.#missing[slot] = party.receivers.length;
    this.#party[slot] = partyIndex;
    this.#underWay++;
    party.sender.send(stamp);
  }

  #arrived(stamp: number): void {
    const slot = stamp % SLOTS;
    this.#deliveries++;
    const missing = (this.#missing[slot] ?? 0) - 1;
    this.#missing[slot] = missing;
    if (missing !== 0) return;
    this.#messages++;
    this.#underWay--;
    const now = performance.now();
    if (this.#isMeasuring) this.#latencies.push(now - (this.#sentAt[slot] ?? 0));
    if (this.#plan.window !== undefined && !this.#isOver) this.#send(this.#party[slot] ?? 0, now);
  }

  async run(onBegin: () => void): Promise<Measured> {
    const { window, rate, warmSeconds, seconds } = this.#plan;
    const stopClock = rate === undefined ? () => undefined : this.#startClock(rate);
    if (window !== undefined) {
      for (let round = 0; round < window; round++) for (const index of this.#parties.keys()) this.#send(index, performance.now());
    }
    await pause(warmSeconds);
    this.#latencies = [];
    [this.#messages, this.#deliveries] = [0, 0];
    this.#isMeasuring = true;
    onBegin();
    const [started, cpu] = [performance.now(), process.cpuUsage()];
    await pause(seconds);
    const took = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const [messages, deliveries] = [this.#messages, this.#deliveries];
    [this.#isOver, this.#isMeasuring] = [true, false];
    stopClock();
    const sorted = Float64Array.from(this.#latencies).toSorted();
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
    return {
      seconds: took,
      messagesPerSecond: messages / took,
      deliveriesPerSecond: deliveries / took,
      p50: at(0.5),
      p99: at(0.99),
      messages,
      unfinished: this.#underWay,
      cpuSeconds: (user + system) / 1e6,
    };
  }

  /** The time of a message is when it was due, so that a stalled server is not spared what it held up. */
  #startClock(rate: number): () => void {
    const started = performance.now();
    let sent = 0;
    const timer = setInterval(() => {
      const now = performance.now();
      for (; sent < ((now - started) * rate) / 1000; sent++) this.#send(sent % this.#parties.length, started + (sent * 1000) / rate);
    }, TICK_MS);
    return () => clearInterval(timer);
  }
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
