/**
 * Application messages, sending side (RFC 9420 §6.3, §15).
 */
import { attempt, check, type Outcome } from "../outcome.ts";
import { outgoingData } from "./authenticated-data.ts";
import { type MlsContext, suiteOf } from "./context.ts";
import { frame, signFramed } from "./framing.ts";
import { checkedMessage } from "../structs/mls-message.ts";
import { type GroupState, requireActive } from "./state.ts";
import { type Evidence, evidenceFor, presentKeys } from "./unframing.ts";

export type SealOptions = {
  readonly data: Uint8Array;
  /** Sent in clear and authenticated. In a group with Safe AAD it starts with the encoded items. */
  readonly authenticatedData?: Uint8Array;
};

export type Sealed = {
  /** Keep it before the message leaves: a key must not be used twice. */
  readonly state: GroupState;
  /** MLSMessage */
  readonly message: Uint8Array;
  /** As a receiver gets it with the message, for who wants to show what was sent. */
  readonly evidence: Evidence;
};

/** §12.4: proposals of others wait for a commit. Somebody who adds himself does not: nobody in the group asked for it. */
function isCommitDue(state: GroupState): boolean {
  return state.proposals.some(({ sender }) => {
    if (sender.kind === "member") return sender.leafIndex !== state.ownLeafIndex;
    return sender.kind === "external";
  });
}

/** Fails with `proposals_pending` while proposals of others wait for a commit, unless the policy allows it. */
export function sealMessage(state: GroupState, options: SealOptions, context: MlsContext): Outcome<Sealed> {
  return attempt(() => {
    requireActive(state);
    check(context.policy?.sendBesideProposals === true || !isCommitDue(state), "proposals_pending");
    const suite = suiteOf(context, state.context.suiteId);
    const framed = {
      groupId: state.context.groupId,
      epoch: state.context.epoch,
      sender: { kind: "member" as const, leafIndex: state.ownLeafIndex },
      authenticatedData: outgoingData(state.context.extensions, options.authenticatedData),
      content: { kind: "application" as const, data: options.data },
    };
    const by = { wireFormat: "privateMessage" as const, context: state.context, privateKey: state.signaturePrivateKey };
    const content = signFramed(suite, framed, by);
    const sealed = frame(suite, state, { content, context });
    return { state: sealed.state, message: checkedMessage(sealed.message), evidence: evidenceFor(content, presentKeys(state)) };
  });
}
