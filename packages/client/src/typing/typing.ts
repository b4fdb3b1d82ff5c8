/**
 * Who is typing. Signals are ephemeral (spec/groups.md §Ephemeral): encrypted to the epoch, signed, never stored, and lost for those who are away.
 *
 *   sent      when somebody types, at most every 4 s for each conversation, and once when they stop; not in requests, not to who is blocked, not
 *             in conversations of more than 32 people, and not when switched off
 *   shown     for 8 s after the last signal, or until a message of the same person comes; not when switched off
 */
import { isActive, memberAccounts, openEphemeral, sealEphemeral } from "@sotto/core";
import {
  type AccountId,
  accountIdToText,
  equalBytes,
  idToText,
  type LogId,
  plainContent,
  type PushPayload,
  SALT_BYTES,
} from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import type { Cancel } from "../ports.ts";
import { isOn } from "../preferences/preferences.ts";

const EVERY_MS = 4_000;
const SHOWN_MS = 8_000;
const PEOPLE_MAX = 32;
/** Conversations and people remembered at once; more are not shown. */
const SHOWN_MAX = 256;

type Shown = { readonly log: LogId; readonly account: AccountId; readonly cancel: Cancel };

export class Typing {
  readonly #engine: Engine;
  readonly #sentAt = new Map<string, number>();
  readonly #shown = new Map<string, Shown>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Call it at every key. What cannot be sent now is not sent later. */
  async type(log: LogId): Promise<void> {
    const { now } = this.#engine.context;
    const before = this.#sentAt.get(idToText(log));
    if (before !== undefined && now >= before && now - before < EVERY_MS) return;
    this.#sentAt.set(idToText(log), now);
    if (!(await this.#send(log, true))) this.#sentAt.delete(idToText(log));
  }

  /** The text was emptied, or sent. */
  async stop(log: LogId): Promise<void> {
    if (!this.#sentAt.delete(idToText(log))) return;
    await this.#send(log, false);
  }

  /** A message takes the place of the signal that announced it. */
  sent(log: LogId): void {
    this.#sentAt.delete(idToText(log));
  }

  /** Accounts of those who type there now. */
  in(log: LogId): AccountId[] {
    return [...this.#shown.values()].filter((shown) => equalBytes(shown.log, log)).map(({ account }) => account);
  }

  /** `log` is the conversation's name here. */
  async received(log: LogId, { epoch, body }: Pick<PushPayload<"log.ephemeral">, "epoch" | "body">): Promise<void> {
    const place = await this.#place(log);
    if (place === undefined || !(await isOn(this.#engine, "typing"))) return;
    const opened = openEphemeral(place, { epoch, body }, this.#engine.context);
    if (!opened.ok || opened.value.content.body.kind !== "typing") return;
    const { account } = opened.value.sender;
    if (equalBytes(account, this.#engine.me.account)) return;
    if (opened.value.content.body.isTyping) this.#show(log, account);
    else this.hide(log, account);
  }

  hide(log: LogId, account: AccountId): void {
    const key = keyOf(log, account);
    const shown = this.#shown.get(key);
    if (shown === undefined) return;
    shown.cancel();
    this.#shown.delete(key);
    this.#engine.emit({ kind: "typing", log });
  }

  close(): void {
    for (const { cancel } of this.#shown.values()) cancel();
    this.#shown.clear();
  }

  #show(log: LogId, account: AccountId): void {
    const key = keyOf(log, account);
    const before = this.#shown.get(key);
    if (before === undefined && this.#shown.size >= SHOWN_MAX) return;
    before?.cancel();
    const cancel = this.#engine.ports.clock.after(SHOWN_MS, () => this.hide(log, account));
    this.#shown.set(key, { log, account, cancel });
    if (before === undefined) this.#engine.emit({ kind: "typing", log });
  }

  /** Whether the server took it. */
  async #send(log: LogId, isTyping: boolean): Promise<boolean> {
    const engine = this.#engine;
    if (!engine.anonymous.isReady || !(await isOn(engine, "typing"))) return false;
    const conversation = await this.#place(log);
    if (conversation === undefined || !isActive(conversation) || memberAccounts(conversation).length > PEOPLE_MAX) return false;
    const { salt: _, ...draft } = plainContent(new Uint8Array(SALT_BYTES), { kind: "typing", isTyping });
    const sealed = sealEphemeral({ conversation, self: engine.self }, draft, engine.context);
    return sealed.ok && (await engine.anonymous.ask("log.ephemeral", sealed.value)).ok;
  }

  /** The conversation if one talks there. */
  async #place(log: LogId) {
    const select = `SELECT 1 FROM conversations c LEFT JOIN contacts p ON p.account = c.peer
      WHERE c.log = ? AND c.status = 'active' AND c.kind <> 'self' AND coalesce(p.is_blocked, 0) = 0`;
    const rows = await this.#engine.ports.store.all(select, [log]);
    return rows.length === 0 ? undefined : this.#engine.conversations.get(log);
  }
}

const keyOf = (log: LogId, account: AccountId): string => `${idToText(log)} ${accountIdToText(account)}`;
