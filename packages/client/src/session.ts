/**
 * The time that an engine is connected: both connections, the feeds of inbox and logs, and the outbox runner, wired to one another. The two
 * connections never share anything but this device.
 */
import { signLogin } from "@sotto/core";
import { type AnyPush, type ErrorCode, type Hello, type LogId, type Outcome } from "@sotto/protocol";
import { keepAccount } from "./account/kept.ts";
import { supplyKeyPackages } from "./account/key-packages.ts";
import { register, setInboxAccess } from "./account/register.ts";
import { Tending } from "./devices/tending.ts";
import type { Engine } from "./engine.ts";
import { Line } from "./net/line.ts";
import { isTransient } from "./net/transient.ts";
import type { Cancel } from "./ports.ts";
import { learnNames } from "./people/names.ts";
import { Repairer } from "./repair/repairer.ts";
import { OutboxRunner } from "./send/outbox-runner.ts";
import { laneOf } from "./send/outbox.ts";
import { flushReceipts } from "./send/receipts.ts";
import { InboxFeed } from "./sync/inbox-feed.ts";
import { LogFeed } from "./sync/log-feed.ts";

const SHARE_AFTER_MS = 100;
const ANSWER_AFTER_MS = 100;

/** Troubles that do not pass while somebody waits. Connecting goes on all the same: an operator may be at it. */
const LASTING: ReadonlySet<ErrorCode> = new Set(["server_version", "server_foreign", "server_untrusted"]);

