/**
 * Settings that all own devices share (spec/own-devices.md §Items), and what each does to the tables: on the device that changes it and on those that
 * hear of it.
 *
 *   blocked    account   true       messages and requests of this person are kept away
 *   muted      group      time       no notifications until then, in milliseconds since 1970
 *   pinned     group      true       at the top of the list
 *   archived   group      true       out of the list
 *   declined   group      true       a request that was taken away, with what it said
 *   draft      group      text       written and not sent
 *   draftReply group      message id what that answers
 *   receipts, typing     false      switched off
 *
 * A group is the MLS group of a conversation, which is the same on all devices; the log that names it here is not. `null` takes a setting back.
 */
import type { LogId, OwnItem, OwnSettingValue } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import type { Row, Statement } from "../ports.ts";
import { decodeSettingValue } from "../own/setting-value.ts";
import { bytesIn, sql, textIn } from "../store/statements.ts";

type Setting = Extract<OwnItem, { kind: "setting" }>;

const BLOCK =
  "INSERT INTO contacts (account, is_blocked) VALUES (?, ?) ON CONFLICT (account) DO UPDATE SET is_blocked = excluded.is_blocked";
const QUIET =
  "UPDATE messages SET receipt_due = NULL WHERE receipt_due IS NOT NULL AND log IN (SELECT log FROM conversations WHERE peer = ?)";
/** Groups are hidden while whoever invited to them is blocked, unless one has joined in. */
const INVITATIONS = "UPDATE conversations SET status = ? WHERE kind = 'group' AND status = ? AND inviter = ?";
/** Of a message id; anything else that an own device says is none. */
const ID_BYTES = 32;
const HERE = "(SELECT log FROM places WHERE group_id = ?)";
const UNDECLINE = `UPDATE conversations SET status = 'request' WHERE log = ${HERE} AND status = 'declined'`;
const DRAFT =
  "INSERT INTO drafts (log, text, updated_at) SELECT log, ?, 0 FROM places WHERE group_id = ? ON CONFLICT (log) DO UPDATE SET text = excluded.text";
const DRAFT_REPLY =
  "INSERT INTO drafts (log, text, reply_to, updated_at) SELECT log, '', ?, 0 FROM places WHERE group_id = ? ON CONFLICT (log) DO UPDATE SET reply_to = excluded.reply_to";

function blocking(account: Uint8Array, isBlocked: boolean): Statement[] {
  const [from, to] = isBlocked ? ["request", "blocked"] : ["blocked", "request"];
  return [sql(BLOCK, account, isBlocked ? 1 : 0), ...(isBlocked ? [sql(QUIET, account)] : []), sql(INVITATIONS, to, from, account)];
}

/** Words and what they answer come in either order; with neither there is no draft. */
function drafting(change: Statement, group: Uint8Array): Statement[] {
  return [change, sql(`DELETE FROM drafts WHERE log = ${HERE} AND text = '' AND reply_to IS NULL`, group)];
}

function declining(group: Uint8Array): Statement[] {
  const isRequest = "status = 'request' AND kind = 'direct'";
  return [
    sql(`DELETE FROM messages WHERE log IN (SELECT log FROM conversations WHERE log = ${HERE} AND ${isRequest})`, group),
    sql(`DELETE FROM history_held WHERE log IN (SELECT log FROM conversations WHERE log = ${HERE} AND ${isRequest})`, group),
    sql(`UPDATE conversations SET status = 'declined' WHERE log = ${HERE} AND ${isRequest}`, group),
  ];
}

export function settingEffects({ key, subject, value }: Setting): Statement[] {
  const flag = value === true ? 1 : 0;
  switch (key) {
    case "blocked":
      return blocking(subject, value === true);
    case "muted":
      return [sql(`UPDATE conversations SET muted_until = ? WHERE log = ${HERE}`, typeof value === "number" ? value : 0, subject)];
    case "pinned":
      return [sql(`UPDATE conversations SET is_pinned = ? WHERE log = ${HERE}`, flag, subject)];
    case "archived":
      return [sql(`UPDATE conversations SET is_archived = ? WHERE log = ${HERE}`, flag, subject)];
    case "declined":
      return value === true ? declining(subject) : [sql(UNDECLINE, subject)];
    case "draft":
      return drafting(sql(DRAFT, typeof value === "string" ? value : "", subject), subject);
    case "draftReply":
      return drafting(sql(DRAFT_REPLY, value instanceof Uint8Array && value.length === ID_BYTES ? value : null, subject), subject);
    default:
      return [];
  }
}

/** Takes effect here and goes to the own other devices. */
export function shareSetting(engine: Engine, setting: Omit<Setting, "kind">): Statement[] {
  return engine.own.statements({ kind: "setting", ...setting });
}

export type ConversationSetting = "muted" | "pinned" | "archived" | "declined" | "draft" | "draftReply";

export async function shareConversationSetting(
  engine: Engine,
  log: LogId,
  setting: { readonly key: ConversationSetting; readonly value: OwnSettingValue },
): Promise<Statement[]> {
  const { mls } = await engine.conversations.get(log);
  return shareSetting(engine, { ...setting, subject: mls.context.groupId });
}

/** What was set for a conversation before this device came into it. */
export async function settingsOf(engine: Engine, group: Uint8Array): Promise<Statement[]> {
  const rows = await engine.ports.store.all("SELECT key, value FROM own_settings WHERE subject = ?", [group]);
  return rows.flatMap((row) => {
    const value = settingValueIn(row);
    return value === undefined ? [] : settingEffects({ kind: "setting", key: textIn(row, "key"), subject: group, value });
  });
}

export async function sharedSetting(engine: Engine, key: string): Promise<OwnSettingValue | undefined> {
  const [row] = await engine.ports.store.all("SELECT value FROM own_settings WHERE key = ? AND subject = ?", [key, new Uint8Array()]);
  return row && settingValueIn(row);
}

/** One that cannot be read counts as never set. */
function settingValueIn(row: Row): OwnSettingValue | undefined {
  const read = decodeSettingValue(bytesIn(row, "value"));
  return read.ok ? read.value : undefined;
}
