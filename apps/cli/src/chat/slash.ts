/** Commands that begin with a slash in the composer: what is done seldom enough to be typed. */
import { type Client, ClientError, type Person } from "@sotto/client";
import { type GroupPolicy, idToText, type LogId, ROLES } from "@sotto/protocol";
import { conversationName } from "../show.ts";
import { durationWords, parseDuration } from "../show/time.ts";
import { safeLine } from "../terminal/safe-text.ts";

export const SLASH_HELP: readonly (readonly [string, string])[] = [
  ["/new @name", "talk to somebody"],
  ["/group TITLE… @name…", "a new group"],
  ["/accept  /decline", "answer a request"],
  ["/block @name  /unblock @name", "hear no more, or again"],
  ["/add @name  /remove @name", "who is in the group"],
  ["/role @name owner|admin|member", "who may do more"],
  ["/policy post admin", "from which role on one may do that"],
  ["/rename TITLE  /info  /leave", "the group itself"],
  ["/timer 1d|off", "messages disappear after reading"],
  ["/mute 8h|off  /pin  /archive", "this conversation; again to undo"],
  ["/attach FILE", "send a file; s saves those of a chosen message"],
  ["/poll QUESTION | ONE | TWO", "ask; /vote 1 answers the last poll"],
  ["/receipts on|off  /typing on|off", "what others hear of you"],
  ["/quit", ""],
];

/** What a command did: words for the status line, and a conversation to go to. */
export type Done = { readonly words: string; readonly open?: LogId };
type Asked = { readonly client: Client; readonly args: readonly string[]; readonly log: LogId | undefined };

/** Not a command, or not like that. */
export class SlashError extends Error {
  override readonly name = "SlashError";
}

function here({ log }: Asked): LogId {
  if (log === undefined) throw new SlashError("Open a conversation first.");
  return log;
}

async function viewOf(asked: Asked) {
  const log = here(asked);
  const view = (await asked.client.conversations()).find((known) => idToText(known.log) === idToText(log));
  if (view === undefined) throw new ClientError("conversation_unknown");
  return view;
}

async function person({ client, args }: Asked, at = 0): Promise<Person> {
  const name = args[at];
  if (name === undefined) throw new SlashError("Say whom, by @username.");
  return client.findPerson(name);
}

/** The one who is named, or else the one that one talks to. */
async function personOrPeer(asked: Asked): Promise<Pick<Person, "account">> {
  if (asked.args.length > 0) return person(asked);
  const { peer } = await viewOf(asked);
  if (peer === undefined) throw new SlashError("Say whom, by @username.");
  return { account: peer };
}

function seconds(typed: string | undefined): number {
  const parsed = typed === "off" ? 0 : parseDuration(typed ?? "");
  if (parsed === undefined) throw new SlashError("Say how long: 30s, 5m, 8h, 1d, 4w or off.");
  return parsed;
}

function onOrOff({ args }: Asked): boolean {
  if (args[0] !== "on" && args[0] !== "off") throw new SlashError("Say on or off.");
  return args[0] === "on";
}

const isPolicy = (text: string | undefined): text is keyof GroupPolicy => ["invite", "remove", "rename", "post"].includes(text ?? "");

