/**
 * The world of one fuzzed life: people with their devices' engines, the group they are in, and what is on its way to whom.
 * The engine is an argument, so that mutated engines can be put among right ones.
 */
import {
  acceptAnyCredential,
  type CipherSuite,
  type CryptoProvider,
  type GroupState,
  type Identity,
  type MlsContext,
  type Outcome,
  type OwnKeyPackage,
  type PskId,
} from "../../src/index.ts";
import { toHex } from "../support/vectors.ts";
import { Dice } from "./dice.ts";
import { type KeyLedger, SeatingPlan, type Window } from "./model.ts";

export type Engine = typeof import("../../src/index.ts");

const NOW = 1_800_000_000;
/** Types that no standard knows and that every member here announces. */
export const CUSTOM = { extension: 0xff01, proposal: 0xf777 } as const;

export type Person = {
  readonly name: string;
  readonly engine: Engine;
  readonly context: MlsContext;
  readonly window: Window & { readonly pastEpochs: number };
  /** Pre-shared keys that only this person knows, by {@link pskName}. */
  readonly wallet: Map<string, Uint8Array>;
  /** For key packages from now on. */
  identity: Identity;
  suiteId: number;
  /** Key packages that were given out and that a Welcome may be for. */
  packages: OwnKeyPackage[];
  lastResort: OwnKeyPackage | undefined;
};

/** An application message and what opening it has to give. */
export type Sent = {
  readonly message: Uint8Array;
  readonly epoch: bigint;
  readonly leafIndex: number;
  readonly generation: number;
  readonly data: Uint8Array;
  readonly authenticatedData: Uint8Array;
};

export type Seat = {
  readonly person: Person;
  state: GroupState;
  late: Sent[];
  readonly ledgers: Map<string, KeyLedger>;
  /** Application messages sent in this epoch. */
  sentCount: number;
};

/** One who was removed: the state before, and the one that the commit gave. */
export type Gone = {
  readonly person: Person;
  readonly before: GroupState;
  readonly after: GroupState;
  readonly commit: Uint8Array;
};

/** Snapshot of a state that nobody may touch any more. */
export type Keepsake = { readonly what: string; readonly state: GroupState; readonly print: string };

export type Group = {
  readonly suite: CipherSuite;
  seats: Seat[];
  plan: SeatingPlan;
  gone: Gone[];
  /** Proposals that every seat has, by who made them. */
  pendingAdds: Set<string>;
  /** SelfRemove messages of this epoch. */
  selfRemoves: Uint8Array[];
  externalSenders: Identity[];
  closed: boolean;
};

export class World {
  readonly dice: Dice;
  readonly crypto: CryptoProvider;
  readonly engines: readonly Engine[];
  readonly sizeMax: number;
  readonly people: Person[] = [];
  readonly trace: string[] = [];
  readonly keepsakes: Keepsake[] = [];
  readonly psks = new Map<string, Uint8Array>();
  readonly seed: number;
  group: Group;
  #groups = 0;

  constructor(options: { seed: number; crypto: CryptoProvider; engines: readonly Engine[]; sizeMax: number; suiteId: number }) {
    this.seed = options.seed;
    this.dice = new Dice(options.seed);
    this.crypto = options.crypto;
    this.engines = options.engines;
    this.sizeMax = options.sizeMax;
    const founder = this.newPerson(options.suiteId);
    const groupExtensions = this.dice.chance(0.2) ? [{ type: CUSTOM.extension, data: this.dice.bytes(3) }] : [];
    const state = must(
      "create",
      founder.engine.createGroup({ ...this.leafOptions(founder), groupId: this.newGroupId(), groupExtensions }, founder.context),
    );
    this.group = this.newGroup([{ person: founder, state }]);
  }

  newGroup(members: readonly { readonly person: Person; readonly state: GroupState }[]): Group {
    const [first] = members;
    const suite = first && this.crypto.suite(first.state.context.suiteId);
    if (suite === undefined) throw new Error("a group has a member and a suite");
    return {
      suite,
      seats: members.map(({ person, state }) => this.newSeat(person, state)),
      plan: new SeatingPlan(members.map(({ person }) => person.name)),
      gone: [],
      pendingAdds: new Set(),
      selfRemoves: [],
      externalSenders: [],
      closed: false,
    };
  }

  newSeat(person: Person, state: GroupState): Seat {
    return { person, state, late: [], ledgers: new Map(), sentCount: 0 };
  }

