/** What a group's members may do, and changing it. Every wish is checked against the rules first, so that a person hears at once what is not allowed. */
import { type Conversation, type GroupChangeDraft, memberAccounts } from "@sotto/core";
import {
  type AccountId,
  accountIdToText,
  applyGroupChange,
  equalBytes,
  type GroupPolicy,
  isAllowed,
  type LogId,
  type Role,
  roleOf,
} from "@sotto/protocol";
import { ClientError } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import { needVisible } from "../send/visible.ts";
import { bytesIn, textIn } from "../store/statements.ts";
import type { Plan } from "./plan.ts";

export type GroupMember = { readonly account: AccountId; readonly username: string; readonly role: Role; readonly isOwn: boolean };

export type GroupInfo = {
  readonly name: string;
  readonly description: string;
  readonly policy: GroupPolicy;
  readonly timerSeconds: number;
  /** Owners first, then admins; by name. */
  readonly members: readonly GroupMember[];
};

export type MembershipWish = { readonly kind: "invite" | "remove"; readonly accounts: readonly AccountId[] };

const RANK: Readonly<Record<Role, number>> = { owner: 0, admin: 1, member: 2 };

export class Groups {
  readonly #engine: Engine;
  readonly #plan: (log: LogId, plan: Plan) => Promise<void>;

  constructor(engine: Engine, plan: (log: LogId, plan: Plan) => Promise<void>) {
    this.#engine = engine;
    this.#plan = plan;
  }

  async info(log: LogId): Promise<GroupInfo> {
    const conversation = await this.#engine.conversations.get(log);
    const { name, description, policy, timerSeconds } = conversation.group;
    return { name, description, policy, timerSeconds, members: await this.#members(conversation) };
  }

  setRole(log: LogId, account: AccountId, role: Role): Promise<void> {
    return this.#change(log, { kind: "role", account, role });
  }

  async setPolicy(log: LogId, policy: Partial<GroupPolicy>): Promise<void> {
    const { group } = await this.#engine.conversations.get(log);
    return this.#change(log, { kind: "policy", policy: { ...group.policy, ...policy } });
  }

  async setName(log: LogId, name: string): Promise<void> {
    needVisible(name);
    return this.#change(log, { kind: "name", name });
  }

  setDescription(log: LogId, description: string): Promise<void> {
    return this.#change(log, { kind: "description", description });
  }

  /** Messages from now on disappear so many seconds after they were read; 0 for never. */
  setTimer(log: LogId, timerSeconds: number): Promise<void> {
    return this.#change(log, { kind: "timer", timerSeconds });
  }

  async changeMembers(log: LogId, { kind, accounts }: MembershipWish): Promise<void> {
    const { kind: of, group, ...conversation } = await this.#engine.conversations.get(log);
    const present = new Set(memberAccounts(conversation).map(accountIdToText));
    if (of !== "group") throw new ClientError("group_forbidden");
    for (const account of accounts) {
      if (kind === "remove" && !present.has(accountIdToText(account))) throw new ClientError("member_unknown");
      const action = kind === "invite" ? { kind } : { kind, account };
      if (!isAllowed(group, this.#engine.me.account, action)) throw new ClientError("group_forbidden");
    }
    await this.#plan(log, { kind, accounts });
  }

  async #change(log: LogId, change: GroupChangeDraft): Promise<void> {
    const conversation = await this.#engine.conversations.get(log);
    const { group, kind } = conversation;
    if (kind !== "group" && change.kind !== "timer") throw new ClientError("group_forbidden");
    const isStranger = (account: AccountId): boolean => !memberAccounts(conversation).some((member) => equalBytes(member, account));
    if (change.kind === "role" && isStranger(change.account)) throw new ClientError("member_unknown");
    const changed = applyGroupChange(group, this.#engine.me.account, { ...change, revision: group.revision });
    if (!changed.ok) throw new ClientError(changed.code);
    await this.#plan(log, { kind: "change", change });
  }

  async #members(conversation: Conversation): Promise<GroupMember[]> {
    const rows = await this.#engine.ports.store.all("SELECT account, username FROM contacts WHERE username <> ''");
    const names = new Map(rows.map((row) => [bytesIn(row, "account").join(), textIn(row, "username")]));
    const { me } = this.#engine;
    const members = memberAccounts(conversation).map((account): GroupMember => {
      const isOwn = equalBytes(account, me.account);
      const username = isOwn ? me.username : (names.get(account.join()) ?? "");
      return { account, username, role: roleOf(conversation.group, account), isOwn };
    });
    return members.toSorted((a, b) => RANK[a.role] - RANK[b.role] || (a.username < b.username ? -1 : 1));
  }
}
