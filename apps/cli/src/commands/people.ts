/** `block`, `unblock` and `decline`. */
import { type Client, ClientError, type Person } from "@sotto/client";
import { accountIdToText } from "@sotto/protocol";
import { type Command, exactly } from "../command.ts";
import { finish, needConversation, withConnection, withProfile } from "../profile.ts";
import { safeLine } from "../terminal/safe-text.ts";

/** From what is known here, so that it works offline; else from the directory. */
async function personFor(client: Client, typed: string): Promise<Pick<Person, "account">> {
  const name = typed.replace(/^@/, "").toLowerCase();
  const known = (await client.conversations()).find(({ kind, title, peer }) => kind === "direct" && title === name && peer !== undefined);
  return known?.peer === undefined ? client.findPerson(typed) : { account: known.peer };
}

export const block: Command = {
  usage: "[@USERNAME]",
  summary: "hear no more from a person; without a name, the list of those who are blocked",
  details: [
    "They do not hear of it. What they write to you is dropped, they get no receipts, and their requests do not show.",
    "In groups you still read each other; leave the group, or ask an admin to remove them.",
  ],
  run: async (invocation) => {
    if (invocation.args.length === 0) {
      await withProfile(invocation, async (client) => {
        for (const { account, username } of await client.people.blocked()) {
          const name = username === "" ? accountIdToText(account) : `@${safeLine(username)}`;
          invocation.print({ account: accountIdToText(account), username }, name);
        }
      });
      return;
    }
    const [name] = exactly(invocation.args, "@USERNAME");
    await withConnection(invocation, async (client) => {
      const { account } = await personFor(client, name);
      await client.people.block(account);
      invocation.print({ account: accountIdToText(account), isBlocked: true }, "Blocked.");
    });
  },
};

export const unblock: Command = {
  usage: "@USERNAME",
  summary: "hear from a blocked person again; what they wrote meanwhile stays away",
  run: async (invocation) => {
    const [typed] = exactly(invocation.args, "@USERNAME");
    await withConnection(invocation, async (client) => {
      const name = typed.replace(/^@/, "").toLowerCase();
      const known = (await client.people.blocked()).find(({ username }) => username === name);
      const { account } = known ?? (await client.findPerson(typed));
      await client.people.unblock(account);
      invocation.print({ account: accountIdToText(account), isBlocked: false }, "Not blocked any more.");
    });
  },
};

export const decline: Command = {
  usage: "CONVERSATION",
  summary: "take a request away, with what it said",
  details: ["A person does not hear of it and can ask again: sotto block stops that. Of a group you leave, which its members see."],
  run: async (invocation) => {
    const [name] = exactly(invocation.args, "CONVERSATION");
    await withConnection(invocation, async (client) => {
      const view = await needConversation(client, name);
      if (view.status !== "request") throw new ClientError("request_unknown");
      await client.people.decline(view.log);
      await finish(client);
      invocation.print({ isDeclined: true }, "Declined.");
    });
  },
};
