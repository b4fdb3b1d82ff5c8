/**
 * A log that is shorter than what this device has read of it, or other: the server was set back to an older state. In its present epoch the log is
 * still good, so it is read again from before the break. What was applied does not open twice; what is new does; and own entries that the server
 * lost are sent again.
 */
import { type Conversation, epochTokens } from "@sotto/core";
import { decodeEntry, idToText, LIMITS, type LogId } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import { isTransient } from "../net/transient.ts";
import { resendStatements } from "../send/sent.ts";
import { moveTo, type Place, placeOf, timelineEnd } from "../store/places.ts";
import { numberIn, sql } from "../store/statements.ts";

const STEPS = [16, 256, 4_096];
const PAGES_MAX = 1_000;

export type Rewound = "done" | "later" | "lost";

/** In the serial of the conversation. `lost`: the server knows nothing of the epoch any more, or not what is needed to go on. */
export async function rewind(engine: Engine, log: LogId): Promise<Rewound> {
  const { store } = engine.ports;
  const place = await placeOf(store, log);
  const [row] = await store.all("SELECT cursor FROM conversations WHERE log = ?", [log]);
  if (place === undefined || row === undefined) return "lost";
  const conversation = await engine.conversations.get(log);
  const cursor = numberIn(row, "cursor");
  const starts = [...STEPS.map((step) => Math.max(place.epochFirst, cursor - step)), place.epochFirst];
  for (const from of new Set(starts)) {
    const present = await readIds(engine, conversation, from);
    if (present === "later") return "later";
    if (present === "lost") return "lost";
    if (present === "further") continue;
    await goBack(engine, { place, from, present });
    return "done";
  }
  return "lost";
}

async function readIds(
  engine: Engine,
  conversation: Conversation,
  from: number,
): Promise<ReadonlySet<string> | "further" | "later" | "lost"> {
  const tokens = epochTokens(conversation, engine.context);
  if (!tokens.ok) return "lost";
  const { epoch, read: token } = tokens.value;
  const present = new Set<string>();
  for (let [next, page] = [from, 0]; page < PAGES_MAX; page++) {
    const request = { log: conversation.log, epoch, token, from: next, bytesMax: LIMITS.batchBytesMax };
    const answer = await engine.anonymous.ask("log.read", request);
    if (!answer.ok && answer.code === "log_position") return "further";
    if (!answer.ok) return isTransient(answer.code) ? "later" : "lost";
    for (const bytes of answer.value.entries) {
      const entry = decodeEntry(bytes);
      if (entry.ok) present.add(idToText(entry.value.entryId));
    }
    if (answer.value.end !== "more") return present;
    next = answer.value.next;
  }
  return present;
}

type Back = { readonly place: Place; readonly from: number; readonly present: ReadonlySet<string> };

async function goBack(engine: Engine, { place, from, present }: Back): Promise<void> {
  const { store } = engine.ports;
  const end = await timelineEnd(store, place);
  const lost = await resendStatements(store, place.log, { from: place.base + from, present });
  const again = "UPDATE outbox SET is_accepted = 0 WHERE log = ? AND is_accepted = 1";
  await store.write([
    sql(again, place.log),
    ...lost,
    ...moveTo(place, { anchor: place.anchor, cursor: from, epochFirst: place.epochFirst, timelineEnd: end }),
  ]);
}
