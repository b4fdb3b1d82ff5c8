/** All that the own devices share, as items that are due: for a device that comes to the account. What is due already stays as it is. */
import { accountId, encodeOwnItems, logId, type OwnItem, toId } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import type { Row, Statement } from "../ports.ts";
import { bytesIn, numberIn, oneOf, optionalBytes, sql, textIn } from "../store/statements.ts";
import { ownItemKey } from "./own-effects.ts";
import { settingValue } from "./setting-value.ts";

export const SNAPSHOT_KEY = "snapshot";
const DUE = "INSERT OR IGNORE INTO own_due (key, item) VALUES (?, ?)";

function contactItem(row: Row): OwnItem {
  return {
    kind: "contact",
    account: toId(accountId, bytesIn(row, "account")),
    username: textIn(row, "username"),
    name: textIn(row, "name"),
    isChecked: numberIn(row, "is_checked") === 1,
    contactToken: optionalBytes(row, "contact_token") ?? null,
  };
}

function conversationItems(row: Row): OwnItem[] {
  const [group, log] = [bytesIn(row, "group_id"), toId(logId, bytesIn(row, "anchor"))];
  const status = oneOf(row, "status", ["active", "request", "blocked"] as const);
  return [
    { kind: "conversation", group, status },
    { kind: "read", group, log, seq: Math.max(0, numberIn(row, "read_seq") - numberIn(row, "base")) },
  ];
}

function settingItem(row: Row): OwnItem {
  return { kind: "setting", key: textIn(row, "key"), subject: bytesIn(row, "subject"), value: settingValue(bytesIn(row, "value")) };
}

export async function snapshotStatements({ ports, me }: Engine): Promise<Statement[]> {
  const { store } = ports;
  const conversations =
    "SELECT * FROM conversations JOIN places USING (log) WHERE kind <> 'self' AND status IN ('active', 'request', 'blocked')";
  const masterKeys = await store.all("SELECT generation, key FROM master_keys");
  const items: OwnItem[] = [
    { kind: "account", username: me.username, contactToken: me.contactToken },
    ...masterKeys.map((row): OwnItem => ({ kind: "masterKey", generation: numberIn(row, "generation"), key: bytesIn(row, "key") })),
    ...(await store.all("SELECT * FROM contacts")).map(contactItem),
    ...(await store.all(conversations)).flatMap(conversationItems),
    ...(await store.all("SELECT * FROM own_settings")).map(settingItem),
  ];
  return [
    sql("DELETE FROM own_due WHERE key = ?", SNAPSHOT_KEY),
    ...items.map((item) => sql(DUE, ownItemKey(item), encodeOwnItems([item]))),
  ];
}
