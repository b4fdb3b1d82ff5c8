/**
 * Which content a member may send (spec/groups.md §Posting). Words, polls and cards need the role that the policy asks for; reactions, votes,
 * receipts and taking back are for all members. Changes of the group state count only inside commits.
 */
import { type AccountId, type Body, isAllowed } from "@sotto/protocol";
import type { Conversation } from "../groups/conversation.ts";

export function isPostAllowed({ kind, group }: Conversation, account: AccountId, body: Body): boolean {
  switch (body.kind) {
    case "group":
      return false;
    case "text":
    case "poll":
    case "contact":
    case "unknown":
      return kind !== "group" || isAllowed(group, account, { kind: "post" });
    case "reaction":
    case "unreaction":
    case "deletion":
    case "status":
    case "typing":
    case "vote":
      return true;
  }
}