export class Session {
  readonly #engine: Engine;
  readonly #account: Line;
  readonly #anonymous: Line;
  readonly #logs: LogFeed;
  readonly #inbox: InboxFeed;
  readonly #tending: Tending;
  readonly #repairs: Repairer;
  readonly runner: OutboxRunner;
  #answering: Cancel | undefined;
  #waiters: { readonly wake: () => void }[] = [];
  #refusal: ErrorCode | undefined;
  readonly #unlisten: () => void;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#logs = new LogFeed(engine, {
      onApplied: (log) => {
        this.runner.kick(laneOf(log));
        this.#check();
      },
      onFault: (log, fault) => this.#repairs.fault(log, fault),
      onOut: (log) => engine.inBackground(this.#inbox.takeHeld(log)),
    });
    this.#repairs = new Repairer(engine, {
      onRepaired: (log) => this.#logs.follow(log),
      isCurrent: (log) => this.#logs.isCurrent(log),
      onQueued: () => engine.inBackground(this.runner.kickAll()),
    });
    const onIdle = (): void => this.#check();
    this.#inbox = new InboxFeed(engine, {
      onJoined: (log) => this.#joined(log),
      onIdle,
      onNote: (sender, note) => this.#repairs.note(sender, note),
      onHistory: (groupId) => this.#repairs.held(groupId),
      onAsked: () => this.#tending.asked(),
      onQueued: () => engine.inBackground(this.runner.kickAll()),
    });
    this.runner = new OutboxRunner(engine, {
      onCreated: (log) => this.#logs.follow(log),
      onIdle,
      isCurrent: (log) => this.#logs.isCurrent(log),
      repairs: this.#repairs,
    });
    this.#account = new Line(engine.ports, "account", {
      onHello: (hello, line) => this.#logIn(hello, line),
      onReady: () => this.#check(),
      onPush: (push) => this.#pushed(push),
      onLost: () => this.#inbox.lost(),
    });
    this.#anonymous = new Line(engine.ports, "anonymous", {
      onHello: () => Promise.resolve(true),
      onReady: () => engine.inBackground(this.#anonymousReady()),
      onPush: (push) => this.#pushed(push),
      onLost: () => {
        this.#logs.lost();
        engine.emit({ kind: "connection", isOnline: false });
      },
    });
    this.#tending = new Tending(engine, { kick: (lane) => this.runner.kick(lane), onIdle: () => this.#check() });
    engine.lines = { account: this.#account, anonymous: this.#anonymous };
    this.#unlisten = engine.on(({ kind }) => {
      // After a commit in the self group it may be clear of a removed device, for which what is due had to wait.
      if (kind === "own") engine.own.onDue();
      if (kind === "message" || kind === "conversation") this.#answerSoon();
    });
    engine.own.onDue = () => void engine.ports.clock.after(SHARE_AFTER_MS, () => engine.inBackground(this.#share()));
  }

  /** A final refusal of the account connection: the account is unknown, the device was revoked, the name is taken. */
  get refusal(): ErrorCode | undefined {
    return this.#refusal;
  }

  /** What keeps the server from doing its part at the moment. */
  get trouble(): ErrorCode | undefined {
    return this.#account.trouble ?? this.#anonymous.trouble;
  }

  /** Also what became readable meanwhile. */
  followAll(): void {
    this.#engine.inBackground(this.#logs.followAll());
  }

  forget(log: LogId): void {
    this.#logs.forget(log);
  }

  start(): void {
    this.#anonymous.start();
    this.#account.start();
  }

  stop(): void {
    this.#unlisten();
    this.#answering?.();
    this.#engine.own.onDue = () => undefined;
    this.#engine.lines = undefined;
    this.#repairs.stop();
    this.#account.stop();
    this.#anonymous.stop();
    this.#check();
  }

  /** Everything that the server had is applied, and everything to be sent is sent and seen; false if that takes longer. */
  async settled(timeoutMs: number): Promise<boolean> {
    const deadline = this.#engine.ports.clock.now() + timeoutMs;
    for (;;) {
      if (this.#refusal !== undefined || (this.trouble !== undefined && LASTING.has(this.trouble))) return false;
      if (await this.#isSettled()) return true;
      const left = deadline - this.#engine.ports.clock.now();
      if (left <= 0) return false;
      await this.#woken(Math.min(left, 500));
    }
  }

  async #isSettled(): Promise<boolean> {
    const isCurrent = this.#account.isReady && this.#anonymous.isReady && this.#inbox.isLive && this.#logs.isLive;
    if (!isCurrent || !this.#tending.isSettled || !this.#engine.serial.isIdle) return false;
    const isAny = [await this.#answer(), await this.#engine.own.flush()];
    if (isAny.includes(true)) await this.runner.kickAll();
    return this.#inbox.isLive && this.#logs.isLive && (await this.runner.isIdle());
  }

  /** A moment after something came, so that many messages make one receipt. */
  #answerSoon(): void {
    this.#answering ??= this.#engine.ports.clock.after(ANSWER_AFTER_MS, () => {
      this.#answering = undefined;
      this.#engine.inBackground(
        this.#answer().then((isAny) => {
          if (isAny) return this.runner.kickAll();
          return undefined;
        }),
      );
    });
  }

  /** Asks who the new people are, and tells senders that messages arrived or were read. Whether there is anything to send. */
  async #answer(): Promise<boolean> {
    if (!this.#anonymous.isReady) return false;
    if (await learnNames(this.#engine)) this.#engine.emit({ kind: "people" });
    return flushReceipts(this.#engine);
  }

  #woken(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#engine.ports.clock.after(timeoutMs, resolve);
      this.#waiters.push({
        wake: () => {
          cancel();
          resolve();
        },
      });
    });
  }

  #check(): void {
    for (const { wake } of this.#waiters.splice(0)) wake();
  }

  #joined(log: LogId): void {
    this.#logs.follow(log);
    this.#engine.inBackground(this.#repairs.takeHeld(log));
    this.#engine.emit({ kind: "conversation", log });
  }

  async #logIn({ nonce }: Hello, line: Line): Promise<boolean> {
    const engine = this.#engine;
    if (nonce === null) return false;
    const signature = signLogin(engine.self, { origin: engine.ports.transport.origin, nonce }, engine.context);
    const { account, device } = { account: engine.me.account, device: engine.self.id };
    const answer: Outcome<object> = engine.me.isRegistered
      ? await line.ask("account.login", { account, device, signature })
      : await register(engine, line, signature);
    if (!answer.ok) {
      if (!isTransient(answer.code) && answer.code !== "login_expired" && answer.code !== "account_exists") this.#refuse(answer.code);
      this.#check();
      return false;
    }
    engine.inBackground(this.#supply(line, "chainLength" in answer.value ? Number(answer.value.chainLength) : 1));
    return true;
  }

  /** Who may not log in has nothing to send either: a device that was removed stops talking in conversations it is still in. */
  #refuse(code: ErrorCode): void {
    this.#refusal = code;
    this.#anonymous.stop();
    this.#account.stop();
    this.#engine.emit({ kind: "connection", isOnline: false });
  }

  /** What has to go over the account connection of this device. */
  get account(): Pick<Line, "ask"> {
    return this.#account;
  }

  /** A commit or message was put into the outbox by hand. */
  tend(): void {
    this.#tending.asked();
  }

  async #supply(line: Line, chainLength: number): Promise<void> {
    await supplyKeyPackages(this.#engine, line);
    await setInboxAccess(this.#engine, line);
    await keepAccount(this.#engine, line);
    await this.#inbox.start(line);
    this.#tending.chainIs(chainLength);
  }

  /** What the own other devices are to hear leaves together, a moment after it was stored. */
  async #share(): Promise<void> {
    if (this.#anonymous.isReady && (await this.#engine.own.flush())) await this.runner.kickAll();
  }

  async #anonymousReady(): Promise<void> {
    this.#engine.emit({ kind: "connection", isOnline: true });
    await this.#repairs.resume();
    await this.#logs.followAll();
    this.#logs.resume();
    await this.#answer();
    await this.runner.kickAll();
    if (this.#account.isReady) this.#tending.again();
    this.#check();
  }

  #pushed(push: AnyPush): void {
    switch (push.push) {
      case "log.entries":
        return this.#logs.entries(push.payload);
      case "log.live":
        return this.#logs.live(push.payload);
      case "log.closed":
        return this.#logs.closed(push.payload);
      case "inbox.items":
        return this.#inbox.items(push.payload.items);
      case "inbox.live":
        return this.#inbox.live();
      case "keyPackages.low":
        return this.#engine.inBackground(supplyKeyPackages(this.#engine, this.#account));
      case "account.chainChanged":
        return this.#tending.chainIs(push.payload.length);
      case "log.ephemeral":
        return this.#logs.signal(push.payload);
      case "account.hello":
      case "anonymous.hello":
        return undefined;
    }
  }
}
