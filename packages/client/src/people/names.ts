/**
 * Names of the people one shares conversations with. A name counts once the directory says that it belongs to the account; what people call
 * themselves does not. A name belongs to one account at a time: who had it before loses it.
 */
import { accountId, type AccountId, equalBytes, toId } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import { isTransient } from "../net/transient.ts";
import type { Statement } from "../ports.ts";
import { bytesIn, sql } from "../store/statements.ts";

const AT_ONCE = 64;
const ROUNDS_MAX = 32;

/** Makes people known, so that their names are asked for. */
export function membersKnown(accounts: readonly AccountId[]): Statement[] {
  return accounts.map((account) => sql("INSERT OR IGNORE INTO contacts (account) VALUES (?)", account));
}

/** Asks the directory for the names that are missing. Whether any was learned. */
export async function learnNames(engine: Engine): Promise<boolean> {
  let isAnyNew = false;
  for (let round = 0; round < ROUNDS_MAX && engine.anonymous.isReady; round++) {
    const rows = await engine.ports.store.all("SELECT account FROM contacts WHERE is_checked = 0 LIMIT ?", [AT_ONCE]);
    const learned = await Promise.all(rows.map((row) => nameStatements(engine, bytesIn(row, "account"))));
    await engine.ports.store.write(learned.flat());
    isAnyNew ||= learned.some((statements) => statements.length > 0);
    if (rows.length < AT_ONCE || learned.some((statements) => statements.length === 0)) break;
  }
  return isAnyNew;
}

/** Undefined if nobody can say now. The own name is no question: on an anonymous connection it would tell whose that is. */
async function nameOf(engine: Engine, account: AccountId): Promise<string | undefined> {
  if (equalBytes(account, engine.me.account)) return engine.me.username;
  const answer = await engine.anonymous.ask("directory.name", { account });
  if (!answer.ok && isTransient(answer.code)) return undefined;
  return (answer.ok ? answer.value.username : null) ?? "";
}

async function nameStatements(engine: Engine, account: Uint8Array): Promise<Statement[]> {
  const name = await nameOf(engine, toId(accountId, account));
  if (name === undefined) return [];
  const former = sql("UPDATE contacts SET username = '', is_checked = 0 WHERE username = ? AND account <> ?", name, account);
  const named = sql("UPDATE contacts SET username = ?, is_checked = 1 WHERE account = ?", name, account);
  return name === "" ? [named] : [former, named];
}
