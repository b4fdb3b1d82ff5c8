/**
 * Identity chains of the people one has to do with: fetched from the directory, checked, kept. A chain only grows: an answer that does not go on
 * from the known one is refused, so a server cannot take a device back out or put another one in its place.
 */
import { type ChainLookup, type KnownChain, verifyChain } from "@sotto/core";
import {
  accountId,
  type AccountId,
  accountIdToText,
  type ChainState,
  chainEntryHash,
  equalBytes,
  LIMITS,
  type ResponseOf,
  toId,
} from "@sotto/protocol";
import type { ClientOutcome } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import type { Asked } from "../net/line.ts";
import { bytesIn, sql } from "../store/statements.ts";
import { decodeStoredChain, encodeStoredChain } from "./stored-chain.ts";

export class ChainBook {
  readonly #engine: Pick<Engine, "ports" | "account" | "anonymous" | "context" | "me">;
  readonly #known = new Map<string, ChainState>();

  constructor(engine: Pick<Engine, "ports" | "account" | "anonymous" | "context" | "me">) {
    this.#engine = engine;
  }

  async load(): Promise<void> {
    for (const row of await this.#engine.ports.store.all("SELECT account, entries FROM chains")) {
      const account = toId(accountId, bytesIn(row, "account"));
      const chain = verifyChain(entriesFrom(bytesIn(row, "entries")), this.#engine.context, account);
      if (chain.ok) this.#known.set(accountIdToText(account), chain.value);
    }
  }

  /** `fresh`: text forms of the accounts that were fetched for this decision. */
  lookup(fresh: ReadonlySet<string> = new Set()): ChainLookup {
    return (account): KnownChain | undefined => {
      const text = accountIdToText(account);
      const chain = this.#known.get(text);
      return chain && { chain, isFresh: fresh.has(text) };
    };
  }

  known(account: AccountId): ChainState | undefined {
    return this.#known.get(accountIdToText(account));
  }

  /** The entries as last fetched; none if the chain is not known. */
  async entries(account: AccountId): Promise<readonly Uint8Array[]> {
    const [row] = await this.#engine.ports.store.all("SELECT entries FROM chains WHERE account = ?", [account]);
    return row === undefined ? [] : entriesFrom(bytesIn(row, "entries"));
  }

  /** The own chain as the device that this is: on a connection that stays anonymous nobody asks for it. */
  #part(account: AccountId, from: number): Promise<Asked<ResponseOf<"directory.chain">>> {
    const { me, account: own, anonymous } = this.#engine;
    const isOwn = equalBytes(account, me.account);
    return isOwn ? own.ask("account.chain", { from }) : anonymous.ask("directory.chain", { account, from });
  }

  /** The text form of the account, once its whole chain is known. */
  async fetch(account: AccountId): Promise<ClientOutcome<string>> {
    const entries: Uint8Array[] = [];
    for (;;) {
      const part = await this.#part(account, entries.length);
      if (!part.ok) return part;
      entries.push(...part.value.entries);
      if (entries.length >= part.value.length || part.value.entries.length === 0) break;
      if (entries.length > LIMITS.chainEntriesMax) return { ok: false, code: "chain_too_long" };
    }
    const chain = verifyChain(entries, this.#engine.context, account);
    if (!chain.ok) return chain;
    const text = accountIdToText(account);
    const before = this.#known.get(text);
    const last = before && entries[before.length - 1];
    if (before !== undefined && (last === undefined || !equalBytes(chainEntryHash(last), before.head)))
      return { ok: false, code: "chain_previous" };
    const insert =
      "INSERT INTO chains VALUES (?, ?, ?) ON CONFLICT (account) DO UPDATE SET entries = excluded.entries, fetched_at = excluded.fetched_at";
    await this.#engine.ports.store.write([sql(insert, account, encodeStoredChain(entries), this.#engine.context.now)]);
    this.#known.set(text, chain.value);
    return { ok: true, value: text };
  }
}

/** None of a chain that cannot be read: it is fetched again. */
function entriesFrom(bytes: Uint8Array): readonly Uint8Array[] {
  const read = decodeStoredChain(bytes);
  return read.ok ? read.value : [];
}
