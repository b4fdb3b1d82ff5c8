/** A part of an identity chain, as its account or anybody else is given it. */
import { type AccountId, LIMITS } from "@sotto/protocol";
import type { Peer } from "../connection/peer.ts";
import type { AccountStore } from "./account-store.ts";

type Wanted = { readonly account: AccountId; readonly from: number };

/** Undefined if there is no such account. Read once the peer has room for the answer. */
export async function chainPartFor(
  peer: Peer,
  accounts: AccountStore,
  { account, from }: Wanted,
): Promise<{ entries: Uint8Array[]; length: number } | undefined> {
  const release = await peer.room(LIMITS.chainEntriesPerAnswerMax * LIMITS.chainEntryBytesMax);
  try {
    const part = await accounts.chain(account, { from, count: LIMITS.chainEntriesPerAnswerMax });
    return part && { entries: [...part.entries], length: part.length };
  } finally {
    release();
  }
}
