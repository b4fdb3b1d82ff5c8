/**
 * Leaving (spec/groups.md §Leaving). A device leaves by a SelfRemove proposal, which any other member commits. A person leaves with all devices:
 * the one at hand first removes the others by a commit, and when that is in the log proposes its own removal.
 */
import { createProposal } from "@sotto/mls";
import { type AppendRequest, equalBytes, NO_TAG } from "@sotto/protocol";
import { exportEpochSecret } from "../capabilities.ts";
import type { GroupContext } from "../context.ts";
import { type CoreOutcome, done } from "../outcome.ts";
import { appendRequestFor } from "./append.ts";
import { stageCommit, type StagedCommit } from "./commit.ts";
import type { Acting, Conversation } from "./conversation.ts";
import { devicesOf } from "./members.ts";
import { callMls } from "./mls-context.ts";
import { HANDSHAKE_KEY, wrapHandshake } from "./wrapped-handshake.ts";

export type LeaveRequest = { readonly current: Conversation; readonly request: AppendRequest };
export type LeaveStep = ({ readonly step: "commit" } & StagedCommit) | ({ readonly step: "proposal" } & LeaveRequest);

/** Proposes that this device goes. Make it again if the epoch ended without it. */
export function proposeLeaving({ conversation }: Acting, context: GroupContext): CoreOutcome<LeaveRequest> {
  const key = exportEpochSecret(conversation.mls, HANDSHAKE_KEY, context);
  if (!key.ok) return key;
  const proposed = callMls(context, "own", (on) => createProposal(conversation.mls, { proposal: { kind: "selfRemove" } }, on));
  if (!proposed.ok) return proposed;
  const body = wrapHandshake(proposed.value.message, { log: conversation.log, key: key.value }, context);
  const request = appendRequestFor(conversation, { kind: "message", body, tag: NO_TAG }, context);
  return request.ok ? done({ current: { ...conversation, mls: proposed.value.state }, request: request.value }) : request;
}

/** The next step for a person to leave: "commit" first where other own devices are in, and once that is adopted "proposal". */
export function leaveConversation(acting: Acting, context: GroupContext): CoreOutcome<LeaveStep> {
  const { conversation, self } = acting;
  const others = devicesOf(conversation, self.account).filter(({ device }) => !equalBytes(device, self.id));
  if (others.length === 0) {
    const proposed = proposeLeaving(acting, context);
    return proposed.ok ? done({ step: "proposal", ...proposed.value }) : proposed;
  }
  const staged = stageCommit(acting, { removes: others }, context);
  return staged.ok ? done({ step: "commit", ...staged.value }) : staged;
}
