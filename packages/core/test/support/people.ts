/** People with devices for stories: thin, throwing wrappers over core, each device with its place in one or more conversations. */
import {
  addDevice,
  adoptCommit,
  type ChainLookup,
  type CommitPlan,
  type Conversation,
  type ConversationKind,
  createAccount,
  createConversation,
  createDeviceKeys,
  deviceSigner,
  epochOf,
  epochTokens,
  type GroupContext,
  type Invitation,
  type Invitee,
  isCommitDue,
  joinConversation,
  makeKeyPackage,
  type NewAccount,
  type Opened,
  openEntry,
  type OwnDevice,
  revokeDevice,
  sealContent,
  type SignedEntry,
  stageCommit,
  type StagedCommit,
  type StoredKeyPackage,
} from "@sotto/core";
import {
  type AccountId,
  accountIdToText,
  type Body,
  type ChainState,
  encodeRequest,
  type Entry,
  idToText,
  type LogId,
  plainContent,
} from "@sotto/protocol";
import { contextFor, crypto, must, NOW, testRandom } from "./provider.ts";
import { TestServer } from "./server.ts";

/** One device's place in a conversation. */
export type Seat = {
  readonly device: Device;
  conversation: Conversation;
  cursor: number;
  readonly heard: Opened[];
  readonly own: Map<string, Conversation>;
};

export class World {
  readonly server = new TestServer();
  readonly chains = new Map<string, ChainState>();
  readonly lookup: ChainLookup = (account) => {
    const chain = this.chains.get(accountIdToText(account));
    return chain && { chain, isFresh: true };
  };
}

export class Device {
  readonly name: string;
  readonly own: OwnDevice;
  readonly world: World;
  readonly random: (length: number) => Uint8Array;
  readonly keyPackages: StoredKeyPackage[] = [];

  constructor(world: World, name: string, own: OwnDevice) {
    this.world = world;
    this.name = name;
    this.own = own;
    this.random = testRandom(`device ${name}`);
  }

  get context(): GroupContext {
    return { crypto, random: this.random, now: NOW, chains: this.world.lookup };
  }

  /** A fresh key package, as the server would hand it out. */
  invitee(): Invitee {
    const made = must(makeKeyPackage(this.own, { lastResort: false }, this.context));
    this.keyPackages.push(made);
    return { account: this.own.account, device: this.own.id, keyPackage: made.message };
  }

  start(kind: ConversationKind, others: readonly Device[], name = ""): Seat[] {
    const made = must(createConversation(this.own, { kind, name, invitees: others.map((other) => other.invitee()) }, this.context));
    this.world.server.create(made.create);
    const seat = seatOf(this, made.conversation, 1);
    return [seat, ...others.map((other) => other.join(made, made.conversation.log, 1))];
  }

  join(made: { invitations: readonly Invitation[]; ratchetTree: Uint8Array }, log: LogId, firstSeq: number): Seat {
    const invitation = made.invitations.find(({ to }) => idToText(to.device) === idToText(this.own.id));
    if (invitation === undefined) throw new Error(`${this.name} is not invited`);
    const from = { log, welcome: invitation.welcome, ratchetTree: made.ratchetTree, keyPackages: this.keyPackages };
    return seatOf(this, must(joinConversation(this.own, from, this.context)).conversation, firstSeq);
  }
}

export function seatOf(device: Device, conversation: Conversation, cursor: number): Seat {
  return { device, conversation, cursor, heard: [], own: new Map() };
}

export class Person {
  readonly world: World;
  readonly name: string;
  readonly made: NewAccount;
  readonly devices: Device[] = [];
  /** The identity chain as the server has it. */
  readonly entries: Uint8Array[];

  constructor(world: World, name: string, deviceCount = 2) {
    this.world = world;
    this.name = name;
    this.made = must(createAccount(contextFor(`account ${name}`)));
    this.entries = [this.made.genesis];
    this.chain = this.made.chain;
    this.devices.push(new Device(world, `${name} 0`, this.made.device));
    while (this.devices.length < deviceCount) this.addDevice();
  }

  get account(): AccountId {
    return this.made.account;
  }

  get chain(): ChainState {
    const chain = this.world.chains.get(accountIdToText(this.account));
    if (chain === undefined) throw new Error("no chain");
    return chain;
  }

  set chain(chain: ChainState) {
    this.world.chains.set(accountIdToText(this.account), chain);
  }

