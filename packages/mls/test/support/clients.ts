/** Clients for tests: thin, throwing wrappers over the public functions, so that a scenario reads like a story. */
import {
  acceptAnyCredential,
  basicCredential,
  type CommitOptions,
  type CommitResult,
  createCommit,
  createGroup,
  createIdentity,
  createKeyPackage,
  type CryptoProvider,
  type GroupState,
  type Identity,
  joinGroup,
  type KeyPackageOptions,
  type MlsContext,
  type Outcome,
  type OwnKeyPackage,
  type Policy,
  type Received,
  receiveMessage,
  sealMessage,
} from "../../src/index.ts";
import { testRandom } from "./provider.ts";

export const NOW = 1_800_000_000;

/** The value of an outcome that a test expects to be good. */
export function must<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`unexpected failure: ${outcome.code}`);
  return outcome.value;
}

/** The code of an outcome that a test expects to fail; "ok" otherwise. */
export function codeOf(outcome: Outcome<unknown>): string {
  return outcome.ok ? "ok" : outcome.code;
}

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

export function contextFor(crypto: CryptoProvider, seed: string | number, policy?: Partial<Policy>): MlsContext {
  return { crypto, random: testRandom(seed), now: NOW, policy: { authenticate: acceptAnyCredential, ...policy } };
}

export type Client = { readonly name: string; readonly suiteId: number; readonly identity: Identity; readonly context: MlsContext };

export function createClient(crypto: CryptoProvider, name: string, options: { suiteId: number; policy?: Partial<Policy> }): Client {
  const context = contextFor(crypto, name, options.policy);
  const identity = must(createIdentity({ suiteId: options.suiteId, credential: basicCredential(text(name)) }, context));
  return { name, suiteId: options.suiteId, identity, context };
}

export function keyPackageOf(client: Client, options: Partial<KeyPackageOptions> = {}): OwnKeyPackage {
  return must(createKeyPackage({ suiteId: client.suiteId, identity: client.identity, ...options }, client.context));
}

export function groupOf(client: Client, options: Partial<Parameters<typeof createGroup>[0]> = {}): GroupState {
  return must(createGroup({ suiteId: client.suiteId, identity: client.identity, groupId: text("group"), ...options }, client.context));
}

/** One client's place in a group. */
export type Seat = { readonly client: Client; state: GroupState };

/** Processes one message at every seat and returns what each received. */
export function deliver(seats: readonly Seat[], message: Uint8Array): Received[] {
  return seats.map((seat) => {
    const received = must(receiveMessage(seat.state, message, seat.client.context));
    seat.state = received.state;
    return received;
  });
}

/** Commits at one seat, keeps the new state there, and delivers to the others. */
export function commitAndDeliver(seat: Seat, others: readonly Seat[], options: CommitOptions = {}): CommitResult {
  const result = must(createCommit(seat.state, options, seat.client.context));
  seat.state = result.next;
  deliver(others, result.message);
  return result;
}

export type SeatOptions = Partial<Parameters<typeof createGroup>[0]> & {
  /** How many of those who are added really join (default all). */
  readonly joining?: number;
};

/** A group of all clients, made by the first. */
export function seatAll(clients: readonly Client[], options: SeatOptions = {}): Seat[] {
  const [creator, ...rest] = clients;
  if (creator === undefined) return [];
  const first: Seat = { client: creator, state: groupOf(creator, options) };
  if (rest.length === 0) return [first];
  const packages = rest.map((client) => keyPackageOf(client));
  const proposals = packages.map(({ keyPackage }) => ({ kind: "add" as const, keyPackage }));
  const result = must(createCommit(first.state, { proposals }, creator.context));
  first.state = result.next;
  const welcome = result.welcome ?? new Uint8Array(0);
  const joined = rest.slice(0, options.joining).map((client, i): Seat => {
    const keyPackages = packages.slice(i, i + 1);
    return { client, state: must(joinGroup({ welcome, keyPackages }, client.context)).state };
  });
  return [first, ...joined];
}

/** Seals at one seat; the seat keeps the moved ratchet. */
export function say(seat: Seat, data: string): Uint8Array {
  const sealed = must(sealMessage(seat.state, { data: text(data) }, seat.client.context));
  seat.state = sealed.state;
  return sealed.message;
}
