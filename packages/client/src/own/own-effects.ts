/**
 * What an item from the self group does to the tables (spec/own-devices.md §Items), as statements: the same on the device that shares it and on
 * those that hear of it. A new kind of setting that shows in a table of its own gets its statements here.
 */
import { accountIdToText, bytesToHex, type LogId, type OwnItem } from "@sotto/protocol";
import { keepMasterKey } from "../account/master-keys.ts";
import { recoveryTextReplaced } from "../account/recovery-text.ts";
import type { Statement, Store } from "../ports.ts";
import { settingEffects } from "../preferences/shared-settings.ts";
import { placeOf } from "../store/places.ts";
import { setting, sql } from "../store/statements.ts";
import { encodeSettingValue } from "./setting-value.ts";

/** Items with the same key take each other's place: the one that comes last in the log counts. */
export function ownItemKey(item: OwnItem): string {
  switch (item.kind) {
    case "contact":
      return `contact ${accountIdToText(item.account)}`;
    case "conversation":
    case "read":
      return `${item.kind} ${bytesToHex(item.group)}`;
    case "setting":
      return `setting ${item.key} ${bytesToHex(item.subject)}`;
    case "account":
      return "account";
    case "masterKey":
      return `masterKey ${item.generation}`;
  }
}

const NAME = "SELECT log FROM places WHERE group_id = ?";
const STATUS = `UPDATE conversations SET status = ? WHERE log = (${NAME}) AND status IN ('active', 'request', 'blocked')`;
/** A mark in a log that this device is not reading, or no longer, waits for the next one. */
const READ = `UPDATE conversations SET read_seq = max(read_seq, ? + coalesce((SELECT base FROM places p WHERE p.log = conversations.log AND p.anchor = ?), 0))
  WHERE log = (${NAME} AND anchor = ?)`;

const CONTACT = `INSERT INTO contacts (account, username, name, is_checked, contact_token) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (account) DO UPDATE SET username = CASE WHEN excluded.username = '' THEN contacts.username ELSE excluded.username END,
    name = CASE WHEN excluded.name = '' THEN contacts.name ELSE excluded.name END,
    is_checked = max(contacts.is_checked, excluded.is_checked), contact_token = coalesce(excluded.contact_token, contacts.contact_token)`;

export function ownItemEffects(item: OwnItem): Statement[] {
  switch (item.kind) {
    case "contact": {
      const { account, username, name, isChecked, contactToken } = item;
      return [sql(CONTACT, account, username, name, isChecked ? 1 : 0, contactToken)];
    }
    case "conversation": {
      const keep =
        "INSERT INTO conversation_marks (group_id, status) VALUES (?, ?) ON CONFLICT (group_id) DO UPDATE SET status = excluded.status";
      return [sql(keep, item.group, item.status), sql(STATUS, item.status, item.group)];
    }
    case "read": {
      const { group, log, seq } = item;
      const keep = `INSERT INTO conversation_marks (group_id, anchor, read_seq) VALUES (?, ?, ?) ON CONFLICT (group_id) DO UPDATE SET
        read_seq = CASE WHEN anchor = excluded.anchor THEN max(read_seq, excluded.read_seq) ELSE excluded.read_seq END, anchor = excluded.anchor`;
      // The device that it was read on tells the senders.
      const told = `UPDATE messages SET receipt_due = NULL WHERE receipt_due = 'delivered' AND log = (${NAME})
        AND seq <= (SELECT read_seq FROM conversations c WHERE c.log = messages.log)`;
      return [sql(keep, group, log, seq), sql(READ, seq, log, group, log), sql(told, group)];
    }
    case "setting": {
      const keep = "INSERT INTO own_settings VALUES (?, ?, ?) ON CONFLICT (key, subject) DO UPDATE SET value = excluded.value";
      return [sql(keep, item.key, item.subject, encodeSettingValue(item.value)), ...settingEffects(item)];
    }
    case "account":
      return [setting("username", item.username), setting("contact_token", item.contactToken)];
    case "masterKey":
      // Copies of it are made by the device that made the key; older ones are worth nothing now.
      return [recoveryTextReplaced(item.generation), keepMasterKey(item), sql("DELETE FROM settings WHERE key = 'wrapped_key'")];
  }
}

/** What own devices said of a conversation before this one came into it; after its row and its place are written. */
export function markedStatements(group: Uint8Array): Statement[] {
  const status = `UPDATE conversations SET status = coalesce((SELECT status FROM conversation_marks WHERE group_id = ?), status)
    WHERE log = (${NAME}) AND status IN ('active', 'request')`;
  const read = `UPDATE conversations SET read_seq = max(read_seq, coalesce((SELECT base + read_seq FROM places JOIN conversation_marks m
    USING (group_id, anchor) WHERE group_id = ?), 0)) WHERE log = (${NAME})`;
  return [sql(status, group, group), sql(read, group, group)];
}

/** That everything up to a place in the timeline of this device was looked at, in terms that all devices share. */
export async function readItem(store: Store, name: LogId, seq: number): Promise<OwnItem | undefined> {
  const place = await placeOf(store, name);
  return place && { kind: "read", group: place.groupId, log: place.anchor, seq: Math.max(0, seq - place.base) };
}
