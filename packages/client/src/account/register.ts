/** Making the account known to the server, and who may write to the inbox. */
import { contactHash, type Outcome } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import type { Line } from "../net/line.ts";
import { setting } from "../store/statements.ts";

/** `account_exists` after a lost answer means that it went through: the next login is an ordinary one. */
export async function register(engine: Engine, line: Line, signature: Uint8Array): Promise<Outcome<object>> {
  const { genesis, username } = engine.me;
  const [row] = await engine.ports.store.all("SELECT value FROM settings WHERE key = 'invite_code'");
  const invite = typeof row?.["value"] === "string" ? row["value"] : "";
  const answer = await line.ask("account.register", { genesis, signature, username, invite });
  if (!answer.ok && answer.code !== "account_exists") return answer;
  await engine.ports.store.write([setting("is_registered", 1)]);
  engine.profile = { ...engine.me, isRegistered: true };
  return answer;
}

export async function setInboxAccess(engine: Engine, line: Line): Promise<void> {
  const { account, contactToken } = engine.me;
  await line.ask("inbox.setAccess", { contact: contactHash(account, contactToken), gate: null, strangers: true });
}
