/**
 * Joining by an external commit (RFC 9420 §12.4.3.2; spec/groups.md §External joins): a device that its account's other device let in, or one
 * that lost its state and takes the place of its former leaf. The commit is wrapped, since it names the account.
 */
import { createExternalCommit, decodeMlsMessage } from "@sotto/mls";
import { type AppendRequest, entryId, NO_TAG, toId } from "@sotto/protocol";
import { epochHashes } from "../capabilities.ts";
import type { GroupContext } from "../context.ts";
import { sameAddress } from "../identity/credential.ts";
import type { OwnDevice } from "../identity/device.ts";
import { type CoreOutcome, done, failed, fromMls } from "../outcome.ts";
import type { Conversation } from "./conversation.ts";
import { groupExtensions, sameExtensions } from "./group-extensions.ts";
import type { JoinInfo } from "./join-info.ts";
import { mlsIdentity } from "./key-packages.ts";
import { memberDevices } from "./members.ts";
import { callMls } from "./mls-context.ts";
import { judgeCommit } from "./rules.ts";
import { wrapHandshake } from "./wrapped-handshake.ts";

const ENTRY_ID_BYTES = 16;

export type ExternalJoin = { readonly next: Conversation; readonly request: AppendRequest };

/** `next` counts once the log has accepted the request; after a conflict ask for newer join info. */
export function joinExternally(self: OwnDevice, info: JoinInfo, context: GroupContext): CoreOutcome<ExternalJoin> {
  const decoded = decodeMlsMessage(info.groupInfo);
  if (!decoded.ok) return fromMls(decoded);
  if (decoded.value.kind !== "groupInfo") return failed("join_info_invalid");
  const { groupContext } = decoded.value.groupInfo;
  const isBound = sameExtensions(groupContext.extensions, groupExtensions(info.kind, info.group));
  if (!isBound || Number(groupContext.epoch) !== info.tokens.epoch) return failed("conversation_mismatch");
  const resync = info.formerLeaf === undefined ? {} : { resync: info.formerLeaf };
  const options = { groupInfo: info.groupInfo, ratchetTree: info.ratchetTree, identity: mlsIdentity(self), ...resync };
  // As members do: a device that was removed since may still be in the tree.
  const made = callMls(context, "received", (on) => createExternalCommit(options, on));
  if (!made.ok) return made;
  const next: Conversation = { log: info.log, kind: info.kind, mls: made.value.next, group: info.group };
  const allowed = isAllowed(self, next, info.formerLeaf !== undefined);
  if (!allowed.ok) return allowed;
  const hashes = epochHashes(next, context);
  if (!hashes.ok) return hashes;
  const body = wrapHandshake(made.value.message, { log: info.log, key: info.handshakeKey }, context);
  const id = toId(entryId, context.random(ENTRY_ID_BYTES));
  const { epoch, write: token } = info.tokens;
  return done({ next, request: { log: info.log, epoch, token, entryId: id, kind: "handshake", tag: NO_TAG, body, next: hashes.value } });
}

/** What the members will say, so that a join they refuse is not sent. */
function isAllowed(self: OwnDevice, { kind, group, mls }: Conversation, hadLeaf: boolean): CoreOutcome<unknown> {
  const actor = { account: self.account, device: self.id };
  const others = memberDevices({ mls }).filter((member) => !sameAddress(member, actor));
  const former = hadLeaf ? [actor] : [];
  const deed = { actor, isExternal: true, adds: [], removes: former, leavers: [], changes: [] };
  return judgeCommit({ kind, group, members: [...others, ...former] }, deed);
}
