/**
 * All that the own devices share, for one device that comes to the account, in parts that are due. It is for that device alone: what others have changed
 * meanwhile stays as it is with them, and with it, if it has heard of that already.
 */
import { accountId, bytesToHex, type DeviceId, encodeOwnItems, LIMITS, logId, type OwnItem, toId } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import type { Row, Statement } from "../ports.ts";
import { bytesIn, numberIn, oneOf, optionalBytes, sql, textIn } from "../store/statements.ts";
import { decodeSettingValue } from "./setting-value.ts";

const SNAPSHOT = "snapshot ";
const PART = "part ";
const PART_ITEMS_MAX = 128;
const PART_BYTES_MAX = LIMITS.ownSettingBytesMax + 8 * 1024;

/** Makes the snapshot when its turn comes, of what is true then. */
export function snapshotDue(device: DeviceId): { readonly key: string; readonly item: Uint8Array } {
  return { key: `${SNAPSHOT}${bytesToHex(device)}`, item: device };
}

export const isSnapshot = (key: string): boolean => key.startsWith(SNAPSHOT);
export const isPart = (key: string): boolean => key.startsWith(PART);

const DUE = "INSERT INTO own_due (key, item) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET item = excluded.item, sent = NULL";

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

/** Nothing of one that cannot be read: the other device is not to take it back. */
function settingItems(row: Row): OwnItem[] {
  const read = decodeSettingValue(bytesIn(row, "value"));
  return read.ok ? [{ kind: "setting", key: textIn(row, "key"), subject: bytesIn(row, "subject"), value: read.value }] : [];
}

/** The parts, in place of the row that asked for them. */
export async function snapshotStatements(engine: Engine, key: string, device: DeviceId): Promise<Statement[]> {
  const parts = inParts(await itemsOf(engine)).map((items, i) => {
    return sql(DUE, `${PART}${bytesToHex(device)} ${i}`, encodeOwnItems({ for: device, items }));
  });
  return [sql("DELETE FROM own_due WHERE key = ?", key), ...parts];
}

function inParts(items: readonly OwnItem[]): OwnItem[][] {
  const parts: OwnItem[][] = [];
  let [part, bytes]: [OwnItem[], number] = [[], 0];
  for (const item of items) {
    const { length } = encodeOwnItems({ for: undefined, items: [item] });
    if (part.length === PART_ITEMS_MAX || bytes + length > PART_BYTES_MAX) {
      parts.push(part);
      [part, bytes] = [[], 0];
    }
    part.push(item);
    bytes += length;
  }
  return part.length === 0 ? parts : [...parts, part];
}

async function itemsOf({ ports, me }: Engine): Promise<OwnItem[]> {
  const { store } = ports;
  const conversations =
    "SELECT * FROM conversations JOIN places USING (log) WHERE kind <> 'self' AND status IN ('active', 'request', 'blocked')";
  const masterKeys = await store.all("SELECT generation, key FROM master_keys");
  return [
    { kind: "account", username: me.username, contactToken: me.contactToken },
    ...masterKeys.map((row): OwnItem => ({ kind: "masterKey", generation: numberIn(row, "generation"), key: bytesIn(row, "key") })),
    ...(await store.all("SELECT * FROM contacts")).map(contactItem),
    ...(await store.all(conversations)).flatMap(conversationItems),
    ...(await store.all("SELECT * FROM own_settings")).flatMap(settingItems),
  ];
}
