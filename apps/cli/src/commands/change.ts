/** `react`, `edit` and `delete`: what is done to a message that is there, by the id that `--json` shows. */
import { type Client, ClientError, type MessageView } from "@sotto/client";
import { equalBytes, messageId, type MessageId, parseId } from "@sotto/protocol";
import { type Command, exactly, type Invocation, UsageError } from "../command.ts";
import { finish, withConnection } from "../profile.ts";
import { showMessage } from "../show.ts";

type Target = { readonly message: MessageView; readonly id: MessageId };

async function targetOf(client: Client, text: string): Promise<Target> {
  const id = parseId(messageId, text);
  if (!id.ok) throw new UsageError("MESSAGE is an id as --json shows it.");
  const message = await client.messageById(id.value);
  if (message === undefined) throw new ClientError("message_unknown");
  return { message, id: id.value };
}

async function needOwn(client: Client, text: string): Promise<Target> {
  const target = await targetOf(client, text);
  const me = client.whoAmI();
  if (me === undefined || !equalBytes(target.message.sender, me.account)) throw new ClientError("message_not_own");
  return target;
}

async function show(invocation: Invocation, client: Client, { id }: Target): Promise<void> {
  await finish(client);
  const message = await client.messageById(id);
  if (message === undefined) throw new ClientError("message_unknown");
  const { value, line } = showMessage(client, message);
  invocation.print(value, line);
}

export const react: Command = {
  usage: "MESSAGE EMOJI",
  summary: "react to a message",
  run: async (invocation) => {
    const [text, emoji] = exactly(invocation.args, "MESSAGE", "EMOJI");
    await withConnection(invocation, async (client) => {
      const target = await targetOf(client, text);
      await client.react(target.message.log, target.id, emoji);
      await show(invocation, client, target);
    });
  },
};

export const change: Command = {
  usage: "MESSAGE TEXT",
  summary: "change the text of a message of yours, for everyone",
  run: async (invocation) => {
    const [text, words] = exactly(invocation.args, "MESSAGE", "TEXT");
    await withConnection(invocation, async (client) => {
      const target = await needOwn(client, text);
      await client.sendText(target.message.log, words, { replaces: target.id });
      await show(invocation, client, target);
    });
  },
};

export const unsend: Command = {
  usage: "MESSAGE",
  summary: "take a message of yours back, for everyone",
  run: async (invocation) => {
    const [text] = exactly(invocation.args, "MESSAGE");
    await withConnection(invocation, async (client) => {
      const target = await needOwn(client, text);
      await client.unsend(target.message.log, target.id);
      await show(invocation, client, target);
    });
  },
};
