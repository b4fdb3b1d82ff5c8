/** `list`, `read` and `search`: what is there. */
import type { Client, ConversationView, MessageView } from "@sotto/client";
import { equalBytes, idToText } from "@sotto/protocol";
import { type Command, exactly, type Invocation, numberOption } from "../command.ts";
import { printImported } from "./history.ts";
import { finish, needConversation, withConnection, withProfile } from "../profile.ts";
import { conversationName, messageValue, showConversation, showMessage } from "../show.ts";
import { clockOf, dayOf } from "../show/time.ts";
import { isOwn, meFrom, messageWords, senderWords } from "../show/words.ts";
import { safeLine } from "../terminal/safe-text.ts";

function showList(client: Client, { print }: Pick<Invocation, "print">, views: readonly ConversationView[]): void {
  const requests = views.filter(({ status }) => status === "request");
  const others = views.filter(({ status }) => status !== "request");
  for (const [index, view] of [...requests, ...others].entries()) {
    const { value, line } = showConversation(client, view);
    const isFirstOther = index === requests.length && requests.length > 0;
    const heading =
      index === 0 && requests.length > 0 ? "Requests (sotto accept NAME, or sotto decline NAME):\n" : isFirstOther ? "\n" : "";
    print(value, heading + line);
  }
}

export const list: Command = {
  usage: "[--all]",
  summary: "your conversations, the latest first; requests before the others",
  details: ["--all  also those that are archived"],
  options: { all: { type: "boolean" } },
  run: async (invocation) => {
    exactly(invocation.args);
    await withConnection(invocation, async (client) => {
      const views = await client.conversations();
      showList(client, invocation, invocation.options["all"] === true ? views : views.filter(({ isArchived }) => !isArchived));
    });
  },
};

function showTimeline(client: Client, { print, options }: Pick<Invocation, "print" | "options">, messages: readonly MessageView[]): void {
  let day = "";
  for (const message of messages) {
    const { value, line } = showMessage(client, message);
    const today = dayOf(message.at);
    const heading = today === day ? "" : `${day === "" ? "" : "\n"}── ${today} ──\n`;
    const id = options["ids"] === true && message.messageId !== undefined ? `\n       ${idToText(message.messageId)}` : "";
    day = today;
    print(value, heading + line + id);
  }
}

export const read: Command = {
  usage: "CONVERSATION [--limit N] [--ids] [--peek] [--offline]",
  summary: "the last messages; marks them as read unless --peek",
  details: [
    "--limit N  so many messages (50)",
    "--ids      with the ids that react, edit, delete and send --reply take",
    "--peek     do not mark them as read",
    "--offline  what is here already; the others hear of it with the next connection",
    "",
    "✓ sent, ✓✓ arrived, ✓✓ read",
  ],
  options: { limit: { type: "string" }, ids: { type: "boolean" }, peek: { type: "boolean" }, offline: { type: "boolean" } },
  run: async (invocation) => {
    const [name] = exactly(invocation.args, "CONVERSATION");
    const limit = numberOption(invocation.options, "limit", 50);
    const isOffline = invocation.options["offline"] === true;
    const show = async (client: Client): Promise<void> => {
      const { log } = await needConversation(client, name);
      const messages = await client.messages(log, { limit });
      await printImported(client, { log, limit: limit - messages.length }, invocation);
      showTimeline(client, invocation, messages);
      if (invocation.options["peek"] === true) return;
      await client.markRead(log);
      if (!isOffline) await finish(client);
    };
    await (isOffline ? withProfile(invocation, show) : withConnection(invocation, show));
  },
};

export const search: Command = {
  usage: "TEXT [--limit N]",
  summary: "messages with this text anywhere in them, the latest first; works offline",
  details: ["--limit N  so many messages (20)"],
  options: { limit: { type: "string" } },
  run: async (invocation) => {
    const [query] = exactly(invocation.args, "TEXT");
    const limit = numberOption(invocation.options, "limit", 20);
    await withProfile(invocation, async (client) => {
      const views = await client.conversations();
      const me = meFrom(client.whoAmI());
      for (const message of await client.search(query, { limit })) {
        const view = views.find(({ log }) => equalBytes(log, message.log));
        const title = view === undefined ? safeLine(message.origin?.title ?? "") : conversationName(view);
        const who = isOwn(message, me) ? "you" : senderWords(message);
        const line = `${dayOf(message.at)}, ${clockOf(message.at)}  ${title}  ${who}: ${safeLine(messageWords(message, me))}`;
        invocation.print({ ...messageValue(message, me), title: view?.title ?? message.origin?.title ?? null }, line);
      }
    });
  },
};
