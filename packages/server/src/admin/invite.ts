/** Invitation codes (spec/server.md §Accounts), made by the operator, beside the running server or not. The server keeps their hashes. */
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { bytesToBase32 } from "@sotto/protocol";
import { ACCOUNT_SCHEMA } from "../accounts/account-schema.ts";
import { FILES, needDataFolder } from "../data-folder.ts";
import { openDatabase, storeError } from "../sqlite/database.ts";

const CODE_BYTES = 10;

export function inviteHash(code: string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(`sotto invite v1 ${code}`).digest());
}

/** A new code that lets so many people sign up. */
export function createInvite(dataFolder: string, uses = 1): string {
  needDataFolder(dataFolder);
  const code = bytesToBase32(randomBytes(CODE_BYTES));
  const database = openDatabase(join(dataFolder, FILES.accounts), ACCOUNT_SCHEMA);
  try {
    database.prepare("INSERT INTO invite VALUES (?, ?)").run(inviteHash(code), uses);
    return code;
  } catch (error) {
    throw storeError(error);
  } finally {
    database.close();
  }
}
