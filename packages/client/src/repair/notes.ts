/** Notes to the inboxes of members, as rows of the outbox. They stand in a lane of their own: no message waits for them. */
import { type DeviceAddress, sealNote } from "@sotto/core";
import { entryId, type InboxNote, type LogId, toId } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import type { Statement } from "../ports.ts";
import { encodeDelivery } from "../send/delivery.ts";
import { noteLane } from "../send/lane-names.ts";
import { enqueue } from "../send/outbox.ts";

const ITEM_ID_BYTES = 16;

/** One for each device that can be reached: its chain is known or can be fetched, and has the device. */
export async function noteStatements(
  engine: Engine,
  log: LogId,
  mail: { readonly to: readonly DeviceAddress[]; readonly note: InboxNote },
): Promise<Statement[]> {
  const statements: Statement[] = [];
  for (const to of mail.to) {
    const body = await engine.decide((context) => sealNote(engine.self, { to, note: mail.note }, context));
    if (!body.ok) continue;
    const itemId = toId(entryId, engine.context.random(ITEM_ID_BYTES));
    const draft = encodeDelivery({ to, itemId, body: body.value });
    statements.push(enqueue({ log, lane: noteLane(log), localId: itemId, kind: "deliver", draft }));
  }
  return statements;
}
