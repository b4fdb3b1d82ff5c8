/** `group create|add|remove|leave|rename|members`. */
import { type Client, type Person } from "@sotto/client";
import { accountIdToText } from "@sotto/protocol";
import { type Command, exactly, type Invocation, UsageError } from "../command.ts";
import { finish, needConversation, withConnection } from "../profile.ts";
import { showConversation } from "../show.ts";

async function peopleFor(client: Client, names: readonly string[]): Promise<Person[]> {
  const people: Person[] = [];
  for (const name of names) people.push(await client.findPerson(name));
  return people;
}

async function act(client: Client, action: string, args: readonly string[]): Promise<string> {
  const [name = "", ...rest] = args;
  if (action === "create") {
    await client.createGroup(name, await peopleFor(client, rest));
    return name;
  }
  const { log } = await needConversation(client, name);
  switch (action) {
    case "add":
      await client.invite(log, await peopleFor(client, rest));
      return name;
    case "remove":
      await client.remove(log, await peopleFor(client, rest));
      return name;
    case "rename": {
      const [title] = exactly(rest, "TITLE");
      await client.rename(log, title);
      return title;
    }
    case "leave":
      exactly(rest);
      await client.leave(log);
      return name;
    default:
      throw new UsageError("Say create, add, remove, rename, leave or members.");
  }
}

async function members(client: Client, invocation: Invocation, name: string): Promise<void> {
  const { log } = await needConversation(client, name);
  for (const { account, username } of await client.members(log)) {
    invocation.print({ username, account: accountIdToText(account) }, username === "" ? accountIdToText(account) : `@${username}`);
  }
}

export const group: Command = {
  usage: "create TITLE NAME… | add GROUP NAME… | remove GROUP NAME… | rename GROUP TITLE | leave GROUP | members GROUP",
  summary: "make and change groups",
  run: async (invocation) => {
    const [action, ...args] = invocation.args;
    if (action === undefined || args.length === 0) throw new UsageError("Say what to do, and with which group.");
    await withConnection(invocation, async (client) => {
      if (action === "members") return members(client, invocation, args[0] ?? "");
      const name = await act(client, action, args);
      await finish(client);
      const { value, line } = showConversation(client, await needConversation(client, name));
      return invocation.print(value, line);
    });
  },
};
