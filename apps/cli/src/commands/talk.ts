/** `send`, `accept` and `watch`. */
import { type Client, ClientError, type ClientEvent, type MessageView, needVisible } from "@sotto/client";
import { equalBytes } from "@sotto/protocol";
import { type Command, exactly, numberOption, textOption, UsageError } from "../command.ts";
import { conversationFor, finish, needConversation, needSent, withConnection, withProfile } from "../profile.ts";
import { conversationName, showConversation, showMessage } from "../show.ts";
import { targetOf } from "../target.ts";

async function titleOf(client: Client, message: MessageView): Promise<string> {
  const view = (await client.conversations()).find(({ log }) => equalBytes(log, message.log));
  return view === undefined ? "" : conversationName(view);
}

export const send: Command = {
  usage: "TO TEXT [--reply MESSAGE]",
  summary: "write to @username, or to a conversation by title or id",
  details: [
    "--reply MESSAGE  answer a message, by the id that sotto read --ids shows",
    "",
    'sotto send @bob "Hello Bob"        the first message reaches Bob as a request',
    'sotto send Choir "See you there"',
  ],
  options: { reply: { type: "string" } },
  run: async (invocation) => {
    const [to, text] = exactly(invocation.args, "TO", "TEXT");
    const reply = textOption(invocation.options, "reply");
    needVisible(text);
    await withConnection(invocation, async (client) => {
      const target = reply === undefined ? undefined : await targetOf(client, reply);
      const relation = target === undefined ? {} : { inReplyTo: target.id };
      const log = await conversationFor(client, to);
      const localId = await client.sendText(log, text, relation);
      await finish(client, log);
      const { value } = showMessage(client, await needSent(client, localId));
      invocation.print(value, "Sent.");
    });
  },
};

export const accept: Command = {
  usage: "CONVERSATION",
  summary: "answer a request: the other one hears that messages arrive",
  details: ["Until then the other one cannot tell whether you are there. Sending a message accepts too."],
  run: async (invocation) => {
    const [name] = exactly(invocation.args, "CONVERSATION");
    await withConnection(invocation, async (client) => {
      const { log } = await needConversation(client, name);
      await client.accept(log);
      await finish(client);
      const { value, line } = showConversation(client, await needConversation(client, name));
      invocation.print(value, line);
    });
  },
};

export const watch: Command = {
  usage: "[--count N] [--seconds N]",
  summary: "show messages as they arrive, until interrupted",
  details: ["--count N    end after N messages", "--seconds N  end after N seconds"],
  options: { count: { type: "string" }, seconds: { type: "string" } },
  run: async (invocation) => {
    exactly(invocation.args);
    const count = numberOption(invocation.options, "count", Number.MAX_SAFE_INTEGER);
    const seconds = numberOption(invocation.options, "seconds", 0);
    if (count === 0) throw new UsageError("--count takes a number from 1.");
    await withProfile(invocation, async (client) => {
      let seen = 0;
      let isOver = false;
      const over = new Promise<void>((resolve) => {
        const stop = (): void => {
          isOver = true;
          resolve();
        };
        const show = async (event: ClientEvent): Promise<void> => {
          if (event.kind !== "message" || !event.isNew || isOver) return;
          const message = await client.message(event.localId);
          if (message === undefined || message.state !== "received") return;
          const { value, line } = showMessage(client, message);
          invocation.print(value, `${await titleOf(client, message)}  ${line}`);
          seen += 1;
          if (seen >= count) stop();
        };
        client.on((event) => void show(event));
        for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
        if (seconds > 0) setTimeout(stop, seconds * 1000).unref();
      });
      client.connect();
      await over;
      await client.settled(2_000);
      if (client.refusal !== undefined) throw new ClientError(client.refusal);
    });
  },
};
