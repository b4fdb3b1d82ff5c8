/**
 * Our own engine as a contender, by provider and suite.
 */
import {
  basicCredential,
  createCommit,
  createGroup,
  createIdentity,
  createKeyPackage,
  type CryptoProvider,
  type GroupState,
  type Identity,
  joinGroup,
  type KeyPackage,
  type MlsContext,
  type Outcome,
  type OwnKeyPackage,
  receiveMessage,
  sealMessage,
} from "@sotto/mls";
import type { Contender } from "./lib/contender.ts";
import { mlsContender } from "./lib/engine.ts";

type Member = { readonly identity: Identity; readonly keyPackages: OwnKeyPackage[]; state: GroupState | undefined };

export function must<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(outcome.code);
  return outcome.value;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}

function contextOf(provider: CryptoProvider): MlsContext {
  return { crypto: provider, random: randomBytes, now: Math.floor(Date.now() / 1000), policy: { authenticate: () => "accept" } };
}

function stateOf(member: Member): GroupState {
  if (member.state === undefined) throw new Error("not in a group");
  return member.state;
}

export type OwnContender = { readonly name: string; readonly provider: CryptoProvider; readonly suiteId: number };

export function ownContender({ name, provider, suiteId }: OwnContender): Contender {
  const context = contextOf(provider);
  return mlsContender<Member, KeyPackage, Uint8Array, Uint8Array>({
    name,
    joinsAgain: true,
    newMember: (who) => ({
      identity: must(createIdentity({ suiteId, credential: basicCredential(bytes(who)) }, context)),
      keyPackages: [],
      state: undefined,
    }),
    keyPackage: (member) => {
      const own = must(createKeyPackage({ suiteId, identity: member.identity }, context));
      member.keyPackages[0] = own;
      return own.keyPackage;
    },
    create: (member, groupId) => {
      member.state = must(createGroup({ suiteId, identity: member.identity, groupId: bytes(groupId) }, context));
    },
    add: (member, keyPackages) => {
      const proposals = keyPackages.map((keyPackage) => ({ kind: "add" as const, keyPackage }));
      const result = must(createCommit(stateOf(member), { proposals }, context));
      member.state = result.next;
      if (result.welcome === undefined) throw new Error("no welcome");
      return result.welcome;
    },
    join: (member, welcome) => {
      member.state = must(joinGroup({ welcome, keyPackages: member.keyPackages }, context)).state;
    },
    update: (member) => {
      const result = must(createCommit(stateOf(member), {}, context));
      member.state = result.next;
      return result.message;
    },
    process: (member, message) => {
      member.state = must(receiveMessage(stateOf(member), message, context)).state;
    },
    encrypt: (member, data) => {
      const sealed = must(sealMessage(stateOf(member), { data }, context));
      member.state = sealed.state;
      return sealed.message;
    },
    decrypt: (member, message) => {
      const received = must(receiveMessage(stateOf(member), message, context));
      member.state = received.state;
      if (received.kind !== "application") throw new Error("not an application message");
      return received.data;
    },
    size: (message) => message.length,
  });
}

/** Groups of n, made by one commit, of the founder and the last member. Who is between them never speaks. */
export class OwnGroups {
  readonly context: MlsContext;
  readonly #suiteId: number;
  readonly #fillers: KeyPackage[] = [];

  constructor({ provider, suiteId }: Omit<OwnContender, "name">) {
    this.context = contextOf(provider);
    this.#suiteId = suiteId;
  }

  #identity(name: string): Identity {
    return must(createIdentity({ suiteId: this.#suiteId, credential: basicCredential(bytes(name)) }, this.context));
  }

  #keyPackage(name: string): OwnKeyPackage {
    return must(createKeyPackage({ suiteId: this.#suiteId, identity: this.#identity(name) }, this.context));
  }

  of(n: number): { readonly founder: GroupState; readonly reader: GroupState } {
    const [suiteId, context] = [this.#suiteId, this.context];
    while (this.#fillers.length < n - 2) this.#fillers.push(this.#keyPackage(`filler ${String(this.#fillers.length)}`).keyPackage);
    const own = this.#keyPackage("reader");
    const proposals = [...this.#fillers.slice(0, n - 2), own.keyPackage].map((keyPackage) => ({ kind: "add" as const, keyPackage }));
    const first = must(createGroup({ suiteId, identity: this.#identity("founder"), groupId: bytes(`group of ${String(n)}`) }, context));
    const { next, welcome } = must(createCommit(first, { proposals }, context));
    if (welcome === undefined) throw new Error("no welcome");
    return { founder: next, reader: must(joinGroup({ welcome, keyPackages: [own] }, context)).state };
  }
}
