/** Accepting a request: senders now hear that their messages arrive, and the own other devices hear of it. */
import { equalBytes, type LogId } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import { listConversations } from "../read/conversations.ts";
import { placeOf } from "../store/places.ts";
import { sql } from "../store/statements.ts";

const RECEIPTS_DUE =
  "UPDATE messages SET receipt_due = 'delivered' WHERE log = ? AND sender <> ? AND kind = 'text' AND message_id IS NOT NULL";

/** In one transaction. False, and nothing is stored, unless the conversation is a request. */
export async function storeAcceptance(engine: Engine, log: LogId): Promise<boolean> {
  const { store } = engine.ports;
  const conversation = (await listConversations(engine)).find((view) => equalBytes(view.log, log));
  if (conversation?.status !== "request") return false;
  const receipts = conversation.kind === "direct" ? [sql(RECEIPTS_DUE, log, engine.me.account)] : [];
  const place = await placeOf(store, log);
  const shared = place === undefined ? [] : engine.own.statements({ kind: "conversation", group: place.groupId, status: "active" });
  await store.write([sql("UPDATE conversations SET status = 'active' WHERE log = ?", log), ...shared, ...receipts]);
  return true;
}