  get phone(): Device {
    return this.#device(0);
  }

  get laptop(): Device {
    return this.#device(1);
  }

  #device(index: number): Device {
    const device = this.devices[index];
    if (device === undefined) throw new Error("no such device");
    return device;
  }

  addDevice(): Device {
    const name = `${this.name} ${this.devices.length}`;
    const context = contextFor(`device keys ${name}`);
    const newcomer = createDeviceKeys(context);
    this.#extend(must(addDevice(this.chain, { signer: deviceSigner(this.phone.own), newcomer }, context)));
    const device = new Device(this.world, name, { ...newcomer, account: this.account });
    this.devices.push(device);
    return device;
  }

  revoke(device: Device, by = this.phone): void {
    const signer = deviceSigner(by.own);
    this.#extend(must(revokeDevice(this.chain, { signer, deviceId: device.own.id }, by.context)));
  }

  #extend({ entry, chain }: SignedEntry): void {
    this.entries.push(entry);
    this.chain = chain;
  }
}

export const text = (words: string): Body => ({ kind: "text", text: words, format: "markdown", attachments: [] });

/** Reads everything that this seat may read, epoch by epoch, as a client does. */
export function catchUp(seat: Seat): Opened[] {
  const { world, context } = seat.device;
  const heard: Opened[] = [];
  for (;;) {
    if (seat.conversation.mls.status !== "active") return heard;
    const { epoch, read } = must(epochTokens(seat.conversation, context));
    const entries = world.server.read(seat.conversation.log, { epoch, token: read, from: seat.cursor });
    if (entries === "capability_invalid") throw new Error("capability_invalid");
    if (entries.length === 0) return heard;
    for (const entry of entries) heard.push(...take(seat, entry));
    if (epochOf(seat.conversation) === epoch) return heard;
  }
}

function take(seat: Seat, entry: Entry): Opened[] {
  seat.cursor = entry.seq + 1;
  const own = seat.own.get(idToText(entry.entryId));
  if (own !== undefined) {
    if (entry.kind === "handshake") seat.conversation = must(adoptCommit(seat.conversation, own));
    return [];
  }
  const opened = must(openEntry(seat.conversation, entry, seat.device.context));
  seat.conversation = opened.conversation;
  seat.heard.push(opened);
  return [opened];
}

export function say(seat: Seat, words: string): void {
  post(seat, text(words));
}

function post(seat: Seat, body: Body): void {
  catchUp(seat);
  if (isCommitDue(seat.conversation)) commit(seat, {});
  const { salt: _, ...draft } = plainContent(new Uint8Array(16), body);
  const sealed = must(sealContent({ conversation: seat.conversation, self: seat.device.own }, draft, seat.device.context));
  seat.conversation = sealed.current;
  seat.own.set(idToText(sealed.request.entryId), sealed.current);
  encodeRequest(1, "log.append", sealed.request);
  const result = seat.device.world.server.append(sealed.request);
  if (result === "capability_invalid" || result.outcome !== "appended") throw new Error("not appended");
}

/** Commits at one seat and lets the log accept it. */
export function commit(seat: Seat, plan: CommitPlan): StagedCommit & { readonly firstSeq: number } {
  catchUp(seat);
  const staged = must(stageCommit({ conversation: seat.conversation, self: seat.device.own }, plan, seat.device.context));
  seat.conversation = staged.current;
  seat.own.set(idToText(staged.request.entryId), staged.next);
  const result = seat.device.world.server.append(staged.request);
  if (result === "capability_invalid" || result.outcome !== "appended") throw new Error("not appended");
  catchUp(seat);
  return { ...staged, firstSeq: result.seq + 1 };
}

export function add(seat: Seat, ...devices: Device[]): Seat[] {
  const staged = commit(seat, { adds: devices.map((device) => device.invitee()) });
  return devices.map((device) => device.join(staged, seat.conversation.log, staged.firstSeq));
}

export const addressOf = ({ own }: Device): { account: AccountId; device: OwnDevice["id"] } => ({ account: own.account, device: own.id });

/** What a seat has heard, as words. */
export function wordsAt(seat: Seat): string[] {
  catchUp(seat);
  return seat.heard.flatMap((opened) =>
    opened.kind === "message" && opened.content.body.kind === "text" ? [opened.content.body.text] : [],
  );
}
