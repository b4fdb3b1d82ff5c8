/**
 * A received commit, once MLS accepted it: whether its author may do what it does, and the conversation after it (spec/groups.md §Rules). The
 * engine's state is dropped with a refused commit, so nothing has changed then.
 */
import type { EpochChange, GroupState as MlsState } from "@sotto/mls";
import type { GroupChange } from "@sotto/protocol";
import type { CoreContext } from "../context.ts";
import { type DeviceAddress, leafAddress } from "../identity/credential.ts";
import { type CoreOutcome, done, failed } from "../outcome.ts";
import type { Conversation } from "./conversation.ts";
import { decodeCommitData } from "./group-change-item.ts";
import { groupExtensions, sameExtensions } from "./group-extensions.ts";
import { memberAt, memberDevices } from "./members.ts";
import { type Deed, judgeCommit } from "./rules.ts";

/** What a commit did, for the people who read along. */
export type ConversationChange = {
  readonly by: DeviceAddress;
  readonly added: readonly DeviceAddress[];
  /** By the committer. */
  readonly removed: readonly DeviceAddress[];
  /** On their own wish. */
  readonly left: readonly DeviceAddress[];
  readonly changes: readonly GroupChange[];
  readonly isExternal: boolean;
  /** This device is out: it can read nothing that follows. */
  readonly isOut: boolean;
};

export type MlsCommit = { readonly state: MlsState; readonly change: EpochChange; readonly authenticatedData: Uint8Array };
export type AppliedCommit = { readonly conversation: Conversation; readonly change: ConversationChange };

type Addresses = { readonly adds: DeviceAddress[]; readonly removes: DeviceAddress[]; readonly leavers: DeviceAddress[] };

/** Undefined if a leaf has no address, which authentication rules out. */
function addressesOf(before: MlsState, { proposals }: EpochChange): Addresses | undefined {
  const found: Addresses = { adds: [], removes: [], leavers: [] };
  for (const { proposal, sender } of proposals) {
    let address: DeviceAddress | undefined;
    if (proposal.kind === "add") {
      address = leafAddress(proposal.keyPackage.leafNode);
      if (address !== undefined) found.adds.push(address);
    } else if (proposal.kind === "remove") {
      address = memberAt(before, proposal.removed);
      if (address !== undefined) found.removes.push(address);
    } else if (proposal.kind === "selfRemove") {
      address = sender.kind === "member" ? memberAt(before, sender.leafIndex) : undefined;
      if (address !== undefined) found.leavers.push(address);
    } else {
      continue;
    }
    if (address === undefined) return undefined;
  }
  return found;
}

function committerOf(before: MlsState, commit: MlsCommit): DeviceAddress | undefined {
  return commit.change.external ? memberAt(commit.state, commit.change.committer) : memberAt(before, commit.change.committer);
}

/** The extensions that the commit leaves behind; from its proposals, since one who is removed does not see the new GroupContext. */
function extensionsAfter(before: MlsState, { proposals }: EpochChange): MlsState["context"]["extensions"] {
  for (const { proposal } of proposals) if (proposal.kind === "groupContextExtensions") return proposal.extensions;
  return before.context.extensions;
}

export function applyCommit(conversation: Conversation, commit: MlsCommit, context: CoreContext): CoreOutcome<AppliedCommit> {
  const { mls, kind, group } = conversation;
  const by = committerOf(mls, commit);
  const addresses = addressesOf(mls, commit.change);
  if (by === undefined || addresses === undefined) return failed("group_forbidden");
  const changes = decodeCommitData(mls, commit.authenticatedData, context);
  if (!changes.ok) return changes;
  const deed: Deed = { actor: by, isExternal: commit.change.external, ...addresses, changes: changes.value };
  const after = judgeCommit({ kind, group, members: memberDevices(conversation) }, deed);
  if (!after.ok) return after;
  const isBound = sameExtensions(extensionsAfter(mls, commit.change), groupExtensions(kind, after.value));
  if (!isBound) return failed("conversation_mismatch");
  const change: ConversationChange = {
    by,
    added: addresses.adds,
    removed: addresses.removes,
    left: addresses.leavers,
    changes: changes.value,
    isExternal: commit.change.external,
    isOut: commit.change.selfRemoved,
  };
  return done({ conversation: { ...conversation, mls: commit.state, group: after.value }, change });
}
