/** What all parts of the engine share: ports, who this is, caches in front of the store, connections, and where to tell of changes. */
import type { CoreContext, CoreOutcome, GroupContext, OwnDevice } from "@sotto/core";
import { failure } from "@sotto/protocol";
import { ChainBook } from "./account/chain-book.ts";
import { loadProfile, type Profile } from "./account/profile.ts";
import { ClientError, type ClientOutcome } from "./client-error.ts";
import type { ClientEvent } from "./events.ts";
import { Expiry } from "./expiry/expiry.ts";
import { ConversationBook } from "./groups/conversation-book.ts";
import type { Line } from "./net/line.ts";
import { OwnItems } from "./own/own-items.ts";
import type { Ports } from "./ports.ts";
import { Serial } from "./serial.ts";
import { SearchIndex } from "./store/search-index.ts";
import { Timers } from "./timers.ts";
import { Typing } from "./typing/typing.ts";

const CHAIN_ROUNDS_MAX = 3;

const UNREACHABLE: Pick<Line, "ask" | "isReady"> = { isReady: false, ask: () => Promise.resolve(failure("server_unreachable")) };

type Lines = { readonly account: Line; readonly anonymous: Line };

export class Engine {
  readonly ports: Ports;
  readonly chains: ChainBook;
  readonly conversations: ConversationBook;
  readonly searchIndex: SearchIndex;
  readonly serial = new Serial();
  /** What the own devices share. */
  readonly own: OwnItems;
  readonly typing: Typing;
  readonly expiry: Expiry;
  readonly #tasks = new Set<Promise<void>>();
  readonly #listeners = new Set<(event: ClientEvent) => void>();
  readonly #timers: Timers;
  profile: Profile | undefined;
  #lines: Lines | undefined;

  constructor(ports: Ports) {
    this.#timers = new Timers(ports.clock);
    this.ports = { ...ports, clock: this.#timers };
    this.chains = new ChainBook(this);
    this.conversations = new ConversationBook(ports.store);
    this.own = new OwnItems(this);
    this.searchIndex = new SearchIndex(ports.store, (task) => this.inBackground(task));
    this.typing = new Typing(this);
    this.expiry = new Expiry(this);
  }

  /** What the store says of this profile now: an own other device may have changed it. */
  async reloadProfile(): Promise<void> {
    this.profile = await loadProfile(this.ports.store, this.context);
  }

  get self(): OwnDevice {
    return this.me.device;
  }

  get me(): Profile {
    if (this.profile === undefined) throw new ClientError("profile_empty");
    return this.profile;
  }

  get anonymous(): Pick<Line, "ask" | "isReady"> {
    return this.#lines?.anonymous ?? UNREACHABLE;
  }

  /** What has to be asked as this device. */
  get account(): Pick<Line, "ask"> {
    const account = this.#lines?.account;
    return account?.isReady === true ? account : UNREACHABLE;
  }

  set lines(lines: Lines | undefined) {
    this.#lines = lines;
  }

  get context(): CoreContext {
    const { crypto, random, clock } = this.ports;
    return { crypto, random, now: clock.now() };
  }

  /** A decision that may turn out to need identity chains: they are fetched, and it is made again. */
  async decide<T>(make: (context: GroupContext) => CoreOutcome<T>): Promise<ClientOutcome<T>> {
    const fresh = new Set<string>();
    for (let round = 0; ; round++) {
      const outcome = make({ ...this.context, chains: this.chains.lookup(fresh) });
      if (outcome.ok || outcome.code !== "chain_needed" || round === CHAIN_ROUNDS_MAX) return outcome;
      for (const account of outcome.accounts ?? []) {
        const fetched = await this.chains.fetch(account);
        if (!fetched.ok) return fetched;
        fresh.add(fetched.value);
      }
    }
  }

  /** Work that nobody waits for. What goes wrong in it is told as an event; {@link quiet} waits for its end. */
  inBackground(task: Promise<unknown>): void {
    const watched: Promise<void> = task
      .then(
        () => undefined,
        (error: unknown) =>
          this.emit({ kind: "failure", code: error instanceof ClientError ? error.code : "store_unavailable", cause: error }),
      )
      .finally(() => this.#tasks.delete(watched));
    this.#tasks.add(watched);
  }

  async quiet(): Promise<void> {
    while (this.#tasks.size > 0) await Promise.all(this.#tasks);
  }

  async close(): Promise<void> {
    this.expiry.close();
    this.typing.close();
    await this.quiet();
    this.#timers.cancelAll();
    await this.ports.store.close();
  }

  on(listener: (event: ClientEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(event: ClientEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
