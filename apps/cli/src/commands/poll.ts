/** `poll`, `vote` and `forward`. */
import type { Client } from "@sotto/client";
import { LIMITS } from "@sotto/protocol";
import { type Command, exactly, type Invocation, UsageError } from "../command.ts";
import { finish, needConversation, needSent, withConnection } from "../profile.ts";
import { showMessage } from "../show.ts";
import { targetOf } from "../target.ts";

async function showSent(invocation: Invocation, client: Client, localId: Uint8Array): Promise<void> {
  await finish(client, (await client.message(localId))?.log);
  const { value, line } = showMessage(client, await needSent(client, localId));
  invocation.print(value, line);
}

export const poll: Command = {
  usage: "CONVERSATION QUESTION OPTION OPTION… [--multiple]",
  summary: "ask something that people vote on",
  details: ["--multiple  more than one option can be chosen", "", 'sotto poll Choir "When do we meet?" Friday Saturday'],
  options: { multiple: { type: "boolean" } },
  run: async (invocation) => {
    const [name, question, ...options] = invocation.args;
    if (name === undefined || question === undefined || options.length < 2 || options.length > LIMITS.pollOptionsMax) {
      throw new UsageError(`It takes CONVERSATION, QUESTION and 2 to ${LIMITS.pollOptionsMax} options.`);
    }
    await withConnection(invocation, async (client) => {
      const { log } = await needConversation(client, name);
      const choicesMax = invocation.options["multiple"] === true ? options.length : 1;
      await showSent(invocation, client, await client.sendPoll(log, { question, options, choicesMax }));
    });
  },
};

export const vote: Command = {
  usage: "MESSAGE [NUMBER…]",
  summary: "vote in a poll; without a number, take your vote back",
  details: ["MESSAGE is the poll's id as sotto read --ids shows it; options count from 1."],
  run: async (invocation) => {
    const [text = "", ...numbers] = invocation.args;
    const choices = numbers.map((number) => Number(number) - 1);
    await withConnection(invocation, async (client) => {
      const { message, id } = await targetOf(client, text);
      if (message.poll === undefined) throw new UsageError("That message is no poll.");
      const { options, choicesMax } = message.poll;
      const fits = choices.every((index) => Number.isSafeInteger(index) && index >= 0 && index < options.length);
      if (!fits || choices.length > choicesMax) throw new UsageError(`Choose up to ${choicesMax} of the options 1 to ${options.length}.`);
      await client.vote(message.log, id, choices);
      await showSent(invocation, client, message.localId);
    });
  },
};

export const forward: Command = {
  usage: "MESSAGE CONVERSATION",
  summary: "say the same in another conversation",
  details: ["MESSAGE is an id as sotto read --ids shows it. Who wrote it first is not said."],
  run: async (invocation) => {
    const [text, name] = exactly(invocation.args, "MESSAGE", "CONVERSATION");
    await withConnection(invocation, async (client) => {
      const { id } = await targetOf(client, text);
      const { log } = await needConversation(client, name);
      await showSent(invocation, client, await client.forward(id, log));
    });
  },
};
