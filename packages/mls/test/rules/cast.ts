/** The people in the tests of rules: Ada breaks the rule, Bob is the one who has to notice, Cyn and Dan make the tree larger. */
import { expect } from "vitest";
import {
  type CipherSuite,
  type CryptoProvider,
  type GroupState,
  type MlsContext,
  type Policy,
  receiveMessage,
  SUITE,
} from "../../src/index.ts";
import { type Client, codeOf, commitAndDeliver, createClient, type Seat, seatAll } from "../support/clients.ts";
import { testProvider } from "../support/provider.ts";
import type { Forger } from "./forge.ts";

export type Cast = {
  readonly crypto: CryptoProvider;
  readonly seats: readonly Seat[];
  readonly ada: Seat;
  readonly bob: Seat;
  readonly cyn: Seat;
};

/** Credentials are not what these tests are about, unless they say so. */
const TRUSTING: Partial<Policy> = { authenticate: () => "accept" };

export type CastOptions = {
  readonly names?: readonly string[];
  readonly policy?: Partial<Policy>;
  readonly group?: Parameters<typeof seatAll>[1];
  /** Everybody commits once, so that no parent node is blank (default false). */
  readonly full?: boolean;
};

export function at(seats: readonly Seat[], index: number): Seat {
  const seat = seats[index];
  if (seat === undefined) throw new Error(`no seat ${index}`);
  return seat;
}

export function fillTree(seats: readonly Seat[]): void {
  for (const seat of seats) {
    commitAndDeliver(
      seat,
      seats.filter((other) => other !== seat),
    );
  }
}

export async function cast(options: CastOptions = {}): Promise<Cast> {
  const crypto = await testProvider();
  const names = options.names ?? ["ada", "bob", "cyn"];
  const policy = { ...TRUSTING, ...options.policy };
  const seats = seatAll(
    names.map((name) => createClient(crypto, name, { suiteId: SUITE.x25519Aes128, policy })),
    options.group,
  );
  if (options.full === true) fillTree(seats);
  return { crypto, seats, ada: at(seats, 0), bob: at(seats, 1), cyn: at(seats, 2) };
}

/** A client's context with another policy laid over its own. */
export function under(client: Client, policy: Partial<Policy> = {}): MlsContext {
  return { ...client.context, policy: { ...client.context.policy, ...policy } };
}

/** The suite of all tests here. */
export function suiteIn(crypto: CryptoProvider): CipherSuite {
  const suite = crypto.suite(SUITE.x25519Aes128);
  if (suite === undefined) throw new Error("no suite");
  return suite;
}

/** A client outside the group. */
export function stranger(crypto: CryptoProvider, name = "eve"): Client {
  return createClient(crypto, name, { suiteId: SUITE.x25519Aes128, policy: TRUSTING });
}

export function forger(seat: Seat): Forger {
  return { state: seat.state, context: seat.client.context };
}

/** An outsider who forges an external commit into the group of `seat`. */
export function joiner(seat: Seat, client: Client): Forger {
  return { state: seat.state, context: client.context, joiner: client.identity };
}

/** What `seat` says to a message: a code, or "ok"; the seat keeps its state. */
export function verdict(seat: Seat, message: Uint8Array, policy?: Partial<Policy>): string {
  return codeOf(receiveMessage(seat.state, message, under(seat.client, policy)));
}

/** Expects that the seat takes the message, and returns the state after it. */
export function accepted(seat: Seat, message: Uint8Array): GroupState {
  const outcome = receiveMessage(seat.state, message, seat.client.context);
  expect(codeOf(outcome)).toBe("ok");
  if (!outcome.ok) throw new Error(outcome.code);
  return outcome.value.state;
}

/** Hands a pending proposal to a seat, which keeps it. */
export function hand(seat: Seat, message: Uint8Array): void {
  seat.state = accepted(seat, message);
}
