/**
 * Login (spec/identity.md §Login). The server's hello on an account connection has a fresh nonce; the device signs
 *
 *   labelled("login v1", CBOR [ version 1, origin, nonce (32 bytes), accountId, deviceId ])
 *
 * `origin` is the server as the client addressed it ("https://host:port"), so that another server cannot pass the challenge on.
 */
import { encodeCbor } from "../codec/cbor.ts";
import { labelled } from "../hashing.ts";
import type { AccountId, DeviceId } from "../ids.ts";

export const LOGIN_NONCE_BYTES = 32;

export type LoginFacts = {
  readonly origin: string;
  readonly nonce: Uint8Array;
  readonly account: AccountId;
  readonly device: DeviceId;
};

export function loginBytes({ origin, nonce, account, device }: LoginFacts): Uint8Array {
  return labelled("login v1", encodeCbor([1, origin, nonce, account, device]));
}
