/** Validated identity chains by account, kept in memory for a while: the rules are checked once for each entry. */
import {
  type AccountId,
  accountIdToText,
  type ChainState,
  extendChain,
  LIMITS,
  type Outcome,
  success,
  validateChain,
} from "@sotto/protocol";
import { ServerError } from "../server-error.ts";
import type { AccountStore } from "./account-store.ts";
import { verifySignature } from "./signatures.ts";

const STATES_MAX = 5_000;

export class Identities {
  readonly #store: AccountStore;
  readonly #states = new Map<string, ChainState>();

  constructor(store: AccountStore) {
    this.#store = store;
  }

  async stateOf(account: AccountId): Promise<ChainState | undefined> {
    const key = accountIdToText(account);
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    const part = await this.#store.chain(account, { from: 0, count: LIMITS.chainEntriesMax });
    if (part === undefined) return undefined;
    const state = validateChain(part.entries, verifySignature, account);
    if (!state.ok) throw new ServerError("store_damaged");
    this.#remember(key, state.value);
    return state.value;
  }

  #remember(key: string, state: ChainState): void {
    if (this.#states.size >= STATES_MAX) {
      const [oldest] = this.#states.keys();
      if (oldest !== undefined) this.#states.delete(oldest);
    }
    this.#states.set(key, state);
  }

  /** The chain with one more entry, durable; `conflict` if it grew in between. */
  async append(state: ChainState, entry: Uint8Array): Promise<Outcome<ChainState | "conflict">> {
    const next = extendChain(state, entry, verifySignature);
    if (!next.ok) return next;
    const { devicesById } = next.value;
    const removed = [...state.devicesById.values()].filter(({ id }) => ![...devicesById.values()].some((kept) => sameId(kept.id, id)));
    const { account, length: index } = state;
    const outcome = await this.#store.appendChain({ account, entry, index, removed: removed.map(({ id }) => id) });
    const key = accountIdToText(account);
    if (outcome === "conflict") {
      this.#states.delete(key);
      return success("conflict");
    }
    this.#remember(key, next.value);
    return success(next.value);
  }
}

function sameId(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
