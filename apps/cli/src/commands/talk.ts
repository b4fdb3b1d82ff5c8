/** `send`, `read`, `list`, `accept`, `search` and `watch`. */
import { type Client, ClientError, type ClientEvent } from "@sotto/client";
import type { LogId } from "@sotto/protocol";
import { type Command, exactly, LaterError, numberOption, UsageError } from "../command.ts";
import { findConversation, finish, needConversation, withConnection, withProfile } from "../profile.ts";
import { showConversation, showMessage } from "../show.ts";

async function conversationFor(client: Client, to: string): Promise<LogId> {
  const known = await findConversation(client, to);
  return known === undefined ? client.direct(await client.findPerson(to)) : known.log;
}

export const send: Command = {
  usage: "TO TEXT",
  summary: "write to @username, or to a conversation by title or id",
  run: async (invocation) => {
    const [to, text] = exactly(invocation.args, "TO", "TEXT");
    await withConnection(invocation, async (client) => {
      const localId = await client.sendText(await conversationFor(client, to), text);
      await finish(client);
      const message = await client.message(localId);
      if (message === undefined) throw new ClientError("message_unknown");
      if (message.state === "failed") throw new ClientError("conversation_inactive");
      const { value } = showMessage(client, message);
      invocation.print(value, "Sent.");
    });
  },
};

export const list: Command = {
  usage: "",
  summary: "your conversations, the latest first",
  run: async (invocation) => {
    exactly(invocation.args);
    await withConnection(invocation, async (client) => {
      for (const view of await client.conversations()) {
        const { value, line } = showConversation(view);
        invocation.print(value, line);
      }
    });
  },
};

export const read: Command = {
  usage: "CONVERSATION [--limit N] [--peek] [--offline]",
  summary: "the last messages; marks them as read unless --peek",
  options: { limit: { type: "string" }, peek: { type: "boolean" }, offline: { type: "boolean" } },
  run: async (invocation) => {
    const [name] = exactly(invocation.args, "CONVERSATION");
    const limit = numberOption(invocation.options, "limit", 50);
    const isOffline = invocation.options["offline"] === true;
    const show = async (client: Client): Promise<void> => {
      const { log } = await needConversation(client, name);
      for (const message of await client.messages(log, { limit })) {
        const { value, line } = showMessage(client, message);
        invocation.print(value, line);
      }
      if (invocation.options["peek"] === true) return;
      await client.markRead(log);
      if (!isOffline) await finish(client);
    };
    await (isOffline ? withProfile(invocation, show) : withConnection(invocation, show));
  },
};

export const accept: Command = {
  usage: "CONVERSATION",
  summary: "answer a request: the other one hears that messages arrive",
  run: async (invocation) => {
    const [name] = exactly(invocation.args, "CONVERSATION");
    await withConnection(invocation, async (client) => {
      const { log } = await needConversation(client, name);
      await client.accept(log);
      await finish(client);
      const { value, line } = showConversation(await needConversation(client, name));
      invocation.print(value, line);
    });
  },
};

export const search: Command = {
  usage: "TEXT [--limit N]",
  summary: "messages with this text anywhere in them, the latest first; works offline",
  options: { limit: { type: "string" } },
  run: async (invocation) => {
    const [query] = exactly(invocation.args, "TEXT");
    const limit = numberOption(invocation.options, "limit", 20);
    await withProfile(invocation, async (client) => {
      for (const message of await client.search(query, limit)) {
        const { value, line } = showMessage(client, message);
        invocation.print(value, line);
      }
    });
  },
};

export const watch: Command = {
  usage: "[--count N] [--seconds N]",
  summary: "show messages as they arrive, until interrupted",
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
          invocation.print(value, line);
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
      if (client.refusal !== undefined) throw new LaterError(new ClientError(client.refusal).message);
    });
  },
};
