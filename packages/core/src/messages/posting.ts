/**
 * Which content a member may send (spec/groups.md §Posting). Words, polls and cards need the role that the policy asks for; reactions, votes,
 * receipts and taking back are for all members. Changes of the group state count only inside commits.
 */
import { type AccountId, type Body, isAllowed } from "@sotto/protocol";
import type { Conversation } from "../groups/conversation.ts";

export function isPostAllowed({ kind, group }: Conversation, account: AccountId, body: Pick<Body, "kind">): boolean {
  if (body.kind === "group") return false;
  return !needsPostRole(body) || kind !== "group" || isAllowed(group, account, { kind: "post" });
}

/** Whether the policy of a group decides who may send it. */
export function needsPostRole({ kind }: Pick<Body, "kind">): boolean {
  switch (kind) {
    case "text":
    case "poll":
    case "contact":
    case "unknown":
      return true;
    case "reaction":
    case "unreaction":
    case "deletion":
    case "status":
    case "typing":
    case "vote":
    case "group":
      return false;
  }
}
