/** Puts the parts together: keys and news of the engine go into the state, the state goes onto the screen, and what is to be done is done. */
import { type Client, ClientError, type ClientEvent, type Draft } from "@sotto/client";
import { equalBytes, idToText, type LogId } from "@sotto/protocol";
import { deviceAdded } from "../notices.ts";
import { meFrom } from "../show/words.ts";
import type { ChatEffect, ChatEvent } from "./events.ts";
import { type Theme, themeOf } from "./paint.ts";
import { reduce } from "./reduce/reduce.ts";
import { runSlash, SlashError } from "./slash.ts";
import { type ChatState, initialState } from "./state.ts";
import { Terminal } from "./terminal.ts";
import { Transfers } from "./transfers.ts";
import { screenOf } from "./view/screen.ts";

/** At most so many drawings a second, however much arrives. */
const DRAW_MS = 16;
const LIST_MS = 60;
const SEARCH_RESULTS = 50;
const SECOND_MS = 1_000;

export class Chat {
  readonly #client: Client;
  readonly #terminal: Terminal;
  readonly #ended: Promise<void>;
  #end: () => void = () => undefined;
  #state: ChatState;
  #drawing: NodeJS.Timeout | undefined;
  #listing: NodeJS.Timeout | undefined;
  #work: Promise<unknown> = Promise.resolve();
  readonly #transfers: Transfers;
  /** What takes its time while one goes on writing. */
  readonly #aside = new Set<Promise<unknown>>();

