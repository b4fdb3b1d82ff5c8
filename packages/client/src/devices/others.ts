/**
 * Devices that came to the accounts of others and that nobody has added to the conversations (spec/own-devices.md §Devices of others): those whose owner
 * signed in with the recovery key and has no other device left. Chains are looked up again once a day; what is missing is added at the next login that
 * is at least an hour later, so that the owner's own devices are first, if there are any.
 */
import { type Conversation, memberAccounts, memberDevices } from "@sotto/core";
import { accountId, type AccountId, accountIdToText, equalBytes, idToText, isAllowed, logId, toId } from "@sotto/protocol";
import type { ClientOutcome } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import { encodePlan } from "../groups/plan.ts";
import { isTransient } from "../net/transient.ts";
import { enqueue } from "../send/outbox.ts";
import { newLocalId } from "../store/local-id.ts";
import { bytesIn } from "../store/statements.ts";
import type { Due } from "./own-devices.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Chains looked up again at one login. */
const LOOKED_UP_MAX = 32;
/** About so many members of a large group go about adding a device; the others would only use up its key packages. */
const HELPERS = 4;

/** Commits for conversations that lack devices which were in their account's chain an hour ago. */
export async function othersToTend(engine: Engine): Promise<Due[]> {
  const { store } = engine.ports;
  const settled = await store.all("SELECT account FROM chains WHERE fetched_at < ?", [engine.context.now - HOUR_MS]);
  const known = new Set(settled.map((row) => accountIdToText(toId(accountId, bytesIn(row, "account")))));
  const due: Due[] = [];
  if (known.size === 0) return due;
  for (const row of await store.all("SELECT log FROM conversations WHERE status = 'active' AND kind <> 'self' AND trouble IS NULL")) {
    const log = toId(logId, bytesIn(row, "log"));
    const accounts = lacking(engine, await engine.conversations.get(log)).filter((account) => known.has(accountIdToText(account)));
    if (accounts.length === 0) continue;
    const draft = encodePlan({ kind: "devices", accounts });
    due.push({ log, statements: [enqueue({ log, localId: newLocalId(engine.context), kind: "commit", draft })] });
  }
  return due;
}

function lacking(engine: Engine, conversation: Conversation): AccountId[] {
  const { account: own } = engine.me;
  if (conversation.kind === "group" && !isAllowed(conversation.group, own, { kind: "invite" })) return [];
  const people = memberAccounts(conversation).filter((account) => !equalBytes(account, own));
  const [dice = 0] = engine.context.random(1);
  if (dice >= (256 * HELPERS) / Math.max(HELPERS, people.length)) return [];
  const present = new Set(memberDevices(conversation).map(({ device }) => idToText(device)));
  const isLacking = (account: AccountId): boolean =>
    [...(engine.chains.known(account)?.devicesById.keys() ?? [])].some((id) => !present.has(id));
  return people.filter(isLacking);
}

/** Looks up again the chains of people one talks with. */
export async function lookUpOthers(engine: Engine): Promise<ClientOutcome<null>> {
  const select = "SELECT account FROM chains WHERE fetched_at < ? AND account <> ? ORDER BY fetched_at LIMIT ?";
  const rows = await engine.ports.store.all(select, [engine.context.now - DAY_MS, engine.me.account, LOOKED_UP_MAX]);
  for (const row of rows) {
    const fetched = await engine.chains.fetch(toId(accountId, bytesIn(row, "account")));
    if (!fetched.ok && isTransient(fetched.code)) return fetched;
  }
  return { ok: true, value: null };
}
