/** Who is in a conversation: leaves, their devices and accounts. */
import { type GroupState as MlsState, members as mlsMembers } from "@sotto/mls";
import { type AccountId, accountIdToText, equalBytes, idToText } from "@sotto/protocol";
import type { ChainLookup } from "../context.ts";
import { type DeviceAddress, leafAddress } from "../identity/credential.ts";
import type { Conversation } from "./conversation.ts";

export type MemberDevice = DeviceAddress & { readonly leafIndex: number };

/** Every leaf was authenticated when it came in, so each has an address. */
export function memberDevices({ mls }: Pick<Conversation, "mls">): MemberDevice[] {
  return mlsMembers(mls).flatMap(({ leafIndex, leaf }) => {
    const address = leafAddress(leaf);
    return address === undefined ? [] : [{ ...address, leafIndex }];
  });
}

export function memberAccounts(conversation: Pick<Conversation, "mls">): AccountId[] {
  return accountsOf(memberDevices(conversation));
}

export function accountsOf(devices: readonly DeviceAddress[]): AccountId[] {
  return [...new Map(devices.map(({ account }) => [accountIdToText(account), account])).values()];
}

export function devicesOf(conversation: Pick<Conversation, "mls">, account: AccountId): MemberDevice[] {
  return memberDevices(conversation).filter((device) => equalBytes(device.account, account));
}

export function memberAt(mls: MlsState, leafIndex: number): DeviceAddress | undefined {
  const leaf = mls.tree.leaf(leafIndex);
  return leaf && leafAddress(leaf);
}

/** Members whose devices their accounts have removed since: to be taken out, by their own other devices first of all. */
export function revokedMembers(conversation: Pick<Conversation, "mls">, chains: ChainLookup): MemberDevice[] {
  return memberDevices(conversation).filter(({ account, device }) => chains(account)?.chain.formerIds.has(idToText(device)) === true);
}

/** Devices that an account has and that are not in the conversation yet. */
export function missingDevices(conversation: Pick<Conversation, "mls">, account: AccountId, chains: ChainLookup): DeviceAddress[] {
  const present = new Set(devicesOf(conversation, account).map(({ device }) => idToText(device)));
  const listed = [...(chains(account)?.chain.devicesById.values() ?? [])];
  return listed.filter(({ id }) => !present.has(idToText(id))).map(({ id }) => ({ account, device: id }));
}
