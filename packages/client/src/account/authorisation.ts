/** How this device may reach an inbox: with the token that its owner gave, with the own one, or as a stranger. */
import { type AccountId, type Authorisation, equalBytes } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import type { Asked } from "../net/line.ts";
import { optionalBytes } from "../store/statements.ts";

/** A token that its owner's server does not take any more says nothing against writing as anybody may. */
export async function asKnownOrStranger<T>(
  engine: Engine,
  account: AccountId,
  ask: (authorisation: Authorisation) => Promise<Asked<T>>,
): Promise<Asked<T>> {
  const authorisation = await authorisationFor(engine, account);
  const answer = await ask(authorisation);
  const isTokenOld = authorisation.as === "contact" && !answer.ok && answer.code === "capability_invalid";
  return isTokenOld ? ask({ as: "stranger", payment: [], gateCode: "" }) : answer;
}

export async function authorisationFor(engine: Engine, account: AccountId, gateCode = ""): Promise<Authorisation> {
  if (equalBytes(account, engine.me.account)) return { as: "contact", token: engine.me.contactToken };
  const [row] = await engine.ports.store.all("SELECT contact_token FROM contacts WHERE account = ?", [account]);
  const token = row && optionalBytes(row, "contact_token");
  return token === undefined ? { as: "stranger", payment: [], gateCode } : { as: "contact", token };
}
