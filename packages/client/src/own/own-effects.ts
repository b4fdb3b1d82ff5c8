/**
 * What an item from the self group does to the tables (spec/own-devices.md §Items), as statements: the same on the device that shares it and on
 * those that hear of it. A new kind of setting that shows in a table of its own gets its statements here.
 */
import { encodeCbor, idToText, accountIdToText, bytesToHex, type OwnItem } from "@sotto/protocol";
import type { Statement } from "../ports.ts";
import { setting, sql } from "../store/statements.ts";

/** Items with the same key take each other's place: the one that comes last in the log counts. */
export function ownItemKey(item: OwnItem): string {
  switch (item.kind) {
    case "contact":
      return `contact ${accountIdToText(item.account)}`;
    case "conversation":
    case "read":
      return `${item.kind} ${idToText(item.log)}`;
    case "setting":
      return `setting ${item.key} ${bytesToHex(item.subject)}`;
    case "account":
      return "account";
    case "masterKey":
      return `masterKey ${item.generation}`;
  }
}

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
      const keep = "INSERT INTO conversation_marks (log, status) VALUES (?, ?) ON CONFLICT (log) DO UPDATE SET status = excluded.status";
      const update = "UPDATE conversations SET status = ? WHERE log = ? AND status IN ('active', 'request', 'blocked')";
      return [sql(keep, item.log, item.status), sql(update, item.status, item.log)];
    }
    case "read": {
      const { log, seq } = item;
      const keep =
        "INSERT INTO conversation_marks (log, read_seq) VALUES (?, ?) ON CONFLICT (log) DO UPDATE SET read_seq = max(read_seq, excluded.read_seq)";
      // The device that was read on tells the senders.
      const told = "UPDATE messages SET receipt_due = NULL WHERE log = ? AND seq <= ? AND receipt_due = 'delivered'";
      return [
        sql(keep, log, seq),
        sql("UPDATE conversations SET read_seq = max(read_seq, ?) WHERE log = ?", seq, log),
        sql(told, log, seq),
      ];
    }
    case "setting": {
      const keep = "INSERT INTO own_settings VALUES (?, ?, ?) ON CONFLICT (key, subject) DO UPDATE SET value = excluded.value";
      return [sql(keep, item.key, item.subject, encodeCbor(item.value))];
    }
    case "account":
      return [setting("username", item.username), setting("contact_token", item.contactToken)];
    case "masterKey":
      return [sql("INSERT OR IGNORE INTO master_keys VALUES (?, ?)", item.generation, item.key)];
  }
}
