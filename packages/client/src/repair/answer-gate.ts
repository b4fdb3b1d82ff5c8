/**
 * Who is answered that asks to be let in again: an account that is in the group, about a group that this device is in, and not too often. Strangers can
 * make up groups and devices without end, so nothing is kept of them, and of the others only what still counts.
 */
import { type DeviceAddress, memberAccounts } from "@sotto/core";
import { bytesToHex, equalBytes, idToText } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import { placeOfGroup } from "../store/places.ts";

const PAUSE_MS = 2_000;
/** History is megabytes: whoever asks more often in an hour is let in without it. */
const HISTORIES_MAX = 12;
const HOUR_MS = 3_600_000;

const keyOf = ({ device }: DeviceAddress, groupId: Uint8Array): string => `${idToText(device)} ${bytesToHex(groupId)}`;

export class AnswerGate {
  readonly #engine: Engine;
  /** When each was answered last. */
  readonly #last = new Map<string, number>();
  /** When each was handed history, within the last hour. */
  readonly #histories = new Map<string, readonly number[]>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get size(): number {
    return this.#last.size;
  }

  async opens(sender: DeviceAddress, groupId: Uint8Array): Promise<boolean> {
    if (!(await this.#isMember(sender, groupId))) return false;
    const { now } = this.#engine.context;
    for (const [key, at] of this.#last) if (Math.abs(now - at) >= PAUSE_MS) this.#last.delete(key);
    const key = keyOf(sender, groupId);
    if (this.#last.has(key)) return false;
    this.#last.set(key, now);
    return true;
  }

  /** Whether one that is answered is handed history too. Counts it. */
  allowsHistory(sender: DeviceAddress, groupId: Uint8Array): boolean {
    const { now } = this.#engine.context;
    for (const [key, times] of this.#histories) {
      const recent = times.filter((at) => Math.abs(now - at) < HOUR_MS);
      if (recent.length > 0) this.#histories.set(key, recent);
      else this.#histories.delete(key);
    }
    const key = keyOf(sender, groupId);
    const times = this.#histories.get(key) ?? [];
    if (times.length >= HISTORIES_MAX) return false;
    this.#histories.set(key, [...times, now]);
    return true;
  }

  async #isMember({ account }: DeviceAddress, groupId: Uint8Array): Promise<boolean> {
    const place = await placeOfGroup(this.#engine.ports.store, groupId);
    if (place === undefined) return false;
    const conversation = await this.#engine.conversations.get(place.log);
    return memberAccounts(conversation).some((member) => equalBytes(member, account));
  }
}
