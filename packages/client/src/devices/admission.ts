/**
 * A device that came to the account asks the others to add it to what they are in (spec/own-devices.md §Coming): a note to the inbox of each, again
 * at every login until it is in the self group, since whether it arrived shows by that alone.
 */
import { sealNote } from "@sotto/core";
import { type ChainState, entryId, equalBytes, toId } from "@sotto/protocol";
import { authorisationFor } from "../account/authorisation.ts";
import type { ClientOutcome } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import { isTransient } from "../net/transient.ts";

const ITEM_ID_BYTES = 16;

export async function askToBeAdmitted(engine: Engine, { devicesById }: ChainState): Promise<ClientOutcome<null>> {
  const { account } = engine.me;
  const others = [...devicesById.values()].filter(({ id }) => !equalBytes(id, engine.self.id));
  for (const { id: device } of others) {
    const context = { ...engine.context, chains: engine.chains.lookup() };
    const body = sealNote(engine.self, { to: { account, device }, note: { kind: "admit" } }, context);
    if (!body.ok) continue;
    const itemId = toId(entryId, engine.context.random(ITEM_ID_BYTES));
    const authorisation = await authorisationFor(engine, account);
    const answer = await engine.anonymous.ask("inbox.deliver", { account, devices: [device], itemId, body: body.value, authorisation });
    if (!answer.ok && isTransient(answer.code)) return answer;
  }
  return { ok: true, value: null };
}
