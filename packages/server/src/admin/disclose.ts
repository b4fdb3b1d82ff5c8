/**
 * Everything that the server holds on one account, as a signed text (spec/server.md §Disclosure): for the person themselves, or for a court.
 * Beside the running server or not. What is not in here the server does not have, or cannot tell that it belongs to the account.
 *
 *   document    JSON: format, account, at, and the rows of each table that has something on the account, bytes in base64url
 *   signature   Ed25519 (RFC 8032) over "sotto disclosure v1" ‖ 00 ‖ document in UTF-8
 *   key         from the hub key by HKDF-SHA256 (RFC 5869), info "sotto disclosure v1", so that it is always the same for one server
 */
import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { bytesToBase64url, parseAccountId, parseAddress } from "@sotto/protocol";
import { ACCOUNT_SCHEMA } from "../accounts/account-schema.ts";
import { FILES, needDataFolder } from "../data-folder.ts";
import { ServerError } from "../server-error.ts";
import { bytesAt, numberAt } from "../sqlite/columns.ts";
import { openDatabase, storeError } from "../sqlite/database.ts";

export type Disclosure = {
  readonly document: string;
  /** Base64url, as are the 32 bytes of the key. */
  readonly signature: string;
  readonly publicKey: string;
};

const LABEL = "sotto disclosure v1";
/** PrivateKeyInfo of an Ed25519 key (RFC 8410 §7) up to the 32 bytes of the seed. */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
const KEY_BYTES = 32;

/** Each table with something on an account, and how its rows are found by the account's number. */
export const DISCLOSED_TABLES: Readonly<Record<string, string>> = {
  account: "SELECT id, length, contact, gate, strangers, tokens_day, tokens_used FROM account WHERE number = ?",
  username: "SELECT name FROM username WHERE account = ?",
  chain: "SELECT idx, entry FROM chain WHERE account = ? ORDER BY idx",
  kept: "SELECT bytes FROM kept WHERE account = ?",
  key_package: "SELECT device, last_resort, bytes FROM key_package WHERE account = ? ORDER BY id",
  inbox: "SELECT device, head, first FROM inbox WHERE account = ? ORDER BY number",
  inbox_item:
    "SELECT inbox.device AS device, seq, bytes FROM inbox_item JOIN inbox ON inbox.number = inbox WHERE account = ? ORDER BY inbox, seq",
  inbox_seen:
    "SELECT inbox.device AS device, item_id, day FROM inbox_seen JOIN inbox ON inbox.number = inbox WHERE account = ? ORDER BY day",
};

/** `who` is an account id or a username. `account_unknown` or `username_unknown` if there is none. */
export function disclose(dataFolder: string, who: string, now: number): Disclosure {
  needDataFolder(dataFolder);
  const database = openDatabase(join(dataFolder, FILES.accounts), ACCOUNT_SCHEMA, "read");
  try {
    database.exec("BEGIN");
    const document = documentOf(database, accountOf(database, who), now);
    database.exec("COMMIT");
    return signed(document, keyOf(readFileSync(join(dataFolder, FILES.hubKey))));
  } catch (error) {
    throw storeError(error);
  } finally {
    database.close();
  }
}

function accountOf(database: DatabaseSync, who: string): { readonly number: number; readonly id: Uint8Array } {
  const id = parseAccountId(who);
  const byId = id.ok ? database.prepare("SELECT number, id FROM account WHERE id = ?").get(id.value) : undefined;
  if (id.ok && byId === undefined) throw new ServerError("account_unknown");
  const address = parseAddress(who);
  const byName = "SELECT number, id FROM account JOIN username ON username.account = number WHERE name = ?";
  const row = byId ?? (address.ok ? database.prepare(byName).get(address.value.username) : undefined);
  if (row === undefined) throw new ServerError("username_unknown");
  return { number: numberAt(row, "number"), id: bytesAt(row, "id") };
}

function documentOf(database: DatabaseSync, { number, id }: ReturnType<typeof accountOf>, now: number): string {
  const tables = Object.entries(DISCLOSED_TABLES).map(([table, sql]) => [table, database.prepare(sql).all(number).map(printable)]);
  const head = { format: LABEL, account: bytesToBase64url(id), at: new Date(now).toISOString() };
  return JSON.stringify({ ...head, tables: Object.fromEntries(tables) }, undefined, 1);
}

function printable(row: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]: [string, unknown]) => [
      column,
      value instanceof Uint8Array ? bytesToBase64url(value) : value,
    ]),
  );
}

function keyOf(hubKey: Uint8Array): KeyObject {
  const seed = Buffer.from(hkdfSync("sha256", hubKey, new Uint8Array(0), LABEL, KEY_BYTES));
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: "der", type: "pkcs8" });
}

function signed(document: string, key: KeyObject): Disclosure {
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  return {
    document,
    signature: bytesToBase64url(sign(null, Buffer.from(`${LABEL}\0${document}`), key)),
    publicKey: bytesToBase64url(spki.subarray(-KEY_BYTES)),
  };
}
