/**
 * Joining by an invitation (spec/groups.md §Joining): the Welcome, the ratchet tree, and the group state that the Welcome's GroupInfo carries.
 * The state must have the hash that stands in the GroupContext, and the inviter must be a device that its account has now: a stolen device
 * that was removed cannot start conversations any more.
 */
import { joinGroup } from "@sotto/mls";
import { decodeGroupState, idToText, type LogId } from "@sotto/protocol";
import type { GroupContext } from "../context.ts";
import type { DeviceAddress } from "../identity/credential.ts";
import type { OwnDevice } from "../identity/device.ts";
import { type CoreOutcome, done, failed } from "../outcome.ts";
import type { Conversation } from "./conversation.ts";
import { GROUP_STATE_EXTENSION, kindOf } from "./group-extensions.ts";
import type { StoredKeyPackage } from "./key-packages.ts";
import { memberAt, memberDevices } from "./members.ts";
import { callMls } from "./mls-context.ts";
import { fitsKind } from "./rules.ts";

export type Welcomed = { readonly log: LogId; readonly welcome: Uint8Array; readonly ratchetTree: Uint8Array };

export type JoinedConversation = {
  readonly conversation: Conversation;
  readonly inviter: DeviceAddress;
  /** Delete it with its keys, unless it is the one of last resort: then publish another and delete this one later. */
  readonly keyPackage: StoredKeyPackage;
};

/** Fails with `chain_needed` until the chains of all members are known. */
export function joinConversation(
  self: OwnDevice,
  from: Welcomed & { readonly keyPackages: readonly StoredKeyPackage[] },
  context: GroupContext,
): CoreOutcome<JoinedConversation> {
  const options = { welcome: from.welcome, ratchetTree: from.ratchetTree, keyPackages: from.keyPackages.map(({ own }) => own) };
  const joined = callMls(context, "received", (on) => joinGroup(options, on));
  if (!joined.ok) return joined;
  const { state: mls, inviter, groupInfoExtensions, keyPackage } = joined.value;
  const encoded = groupInfoExtensions.find(({ type }) => type === GROUP_STATE_EXTENSION);
  const group = encoded && decodeGroupState(encoded.data);
  if (group?.ok !== true) return failed("conversation_invalid");
  const kind = kindOf(mls.context.extensions, group.value);
  if (kind === undefined || !fitsKind(kind, memberDevices({ mls }), self.account)) return failed("conversation_mismatch");
  const by = memberAt(mls, inviter);
  if (by === undefined || context.chains(by.account)?.chain.devicesById.has(idToText(by.device)) !== true) return failed("chain_refused");
  const used = from.keyPackages.find(({ own }) => own === keyPackage);
  if (used === undefined) return failed("conversation_invalid");
  return done({ conversation: { log: from.log, kind, mls, group: group.value }, inviter: by, keyPackage: used });
}
