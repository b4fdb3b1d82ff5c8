/** `react`, `edit` and `delete`: what is done to a message that is there, by the id that `read --ids` shows. */
import { type Client, ClientError } from "@sotto/client";
import { equalBytes } from "@sotto/protocol";
import { type Command, exactly, type Invocation } from "../command.ts";
import { finish, withConnection } from "../profile.ts";
import { showMessage } from "../show.ts";
import { type Target, targetOf } from "../target.ts";

const MESSAGE_HELP = "MESSAGE is an id as sotto read --ids shows it.";

async function needOwn(client: Client, text: string): Promise<Target> {
  const target = await targetOf(client, text);
  const me = client.whoAmI();
  if (me === undefined || !equalBytes(target.message.sender, me.account)) throw new ClientError("message_not_own");
  return target;
}

async function show(invocation: Invocation, client: Client, { id, message: { log } }: Target): Promise<void> {
  await finish(client, log);
  const message = await client.messageById(id);
  if (message === undefined) throw new ClientError("message_unknown");
  const { value, line } = showMessage(client, message);
  invocation.print(value, line);
}

export const react: Command = {
  usage: "MESSAGE EMOJI",
  summary: "react to a message",
  details: [MESSAGE_HELP],
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
  details: [MESSAGE_HELP],
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
  details: [
    MESSAGE_HELP,
    "Devices that are away do so when they come back. Who has read or copied it keeps what they know.",
    "Its files stay on the server, encrypted, until their days are over: who saw the message could still load them.",
  ],
  run: async (invocation) => {
    const [text] = exactly(invocation.args, "MESSAGE");
    await withConnection(invocation, async (client) => {
      const target = await needOwn(client, text);
      await client.unsend(target.message.log, target.id);
      await show(invocation, client, target);
    });
  },
};
