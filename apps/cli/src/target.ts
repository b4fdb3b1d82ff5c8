/** The message that a command is about. */
import { type Client, ClientError, type MessageView } from "@sotto/client";
import { messageId, type MessageId, parseId } from "@sotto/protocol";
import { UsageError } from "./command.ts";

export type Target = { readonly message: MessageView; readonly id: MessageId };

export async function targetOf(client: Client, text: string): Promise<Target> {
  const id = parseId(messageId, text);
  if (!id.ok) throw new UsageError("A message is named by its id, as sotto read --ids shows it.");
  const message = await client.messageById(id.value);
  if (message === undefined) throw new ClientError("message_unknown");
  return { message, id: id.value };
}
