/** What edits and reactions may be about, and reactions may be: said to whoever writes, since others would leave it out. */
import type { LogId, MessageId } from "@sotto/protocol";
import { ClientError } from "../client-error.ts";
import type { Store } from "../ports.ts";

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
const PICTURE = /\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|\u20E3/u;

/** One picture, whatever it is put together from. */
export function isEmoji(text: string): boolean {
  return PICTURE.test(text) && [...graphemes.segment(text)].length === 1;
}

/** A message that was taken back is not changed any more. */
export async function needStanding(store: Store, log: LogId, id: MessageId): Promise<void> {
  const [gone] = await store.all("SELECT 1 FROM messages WHERE log = ? AND message_id = ? AND kind = 'deleted'", [log, id]);
  if (gone !== undefined) throw new ClientError("message_taken_back");
}
