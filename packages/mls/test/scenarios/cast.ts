/** The people of the scenarios, seated in one group. */
import {
  type CommitOptions,
  type CommitResult,
  createCommit,
  type GroupState,
  joinGroup,
  type MlsContext,
  type Policy,
  SUITE,
} from "../../src/index.ts";
import { type Client, createClient, deliver, must, type Seat, type SeatOptions, seatAll } from "../support/clients.ts";
import { testProvider } from "../support/provider.ts";

const SUITE_ID = SUITE.x25519Aes128;

export async function client(name: string, policy: Partial<Policy> = {}): Promise<Client> {
  return createClient(await testProvider(), name, { suiteId: SUITE_ID, policy });
}

export type Trio = { readonly ada: Seat; readonly bob: Seat; readonly cyn: Seat };

/** Ada, Bob and Cyn in a group that Ada made. */
export async function trio(options: { readonly policy?: Partial<Policy>; readonly group?: SeatOptions } = {}): Promise<Trio> {
  const clients = await Promise.all(["ada", "bob", "cyn"].map((name) => client(name, options.policy)));
  const [ada, bob, cyn] = seatAll(clients, options.group ?? {});
  if (ada === undefined || bob === undefined || cyn === undefined) throw new Error("three seats");
  return { ada, bob, cyn };
}

/** The same member with another policy. */
export function under(seat: { readonly client: Client }, policy: Partial<Policy>): MlsContext {
  const { context } = seat.client;
  return { ...context, policy: { ...context.policy, ...policy } };
}

/** Commits at one seat, which keeps `current`: nobody has accepted the commit yet. */
export function commit(seat: Seat, options: CommitOptions = {}): CommitResult {
  const result = must(createCommit(seat.state, options, seat.client.context));
  seat.state = result.current;
  return result;
}

/** The delivery service accepts a commit: its maker moves on, the others process it. */
export function accept(seat: Seat, result: CommitResult, others: readonly Seat[]): void {
  seat.state = result.next;
  deliver(others, result.message);
}

export function join(
  person: Client,
  options: Omit<Parameters<typeof joinGroup>[0], "welcome"> & { readonly welcome: Uint8Array | undefined },
): Seat {
  const { welcome = new Uint8Array(0), ...rest } = options;
  return { client: person, state: must(joinGroup({ ...rest, welcome }, person.context)).state };
}

/** Which epoch a state is in, in a way that only its members can know. */
export function epochOf(state: GroupState): string {
  return state.secrets.epochAuthenticator.join();
}