  constructor(client: Client, theme: Theme) {
    this.#client = client;
    this.#transfers = new Transfers(client, (text) => this.#take({ kind: "notice", text, isError: false }));
    const onKey = (key: Extract<ChatEvent, { kind: "key" }>["key"]): void => {
      const found = key.kind === "report" ? themeOf(key.text) : undefined;
      if (found !== undefined) {
        this.#terminal.theme = found;
        this.#terminal.forget();
      }
      this.#take({ kind: "key", key });
    };
    this.#terminal = new Terminal({ onKey, onResize: (size) => this.#take({ kind: "resized", ...size }) }, theme);
    this.#state = initialState(meFrom(client.whoAmI()), this.#terminal.size, Date.now());
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  async run(): Promise<void> {
    const stopListening = this.#client.on((event) => this.#heard(event));
    const clock = setInterval(() => this.#take({ kind: "time", now: Date.now() }), 15 * SECOND_MS);
    const stop = (): void => this.#perform({ do: "quit" });
    for (const signal of ["SIGTERM", "SIGHUP"] as const) process.once(signal, stop);
    this.#terminal.open();
    try {
      this.#client.connect();
      await this.#readList();
      this.#draw();
      await this.#ended;
      this.#transfers.stop();
      await Promise.all([this.#work, ...this.#aside]);
    } finally {
      this.#terminal.close();
      for (const timer of [this.#drawing, this.#listing, clock]) clearTimeout(timer);
      for (const signal of ["SIGTERM", "SIGHUP"] as const) process.off(signal, stop);
      stopListening();
    }
  }

  #take(event: ChatEvent): void {
    const { state, effects } = reduce(this.#state, event);
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    this.#drawing ??= setTimeout(() => this.#draw(), DRAW_MS);
  }

  #draw(): void {
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    this.#terminal.draw(screenOf(this.#state));
  }

  /** One after the other, so that a draft is saved before the next one is read. */
  #perform(effect: ChatEffect): void {
    if (effect.do === "quit") return this.#end();
    if (effect.do === "suspend") return this.#terminal.suspend();
    if (effect.do === "redraw") return this.#terminal.forget();
    const words = effect.do === "command" ? effect.words : [];
    const isLong = effect.do === "save" || words[0] === "attach";
    if (!isLong) {
      this.#work = this.#work
        .then(() => this.#tried(() => this.#act(effect)))
        .then((isDone) => (isDone || effect.do !== "send" ? undefined : this.#giveBack(effect)));
      return undefined;
    }
    const task: Promise<unknown> = this.#tried(() => this.#act(effect)).finally(() => this.#aside.delete(task));
    this.#aside.add(task);
    return undefined;
  }

  /** What could not be sent is there to be changed, unless something else was begun. */
  async #giveBack({ log, text, replyTo }: Draft & { readonly log: LogId }): Promise<void> {
    const answered = replyTo && (await this.#client.messageById(replyTo));
    this.#take({ kind: "draft", log, text, replyTo: answered?.kind === "deleted" ? undefined : answered });
  }

  /** Whether it went well; else the person reads why not. */
  async #tried(act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
    } catch (error) {
      const isKnown = error instanceof ClientError || error instanceof SlashError;
      const text = isKnown ? error.message : "That failed. Try again.";
      this.#take({ kind: "notice", text, isError: true });
      return false;
    }
    return true;
  }

  async #act(effect: Exclude<ChatEffect, { do: "quit" | "suspend" | "redraw" }>): Promise<void> {
    const client = this.#client;
    switch (effect.do) {
      case "load":
        return this.#readMessages(effect.log, effect.limit, effect.before);
      case "loadDraft":
        return this.#giveBack({ log: effect.log, ...(await client.preferences.draft(effect.log)) });
      case "markRead":
        return client.markRead(effect.log);
      case "send":
        return void (await client.sendText(effect.log, effect.text, effect.replyTo === undefined ? {} : { inReplyTo: effect.replyTo }));
      case "edit":
        return void (await client.sendText(effect.log, effect.text, { replaces: effect.id }));
      case "react":
        return void (await client.react(effect.log, effect.id, effect.emoji));
      case "delete":
        return void (await client.unsend(effect.log, effect.id));
      case "search":
        return this.#take({ kind: "found", results: await client.search(effect.text, { limit: SEARCH_RESULTS }) });
      case "saveDraft":
        return client.preferences.setDraft(effect.log, effect);
      case "type":
        return client.typing.type(effect.log);
      case "stopTyping":
        return client.typing.stop(effect.log);
      case "save":
        return this.#transfers.save(effect.message);
      case "command":
        return this.#command(effect.words, effect.log);
    }
  }

  async #command(words: readonly string[], log: LogId | undefined): Promise<void> {
    if (words[0] === "quit" || words[0] === "q") return this.#perform({ do: "quit" });
    if (words[0] === "attach") {
      if (log === undefined || words.length < 2) throw new SlashError("Say which file: /attach FILE");
      return this.#transfers.send(log, words.slice(1).join(" "));
    }
    const done = await runSlash(this.#client, words, log);
    await this.#readList();
    if (done.open !== undefined) this.#take({ kind: "opened", log: done.open });
    this.#take({ kind: "notice", text: done.words, isError: false });
  }

  #heard(event: ClientEvent): void {
    switch (event.kind) {
      case "connection":
        return this.#take({ kind: "connection", isOnline: event.isOnline });
      case "typing":
        this.#work = this.#work.then(() => this.#tried(() => this.#readTyping(event.log)));
        return undefined;
      case "message":
        if (event.isNew) this.#work = this.#work.then(() => this.#tried(() => this.#ring(event.log, event.localId)));
        return this.#later();
      case "conversation":
      case "people":
      case "own":
        return this.#later();
      case "devices":
        this.#work = this.#work.then(() => this.#tried(() => this.#tellDevices()));
        return undefined;
      case "failure":
        return this.#take({ kind: "notice", text: new ClientError(event.code).message, isError: true });
    }
  }

  async #tellDevices(): Promise<void> {
    for (const device of await this.#client.devices.news()) {
      this.#take({ kind: "notice", text: deviceAdded(device), isError: true });
    }
    await this.#client.devices.newsTold();
  }

  /** Many events in a row become one reading. */
  #later(): void {
    this.#listing ??= setTimeout(() => {
      this.#listing = undefined;
      this.#work = this.#work.then(() =>
        this.#tried(async () => {
          await this.#readList();
          const { open, limit, before } = this.#state;
          if (open !== undefined) await this.#readMessages(open, limit, before);
        }),
      );
    }, LIST_MS);
  }

  async #readList(): Promise<void> {
    this.#take({ kind: "conversations", conversations: await this.#client.conversations() });
  }

  async #readMessages(log: LogId, limit: number, before: number | undefined): Promise<void> {
    const messages = await this.#client.messages(log, { limit, ...(before === undefined ? {} : { before }) });
    this.#take({ kind: "messages", log, messages });
  }

  async #readTyping(log: LogId): Promise<void> {
    const typing = this.#client.typing.in(log);
    const members = typing.length === 0 ? [] : await this.#client.members(log);
    const names = typing.map((account) => members.find((member) => equalBytes(member.account, account))?.username ?? "");
    this.#take({ kind: "typing", log, names });
  }

  /** A bell for what comes from others and is not muted; the terminal decides what becomes of it. */
  async #ring(log: LogId, localId: Uint8Array): Promise<void> {
    const message = await this.#client.message(localId);
    const view = this.#state.conversations.find((known) => idToText(known.log) === idToText(log));
    if (message?.state === "received" && view?.isMuted !== true) this.#terminal.bell();
  }
}
