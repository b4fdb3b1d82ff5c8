/** Groups whose members differ in what they support. */
import { type Capabilities, createCommit, type CreateGroupOptions, joinGroup, SUITE } from "../../src/index.ts";
import { createClient, groupOf, keyPackageOf, must, type Seat, text } from "../support/clients.ts";
import { testProvider } from "../support/provider.ts";

export type Person = { readonly name: string; readonly capabilities?: Partial<Capabilities> };

const optionsOf = ({ capabilities }: Person): { readonly capabilities?: Partial<Capabilities> } => (capabilities ? { capabilities } : {});

/** The first makes the group and adds the others. */
export async function seatAble(people: readonly Person[], group: Partial<CreateGroupOptions> = {}): Promise<Seat[]> {
  const crypto = await testProvider();
  const [first, ...rest] = people.map((person) => ({ person, client: createClient(crypto, person.name, { suiteId: SUITE.x25519Aes128 }) }));
  if (first === undefined) return [];
  const state = groupOf(first.client, { ...optionsOf(first.person), ...group });
  const joining = rest.map(({ person, client }) => ({ client, own: keyPackageOf(client, optionsOf(person)) }));
  const proposals = joining.map(({ own }) => ({ kind: "add" as const, keyPackage: own.keyPackage }));
  const { next, welcome = text("") } = must(createCommit(state, { proposals }, first.client.context));
  const seats = joining.map(({ client, own }): Seat => ({
    client,
    state: must(joinGroup({ welcome, keyPackages: [own] }, client.context)).state,
  }));
  return [{ client: first.client, state: next }, ...seats];
}
