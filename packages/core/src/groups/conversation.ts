/**
 * A conversation as one device sees it: its log, its MLS group, and the state that only members know (spec/groups.md).
 *
 *   direct   two people, all their devices; nobody else can come in; no roles
 *   group    roles and policy
 *   self     the devices of one account: settings, read marks, drafts, archive keys
 */
import type { GroupState as MlsState } from "@sotto/mls";
import { type AccountId, type GroupState, type LogId, newGroupState } from "@sotto/protocol";
import type { OwnDevice } from "../identity/device.ts";

export const CONVERSATION_KINDS = ["direct", "group", "self"] as const;
export type ConversationKind = (typeof CONVERSATION_KINDS)[number];

export type Conversation = {
  readonly log: LogId;
  readonly kind: ConversationKind;
  readonly mls: MlsState;
  /** Name, roles, policy, timer. A function of the epoch: every member has the same. */
  readonly group: GroupState;
};

export function epochOf({ mls }: Pick<Conversation, "mls">): number {
  return Number(mls.context.epoch);
}

export function isActive({ mls }: Pick<Conversation, "mls">): boolean {
  return mls.status === "active";
}

/** The state that a conversation starts with. Without an owner nobody can invite, remove or change roles. */
export function firstState(kind: ConversationKind, maker: AccountId, name: string): GroupState {
  const state = newGroupState(maker, name);
  if (kind === "group") return state;
  return { ...state, rolesById: new Map(), policy: { invite: "owner", remove: "owner", rename: "member", post: "member" } };
}

/** Who acts, in which conversation. */
export type Acting = { readonly conversation: Conversation; readonly self: OwnDevice };
