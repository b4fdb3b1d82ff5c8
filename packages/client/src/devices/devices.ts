/**
 * The devices of the account, as an application sees them. What a person asks for throws {@link ClientError} when it cannot be done.
 */
import { devicesOf, revokeDevice, deviceSigner } from "@sotto/core";
import { type ChainDevice, type ChainState, type DeviceId, equalBytes, idToText } from "@sotto/protocol";
import { keepAccount } from "../account/kept.ts";
import type { NewProfile } from "../account/profile.ts";
import { recoveryTextSeen } from "../account/recovery-text.ts";
import { ClientError, orThrow } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import { selfLog } from "../own/own-items.ts";
import type { Session } from "../session.ts";
import { linkThisDevice, type LinkGuest } from "./link-new.ts";
import { linkNewDevice, type LinkedDevice, type LinkHost } from "./link-old.ts";
import { deviceNames, nameStatements } from "./names.ts";
import { devicesTold, unknownDevices } from "./news.ts";
import { recoverAccount, type Recovering } from "./recover.ts";
import { rotateKeys, rotationComes } from "./rotation.ts";

const ROUNDS_MAX = 3;
const POLL_MS = 200;

export type DeviceView = {
  readonly id: DeviceId;
  /** What its owner calls it; empty if nobody said. */
  readonly name: string;
  readonly isThis: boolean;
  /** By the clock of the device that added it. */
  readonly addedAt: number;
};

type Hooks = { readonly connect: () => void; readonly session: () => Session | undefined };

export class Devices {
  readonly #engine: Engine;
  readonly #hooks: Hooks;

  constructor(engine: Engine, hooks: Hooks) {
    this.#engine = engine;
    this.#hooks = hooks;
  }

  /** As the directory says now, or as last heard without a connection. The first one is the oldest. */
  async list(): Promise<DeviceView[]> {
    await this.#engine.chains.fetch(this.#engine.me.account);
    const chain = this.#engine.chains.known(this.#engine.me.account);
    if (chain === undefined) throw new ClientError("server_unreachable");
    return this.#view([...chain.devicesById.values()]);
  }

  async #view(devices: readonly ChainDevice[]): Promise<DeviceView[]> {
    const names = await deviceNames(this.#engine);
    return devices.map(({ id, claimedAt }) => {
      const isThis = equalBytes(id, this.#engine.self.id);
      return { id, name: names.get(idToText(id)) ?? "", isThis, addedAt: claimedAt };
    });
  }

  /** Devices that came since {@link newsTold}, other than by this one. */
  async news(): Promise<DeviceView[]> {
    return this.#view(await unknownDevices(this.#engine));
  }

  /** The owner was told of all. */
  async newsTold(): Promise<void> {
    const chain = this.#engine.chains.known(this.#engine.me.account);
    const ids = [...(chain?.devicesById.values() ?? [])].map(({ id }) => id);
    if (ids.length > 0) await this.#engine.ports.store.write([devicesTold(ids)]);
  }

  /** On a device of the account, connected: shows a code and takes the new device in. */
  async link(host: LinkHost): Promise<LinkedDevice> {
    const linked = await linkNewDevice(this.#engine, this.#account(), host);
    await this.#engine.ports.store.write(nameStatements(this.#engine, linked.device, linked.name));
    await this.newsTold();
    return linked;
  }

  /** On a new device with an empty profile: takes the code. Afterwards this profile is one of the account's, and connected. */
  async join(guest: LinkGuest): Promise<void> {
    await this.#enter(await linkThisDevice(this.#engine, guest), guest.name);
  }

  /** On a new device with an empty profile, without another one at hand. */
  async recover(recovering: Recovering & { readonly name: string }): Promise<void> {
    await this.#enter(await recoverAccount(this.#engine, recovering), recovering.name);
  }

  async #enter({ profile, statements }: NewProfile, name: string): Promise<void> {
    await this.#engine.ports.store.write(statements);
    this.#engine.profile = profile;
    await this.#engine.chains.load();
    await this.#engine.ports.store.write(nameStatements(this.#engine, profile.device.id, name));
    this.#hooks.connect();
  }

  /** Whether a device, this one if none is named, is in the self group and so hears of everything: waits for it. */
  async isAdmitted(timeoutMs: number, device = this.#engine.self.id): Promise<boolean> {
    const { clock } = this.#engine.ports;
    const deadline = clock.now() + timeoutMs;
    for (;;) {
      if (await this.#isIn(device)) return true;
      if (clock.now() >= deadline) return false;
      await new Promise<void>((resolve) => void clock.after(POLL_MS, resolve));
    }
  }

  async #isIn(device: DeviceId): Promise<boolean> {
    const log = await selfLog(this.#engine);
    if (log === undefined) return false;
    const members = devicesOf(await this.#engine.conversations.get(log), this.#engine.me.account);
    return members.some((member) => equalBytes(member.device, device));
  }

  /**
   * Takes a device out of the account; its conversations are cleared of it as soon as they can be. The account gets a new master key, which the
   * removed device does not have, and so a new recovery key, to be shown, and then {@link recoveryKeySeen}. After a failure call it again.
   */
  async revoke(device: DeviceId): Promise<{ readonly recoveryKey: string }> {
    const engine = this.#engine;
    if (equalBytes(device, engine.self.id)) throw new ClientError("device_this");
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const chain = await this.#freshChain();
      if (chain.formerIds.has(idToText(device))) break;
      await rotationComes(engine, chain);
      const { entry } = orThrow(revokeDevice(chain, { signer: deviceSigner(engine.self), deviceId: device }, engine.context));
      const answer = orThrow(await this.#account().ask("account.chainAppend", { entry }));
      if (answer.outcome !== "conflict") break;
    }
    const recoveryKey = await rotateKeys(engine, { account: this.#account(), freshChain: () => this.#freshChain() });
    await keepAccount(engine, this.#account());
    this.#hooks.session()?.tend();
    return { recoveryKey };
  }

  /** The owner has it: it is not kept any longer. Until then signUp, in a profile with an account, and {@link revoke} answer it again. */
  async recoveryKeySeen(recoveryKey: string): Promise<void> {
    await this.#engine.ports.store.write([recoveryTextSeen(recoveryKey)]);
  }

  async #freshChain(): Promise<ChainState> {
    const { chains, me } = this.#engine;
    orThrow(await chains.fetch(me.account));
    const chain = chains.known(me.account);
    if (chain === undefined) throw new ClientError("chain_empty");
    return chain;
  }

  #account(): ReturnType<() => Session["account"]> {
    const session = this.#hooks.session();
    if (session === undefined) throw new ClientError("server_unreachable");
    return session.account;
  }
}