const COMMANDS: Readonly<Record<string, (asked: Asked) => Promise<Done>>> = {
  new: async (asked) => {
    const found = await person(asked);
    return { words: `@${safeLine(found.username)} sees your first message as a request.`, open: await asked.client.direct(found) };
  },
  group: async ({ client, args }) => {
    const names = args.filter((word) => word.startsWith("@"));
    const title = args.filter((word) => !word.startsWith("@")).join(" ");
    if (title === "" || names.length === 0) throw new SlashError("Say a title and people: /group Choir @bob @cleo");
    const people: Person[] = [];
    for (const name of names) people.push(await client.findPerson(name));
    return { words: "The group is there.", open: await client.createGroup(title, people) };
  },
  accept: async (asked) => {
    await asked.client.accept(here(asked));
    return { words: "Accepted." };
  },
  decline: async (asked) => {
    await asked.client.people.decline(here(asked));
    return { words: "Declined." };
  },
  block: async (asked) => {
    await asked.client.people.block((await personOrPeer(asked)).account);
    return { words: "Blocked. /unblock @name undoes it." };
  },
  unblock: async (asked) => {
    await asked.client.people.unblock((await person(asked)).account);
    return { words: "Not blocked any more." };
  },
  add: async (asked) => {
    await asked.client.invite(here(asked), [await person(asked)]);
    return { words: "Invited." };
  },
  remove: async (asked) => {
    await asked.client.remove(here(asked), [await person(asked)]);
    return { words: "Removed." };
  },
  role: async (asked) => {
    const role = ROLES.find((known) => known === asked.args[1]);
    if (role === undefined) throw new SlashError("A role is member, admin or owner.");
    await asked.client.groups.setRole(here(asked), (await person(asked)).account, role);
    return { words: "Done." };
  },
  policy: async (asked) => {
    const [what, least] = asked.args;
    const role = ROLES.find((known) => known === least);
    if (!isPolicy(what) || role === undefined) throw new SlashError("Say invite, remove, rename or post, and member, admin or owner.");
    await asked.client.groups.setPolicy(here(asked), { [what]: role });
    return { words: "Done." };
  },
  rename: async (asked) => {
    await asked.client.rename(here(asked), asked.args.join(" "));
    return { words: "Renamed." };
  },
  leave: async (asked) => {
    await asked.client.leave(here(asked));
    return { words: "You leave." };
  },
  info: async (asked) => {
    const { members, policy, timerSeconds } = await asked.client.groups.info(here(asked));
    const names = members.map(
      ({ username, role }) => `${username === "" ? "somebody" : `@${safeLine(username)}`}${role === "member" ? "" : ` (${role})`}`,
    );
    const rules = (["invite", "remove", "rename", "post"] as const).map((what) => `${what}: ${policy[what]}`).join(", ");
    return { words: `${names.join(", ")} — ${rules}${timerSeconds === 0 ? "" : ` — disappearing after ${durationWords(timerSeconds)}`}` };
  },
  timer: async (asked) => {
    const time = seconds(asked.args[0]);
    await asked.client.groups.setTimer(here(asked), time);
    return { words: time === 0 ? "Messages stay." : `Messages disappear ${durationWords(time)} after reading.` };
  },
  mute: async (asked) => {
    const view = await viewOf(asked);
    const time = asked.args[0] === undefined ? (view.isMuted ? 0 : 8 * 3600) : seconds(asked.args[0]);
    await asked.client.preferences.mute(view.log, time === 0 ? 0 : Date.now() + time * 1000);
    return { words: time === 0 ? "Not muted any more." : `Muted for ${durationWords(time)}.` };
  },
  pin: async (asked) => {
    const { log, isPinned } = await viewOf(asked);
    await asked.client.preferences.pin(log, !isPinned);
    return { words: isPinned ? "Not pinned any more." : "Pinned." };
  },
  archive: async (asked) => {
    const { log, isArchived } = await viewOf(asked);
    await asked.client.preferences.archive(log, !isArchived);
    return { words: isArchived ? "Back in the list." : "Archived until somebody writes." };
  },
  poll: async (asked) => {
    const [question = "", ...options] = asked.args
      .join(" ")
      .split("|")
      .map((part) => part.trim());
    if (question === "" || options.length < 2 || options.includes("")) throw new SlashError("Like this: /poll When? | Friday | Saturday");
    await asked.client.sendPoll(here(asked), { question, options, choicesMax: 1 });
    return { words: "" };
  },
  vote: async (asked) => {
    const polls = (await asked.client.messages(here(asked), { limit: 200 })).filter(
      ({ poll, messageId }) => poll !== undefined && messageId !== undefined,
    );
    const last = polls.at(-1);
    if (last?.poll === undefined || last.messageId === undefined) throw new SlashError("There is no poll here.");
    const choices = asked.args.map((arg) => Number(arg) - 1);
    const { options, choicesMax } = last.poll;
    const fits =
      choices.length <= choicesMax && choices.every((index) => Number.isSafeInteger(index) && index >= 0 && index < options.length);
    if (!fits) throw new SlashError(`Choose up to ${choicesMax} of 1 to ${options.length}.`);
    await asked.client.vote(here(asked), last.messageId, choices);
    return { words: "Voted." };
  },
  receipts: async (asked) => {
    const isOn = onOrOff(asked);
    await asked.client.preferences.turn("receipts", isOn);
    return { words: isOn ? "Others hear that you read." : "Nobody hears that you read." };
  },
  typing: async (asked) => {
    const isOn = onOrOff(asked);
    await asked.client.preferences.turn("typing", isOn);
    return { words: isOn ? "Others see that you type." : "Nobody sees that you type." };
  },
  open: async ({ client, args }) => {
    const name = args.join(" ").toLowerCase();
    const all = (await client.conversations()).map((view) => ({ log: view.log, shown: conversationName(view).toLowerCase() }));
    const found = all.find(({ shown }) => shown === name || shown === `@${name}`) ?? all.find(({ shown }) => shown.includes(name));
    if (found === undefined || name === "") throw new ClientError("conversation_unknown");
    return { words: "", open: found.log };
  },
};

export async function runSlash(client: Client, words: readonly string[], log: LogId | undefined): Promise<Done> {
  const [name = "", ...args] = words;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) throw new SlashError(`There is no command /${safeLine(name)}. F1 lists them.`);
  return command({ client, args, log });
}
