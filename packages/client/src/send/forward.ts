/** Forwarding: the same words and files again, without who wrote them first. */
import { type Body, decodeContent, type MessageId } from "@sotto/protocol";
import { attachmentsOf } from "../attachments/attachment-rows.ts";
import { ClientError } from "../client-error.ts";
import type { Store } from "../ports.ts";
import { bytesIn, optionalBytes } from "../store/statements.ts";

/** Throws `message_unknown` for what is not here, or is no text. */
export async function bodyToForward(store: Store, id: MessageId): Promise<Body> {
  const [row] = await store.all("SELECT local_id, content FROM messages WHERE message_id = ? ORDER BY id LIMIT 1", [id]);
  const bytes = row && optionalBytes(row, "content");
  const content = bytes && decodeContent(bytes);
  if (row === undefined || content?.ok !== true || content.value.body.kind !== "text") throw new ClientError("message_unknown");
  // Files are with the row: an edit has only words.
  return { ...content.value.body, attachments: await attachmentsOf(store, bytesIn(row, "local_id")) };
}
