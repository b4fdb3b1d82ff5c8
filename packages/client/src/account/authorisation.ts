/** How this device may reach an inbox: with the token that its owner gave, with the own one, or as a stranger. */
import { type AccountId, type Authorisation, equalBytes } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import { optionalBytes } from "../store/statements.ts";

export async function authorisationFor(engine: Engine, account: AccountId, gateCode = ""): Promise<Authorisation> {
  if (equalBytes(account, engine.me.account)) return { as: "contact", token: engine.me.contactToken };
  const [row] = await engine.ports.store.all("SELECT contact_token FROM contacts WHERE account = ?", [account]);
  const token = row && optionalBytes(row, "contact_token");
  return token === undefined ? { as: "stranger", payment: [], gateCode } : { as: "contact", token };
}
