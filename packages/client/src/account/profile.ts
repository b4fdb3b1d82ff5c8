/**
 * Who this profile is: the account and the keys of this device, as kept in `settings`. A profile is written before the server hears of the
 * account, so a sign-up that was cut short goes on with the same keys.
 */
import { createAccount, type CoreContext, decodeDeviceKeys, encodeDeviceKeys, type OwnDevice, recoveryKeyToText } from "@sotto/core";
import { accountId, type AccountId, expectSuccess, parseAddress, toId, type Username } from "@sotto/protocol";
import { orThrow } from "../client-error.ts";
import type { Row, Statement, Store } from "../ports.ts";
import { keepMasterKey } from "./master-keys.ts";
import { setting } from "../store/statements.ts";

export type Profile = {
  readonly account: AccountId;
  readonly device: OwnDevice;
  readonly genesis: Uint8Array;
  readonly username: Username;
  readonly isRegistered: boolean;
  /** Given to people one talks to; with it they reach this inbox without being strangers. */
  readonly contactToken: Uint8Array;
};

const CONTACT_TOKEN_BYTES = 32;

export type NewProfile = { readonly profile: Profile; readonly statements: readonly Statement[] };

export function createProfile(username: Username, context: CoreContext): NewProfile {
  const made = orThrow(createAccount(context));
  const contactToken = context.random(CONTACT_TOKEN_BYTES);
  const profile: Profile = { ...made, username, isRegistered: false, contactToken };
  const statements = [
    ...profileStatements(profile),
    keepMasterKey(made.masterKey),
    setting("wrapped_key", made.wrappedKey),
    setting("recovery_text", recoveryKeyToText(made.recoveryKey)),
  ];
  return { profile, statements };
}

export function profileStatements({ account, device, genesis, contactToken, isRegistered, username }: Profile): Statement[] {
  return [
    setting("account", account),
    setting("device", encodeDeviceKeys(device)),
    setting("genesis", genesis),
    setting("contact_token", contactToken),
    setting("is_registered", isRegistered ? 1 : 0),
    setting("username", username),
  ];
}

export async function loadProfile(store: Store, context: CoreContext): Promise<Profile | undefined> {
  const rows: readonly Row[] = await store.all("SELECT key, value FROM settings");
  const values = new Map(rows.map(({ key, value }) => [key, value]));
  const [account, device, genesis, token, name] = ["account", "device", "genesis", "contact_token", "username"].map((key) =>
    values.get(key),
  );
  if (!(account instanceof Uint8Array) || !(device instanceof Uint8Array) || !(genesis instanceof Uint8Array)) return undefined;
  if (!(token instanceof Uint8Array) || typeof name !== "string") return undefined;
  const id = toId(accountId, account);
  const keys = orThrow(decodeDeviceKeys(device, context));
  return {
    account: id,
    device: { ...keys, account: id },
    genesis,
    username: expectSuccess(parseAddress(name)).username,
    isRegistered: values.get("is_registered") === 1,
    contactToken: token,
  };
}