  newGroupId(): Uint8Array {
    return Uint8Array.from([this.#groups++, ...this.dice.bytes(this.dice.between(0, 20))]);
  }

  newPerson(suiteId: number): Person {
    const { dice } = this;
    const name = `p${this.people.length}`;
    const engine = this.engines[this.people.length % this.engines.length];
    if (engine === undefined) throw new Error("at least one engine");
    const window = {
      forwardGenerations: dice.pick([6, 12, 1_000]),
      skippedKeys: dice.pick([0, 2, 5, 64]),
      pastEpochs: dice.pick([0, 1, 2, 5]),
    };
    const wallet = new Map<string, Uint8Array>();
    const padding = dice.pick([() => 0, (length: number) => (64 - (length % 64)) % 64, (length: number) => length % 7]);
    const random = new Dice(`${this.seed} ${name}`);
    const psk = (id: PskId): Uint8Array | undefined => (id.kind === "external" ? this.psks : wallet).get(pskName(id));
    const context: MlsContext = {
      crypto: this.crypto,
      random: (length) => random.bytes(length),
      now: NOW,
      policy: {
        ...window,
        psk,
        paddingBytes: padding,
        authenticate: acceptAnyCredential,
        sendBesideProposals: dice.chance(0.5),
        externalProposalTypes: [CUSTOM.proposal],
        pathlessProposalTypes: this.seed % 2 === 0 ? [CUSTOM.proposal] : [],
      },
    };
    const identity = this.newIdentity({ name, engine, context }, suiteId);
    const person = { name, engine, context, window, wallet, identity, suiteId, packages: [], lastResort: undefined };
    this.people.push(person);
    return person;
  }

  newIdentity(who: Pick<Person, "name" | "engine" | "context">, suiteId: number): Identity {
    const credential = who.engine.basicCredential(new TextEncoder().encode(who.name));
    return must("identity", who.engine.createIdentity({ suiteId, credential }, who.context));
  }

  /** What a leaf of this person says, in a key package, a new group or an external commit. */
  leafOptions(person: Person): Parameters<Engine["createKeyPackage"]>[0] {
    const capabilities = {
      extensions: [6, CUSTOM.extension],
      proposals: [person.engine.PROPOSAL.selfRemove, CUSTOM.proposal],
    };
    const leafExtensions = this.dice.chance(0.2) ? [{ type: CUSTOM.extension, data: this.dice.bytes(4) }] : [];
    return { suiteId: person.suiteId, identity: person.identity, capabilities, leafExtensions, grease: this.dice.chance(0.5) };
  }

  personAt(leafIndex: number): string {
    return this.group.plan.at(leafIndex) ?? "nobody";
  }

  seatOf(name: string): Seat | undefined {
    return this.group.seats.find((seat) => seat.person.name === name);
  }

  /** Who comes in by a commit with resumption PSKs has to be told them; members find them in their states. */
  tellPsks(person: Person): void {
    for (const [name, secret] of this.psks) if (name.startsWith("resumption")) person.wallet.set(name, secret);
  }

  note(text: string): void {
    this.trace.push(text);
  }
}

export function pskName(id: PskId): string {
  return id.kind === "external" ? `external ${toHex(id.id)}` : `resumption ${toHex(id.groupId)} ${id.epoch}`;
}

export function must<T>(what: string, outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${what} fails with ${outcome.code}`);
  return outcome.value;
}

export function mustFail(what: string, outcome: Outcome<unknown>, codes?: readonly string[]): void {
  if (outcome.ok) throw new Error(`${what} succeeds`);
  if (codes !== undefined && !codes.includes(outcome.code))
    throw new Error(`${what} fails with ${outcome.code}, not ${codes.join(" or ")}`);
}

export function same(what: string, actual: unknown, expected: unknown): void {
  const [a, b] = [actual, expected].map((value) => (value instanceof Uint8Array ? toHex(value) : String(value)));
  if (a !== b) throw new Error(`${what} differ: ${a?.slice(0, 200)} and ${b?.slice(0, 200)}`);
}

/** The identity that a member's present leaf shows. */
export function identityOf(state: GroupState): Identity {
  const leaf = state.tree.leaf(state.ownLeafIndex);
  if (leaf === undefined) throw new Error("a member has a leaf");
  return { credential: leaf.credential, signatureKeys: { publicKey: leaf.signatureKey, privateKey: state.signaturePrivateKey } };
}
