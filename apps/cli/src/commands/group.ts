/** `group …` and `timer`. */
import { type Client, ClientError, type GroupInfo, type Person } from "@sotto/client";
import { accountIdToText, type GroupPolicy, idToText, type LogId, type Role, ROLES } from "@sotto/protocol";
import { type Command, exactly, type Invocation, UsageError } from "../command.ts";
import { finish, needConversation, withConnection } from "../profile.ts";
import { showConversation } from "../show.ts";
import { durationWords, parseDuration } from "../show/time.ts";
import { safeLine, safeText } from "../terminal/safe-text.ts";

const POLICIES: Readonly<Record<keyof GroupPolicy, string>> = {
  invite: "bring people in",
  remove: "remove people",
  rename: "change name, description and timer",
  post: "write",
};
const isPolicy = (text: string): text is keyof GroupPolicy => Object.hasOwn(POLICIES, text);

function roleFrom(text: string): Role {
  const role = ROLES.find((known) => known === text);
  if (role === undefined) throw new UsageError("A role is member, admin or owner.");
  return role;
}

async function peopleFor(client: Client, names: readonly string[]): Promise<Person[]> {
  if (names.length === 0) throw new UsageError("Say whom, by @username.");
  const people: Person[] = [];
  for (const name of names) people.push(await client.findPerson(name));
  return people;
}

type Act = (client: Client, log: LogId, rest: readonly string[]) => Promise<void>;

/** What changes a group that is there. */
const ACTS: Readonly<Record<string, Act>> = {
  add: async (client, log, rest) => client.invite(log, await peopleFor(client, rest)),
  remove: async (client, log, rest) => client.remove(log, await peopleFor(client, rest)),
  rename: (client, log, rest) => client.groups.setName(log, exactly(rest, "TITLE")[0]),
  describe: (client, log, rest) => client.groups.setDescription(log, exactly(rest, "TEXT")[0]),
  role: async (client, log, rest) => {
    const [name, role] = exactly(rest, "NAME", "ROLE");
    const [person] = await peopleFor(client, [name]);
    if (person !== undefined) await client.groups.setRole(log, person.account, roleFrom(role));
  },
  policy: async (client, log, rest) => {
    if (rest.length === 0) return;
    const [what, role] = exactly(rest, "WHAT", "ROLE");
    if (!isPolicy(what)) throw new UsageError("A policy is for invite, remove, rename or post.");
    await client.groups.setPolicy(log, { [what]: roleFrom(role) });
  },
  leave: (client, log, rest) => {
    exactly(rest);
    return client.leave(log);
  },
};
const CHANGES_INFO: ReadonlySet<string> = new Set(["role", "policy", "describe", "info"]);

function showMembers({ print }: Pick<Invocation, "print">, { members }: GroupInfo): void {
  for (const { account, username, role, isOwn } of members) {
    const name = username === "" ? accountIdToText(account) : `@${safeLine(username)}`;
    const notes = [role === "member" ? "" : role, isOwn ? "you" : ""].filter((note) => note !== "");
    print({ username, account: accountIdToText(account), role }, notes.length === 0 ? name : `${name}  (${notes.join(", ")})`);
  }
}

function showInfo({ print }: Pick<Invocation, "print">, { name, description, policy, timerSeconds, members }: GroupInfo): void {
  const counts = ROLES.map((role) => [role, members.filter((member) => member.role === role).length] as const);
  const lines = [
    safeLine(name),
    ...(description === "" ? [] : [safeText(description)]),
    counts
      .toReversed()
      .flatMap(([role, count]) => (count === 0 ? [] : [`${count} ${role}${count === 1 ? "" : "s"}`]))
      .join(", "),
    ...Object.entries(POLICIES).map(
      ([what, words]) => `${what.padEnd(6)}  ${ROLES.find((role) => isPolicy(what) && role === policy[what])}s may ${words}`,
    ),
    timerSeconds === 0 ? "messages stay" : `messages disappear ${durationWords(timerSeconds)} after reading`,
  ];
  print({ name, description, policy, timerSeconds, members: members.length }, lines.join("\n"));
}

export const group: Command = {
  usage: "ACTION GROUP …",
  summary: "make and change groups",
  details: [
    "create TITLE NAME…     a new group with these people; you own it",
    "info GROUP             name, description, who may do what",
    "members GROUP          who is in it, with roles",
    "add GROUP NAME…        bring people in",
    "remove GROUP NAME…     they read nothing that follows",
    "rename GROUP TITLE",
    "describe GROUP TEXT    what it is about",
    "role GROUP NAME member|admin|owner",
    "policy GROUP [invite|remove|rename|post member|admin|owner]   from which role on one may do that",
    "leave GROUP",
  ],
  run: async (invocation) => {
    const [action = "", name, ...rest] = invocation.args;
    const act = ACTS[action];
    const isOther = action === "create" || action === "members" || action === "info";
    if (name === undefined || (act === undefined && !isOther)) throw new UsageError("Say what to do, and with which group.");
    await withConnection(invocation, async (client) => {
      const log =
        action === "create" ? await client.createGroup(name, await peopleFor(client, rest)) : (await needConversation(client, name)).log;
      if (action === "members") return showMembers(invocation, await client.groups.info(log));
      await act?.(client, log, rest);
      if (action !== "info") await finish(client, log);
      if (CHANGES_INFO.has(action)) return showInfo(invocation, await client.groups.info(log));
      const { value, line } = showConversation(client, await needConversation(client, idToText(log)));
      return invocation.print(value, line);
    });
  },
};

export const timer: Command = {
  usage: "CONVERSATION [30s|5m|8h|1d|4w|off]",
  summary: "let messages disappear so long after reading; without a time, show it",
  details: [
    "It counts for what is written from then on, for all members. On their devices it is a wish: a program can be changed to keep everything.",
  ],
  run: async (invocation) => {
    const [name, typed, ...more] = invocation.args;
    if (name === undefined || more.length > 0) throw new UsageError("It takes CONVERSATION and a time.");
    const seconds = typed === undefined || typed === "off" ? 0 : parseDuration(typed);
    if (seconds === undefined) throw new UsageError("Say how long: 30s, 5m, 8h, 1d, 4w or off.");
    await withConnection(invocation, async (client) => {
      const { log } = await needConversation(client, name);
      if (typed !== undefined) {
        await client.groups.setTimer(log, seconds);
        await finish(client, log);
      }
      const view = await needConversation(client, idToText(log));
      if (typed !== undefined && view.timerSeconds !== seconds) throw new ClientError("group_forbidden");
      const sentence = view.timerSeconds === 0 ? "Messages stay." : `Messages disappear ${durationWords(view.timerSeconds)} after reading.`;
      invocation.print({ timerSeconds: view.timerSeconds }, sentence);
    });
  },
};
