/** `archive list|show|search|people|merge|split|me|stats|continue`: imported history on the terminal. */
import type { ArchiveConversationView, ArchiveHit, Client } from "@sotto/client";
import { ClientError } from "@sotto/client";
import { type ArchiveMessage, type ArchivePerson, base64urlToBytes, bytesToBase64url, equalBytes, idToText } from "@sotto/protocol";
import { type Command, exactly, type Invocation, numberOption, textOption, UsageError } from "../command.ts";
import { needConversation, withProfile } from "../profile.ts";
import { clockOf, dayOf } from "../show/time.ts";
import { safeLine } from "../terminal/safe-text.ts";
import { archive as archiveLive } from "./arrange.ts";

type Archive = Client["archive"];
type Names = ReadonlyMap<string, string>;

/** By id or title; a title that several have must be told by its id. */
export async function findArchived(archive: Archive, typed: string): Promise<ArchiveConversationView> {
  const all = await archive.conversations();
  const found = all.find(({ log }) => bytesToBase64url(log) === typed);
  if (found !== undefined) return found;
  const [only, ...others] = all.filter(({ title }) => title.toLowerCase() === typed.toLowerCase());
  if (only === undefined) throw new ClientError("conversation_unknown");
  if (others.length > 0) throw new UsageError("Several conversations have this title. Use the id that sotto archive list shows.");
  return only;
}

async function findPerson(archive: Archive, typed: string): Promise<ArchivePerson> {
  const people = await archive.people.list();
  const [only, ...others] = people.filter(({ id, name, service }) => id === typed || name === typed || `${service}:${name}` === typed);
  if (only === undefined) throw new ClientError("person_unknown");
  if (others.length > 0)
    throw new UsageError("Several people have this name. Write service:name, or the id that sotto archive people shows.");
  return only;
}

const bytesOf = (id: string): Uint8Array => base64urlToBytes(id) ?? new Uint8Array();

async function namesOf(archive: Archive): Promise<Names> {
  const people = await archive.people.list();
  const names = new Map(people.map(({ id, name }) => [id, name]));
  return new Map(people.map(({ id, mergedInto, name }) => [id, (mergedInto === undefined ? undefined : names.get(mergedInto)) ?? name]));
}

function lineOf(message: ArchiveMessage, names: Names): string {
  const who = message.sender === undefined ? "*" : `${safeLine(names.get(message.sender) ?? "?")}:`;
  const files = (message.media ?? []).map(
    ({ kind, state, name }) => `[${kind}${state === "stored" ? "" : `, ${state}`}: ${safeLine(name.slice(name.lastIndexOf("/") + 1))}]`,
  );
  const reactions = (message.reactions ?? []).map(({ emoji }) => safeLine(emoji)).join("");
  const words = [message.kind === "deleted" && message.text === "" ? "(taken back)" : safeLine(message.text), ...files, reactions];
  return `${dayOf(message.at)} ${clockOf(message.at)}  ${who} ${words.filter((word) => word !== "").join(" ")}`;
}

function dateOption(invocation: Invocation, name: string): number | undefined {
  const text = textOption(invocation.options, name);
  if (text === undefined) return undefined;
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (!Number.isFinite(at)) throw new UsageError(`--${name} takes a day, such as 2020-12-31.`);
  return at;
}

type Action = (client: Client, args: readonly string[], invocation: Invocation) => Promise<void>;

const list: Action = async ({ archive }, args, { print }) => {
  exactly(args);
  for (const { log, service, kind, title, messages, firstAt, lastAt } of await archive.conversations()) {
    const id = bytesToBase64url(log);
    const times = firstAt === undefined || lastAt === undefined ? "" : `, ${dayOf(firstAt)} to ${dayOf(lastAt)}`;
    print(
      { id, service, kind, title, messages, firstAt: firstAt ?? null, lastAt: lastAt ?? null },
      `${id}  ${safeLine(title)}  (${service}, ${messages}${times})`,
    );
  }
};

const show: Action = async ({ archive }, args, invocation) => {
  const [typed] = exactly(args, "CONVERSATION");
  const { log } = await findArchived(archive, typed);
  const names = await namesOf(archive);
  const { messages } = await archive.messages(log, { limit: numberOption(invocation.options, "limit", 50) });
  for (const message of messages) invocation.print({ ...message }, lineOf(message, names));
};

function printHit({ log, service, title, message, before, after }: ArchiveHit, names: Names, { print }: Invocation): void {
  const around = [
    ...before.map((one) => `  ${lineOf(one, names)}`),
    `> ${lineOf(message, names)}`,
    ...after.map((one) => `  ${lineOf(one, names)}`),
  ];
  const value = {
    conversation: bytesToBase64url(log),
    service,
    title,
    from: names.get(message.sender ?? "") ?? null,
    message,
    before,
    after,
  };
  print(value, `${safeLine(title)} (${service})\n${around.join("\n")}`);
}

const search: Action = async ({ archive }, args, invocation) => {
  const { options } = invocation;
  if (args.length > 1) throw new UsageError("It takes TEXT.");
  const [person, conversation] = [textOption(options, "person"), textOption(options, "conversation")];
  const [service, media] = [textOption(options, "service"), textOption(options, "media")];
  const people = person === undefined ? undefined : await archive.people.together(bytesOf((await findPerson(archive, person)).id));
  const log = conversation === undefined ? undefined : (await findArchived(archive, conversation)).log;
  const [from, to] = [dateOption(invocation, "from"), dateOption(invocation, "to")];
  const names = await namesOf(archive);
  const hits = await archive.search({
    limit: numberOption(options, "limit", 20),
    context: numberOption(options, "context", 0),
    ...(args[0] === undefined ? {} : { text: args[0] }),
    ...(people === undefined ? {} : { people }),
    ...(log === undefined ? {} : { log }),
    ...(service === undefined ? {} : { service }),
    ...(media === undefined ? {} : { media }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  });
  for (const hit of hits) printHit(hit, names, invocation);
};

const people: Action = async ({ archive }, args, { print, options }) => {
  exactly(args);
  if (options["suggest"] === true) {
    for (const [one, other] of await archive.people.suggestions()) {
      print({ one, other }, `sotto archive merge ${one.service}:${safeLine(one.name)} ${other.service}:${safeLine(other.name)}`);
    }
    return;
  }
  for (const person of await archive.people.list()) {
    const notes = [
      person.service,
      `${person.messages} messages`,
      person.isMe === true ? "you" : "",
      person.mergedInto === undefined ? "" : "merged",
    ];
    print({ ...person }, `${person.id}  ${safeLine(person.name)}  (${notes.filter((note) => note !== "").join(", ")})`);
  }
};

const merge: Action = async ({ archive }, args, { print }) => {
  const [person, other] = exactly(args, "PERSON", "OTHER");
  const [one, two] = [await findPerson(archive, person), await findPerson(archive, other)];
  await archive.people.merge(bytesOf(one.id), bytesOf(two.id));
  print({ person: one.id, other: two.id }, "They are one person now.");
};

const split: Action = async ({ archive }, args, { print }) => {
  const [typed] = exactly(args, "PERSON");
  const person = await findPerson(archive, typed);
  await archive.people.split(bytesOf(person.id));
  print({ person: person.id }, "They are a person of their own again.");
};

const me: Action = async ({ archive }, args, { print }) => {
  const [typed] = exactly(args, "PERSON");
  const person = await findPerson(archive, typed);
  await archive.people.markAsMe(bytesOf(person.id));
  print({ person: person.id, service: person.service }, `On ${person.service} this is you.`);
};

const stats: Action = async ({ archive }, args, { print }) => {
  exactly(args);
  for (const row of await archive.stats()) {
    print(
      { ...row, firstAt: row.firstAt ?? null, lastAt: row.lastAt ?? null },
      `${row.service}: ${row.messages} messages in ${row.conversations} conversations`,
    );
  }
  const { files, bytes } = await archive.mediaTotals();
  print({ files, bytes }, `${files} files, ${Math.round(bytes / 1_000_000)} MB`);
};

/** Sets the imported conversation above a live one with the same person. */
const goOn: Action = async (client, args, { print }) => {
  const { archive } = client;
  const [typed, live] = exactly(args, "CONVERSATION", "LIVE");
  const { log, title } = await findArchived(archive, typed);
  const to = live === "none" ? undefined : await needConversation(client, live);
  await archive.continueIn(log, to?.log);
  print(
    { conversation: bytesToBase64url(log), live: to === undefined ? null : idToText(to.log) },
    `${safeLine(title)} stands above ${live} now.`,
  );
};

/** What was imported of a live conversation, under the name of its service; at most `limit` messages, the last ones. */
export async function printImported(
  { archive }: Client,
  { log, limit }: { readonly log: Uint8Array; readonly limit: number },
  { print }: Pick<Invocation, "print">,
): Promise<void> {
  const above = (await archive.conversations()).filter(({ liveLog }) => liveLog !== undefined && equalBytes(liveLog, log));
  if (above.length === 0 || limit <= 0) return;
  const names = await namesOf(archive);
  for (const { log: imported, service } of above) {
    const { messages } = await archive.messages(imported, { limit });
    for (const message of messages) print({ ...message, service, state: "imported" }, `${service}  ${lineOf(message, names)}`);
  }
}

const ACTIONS: Readonly<Record<string, Action>> = { list, show, search, people, merge, split, me, stats, continue: goOn };

export const archive: Command = {
  usage:
    "list | show CONVERSATION | search [TEXT] | people | merge PERSON OTHER | split PERSON | me PERSON | stats | continue CONVERSATION LIVE | CONVERSATION",
  summary: "imported history; or, with the name of a conversation, put that away",
  details: [
    "search: --person NAME  --conversation NAME  --service NAME  --from DAY  --to DAY  --media KIND  --context N  --limit N",
    "continue CONVERSATION @user  shows it above that conversation from now on; none instead of @user parts them",
    "people --suggest  asks which people of two services are one",
    ...(archiveLive.details ?? []),
  ],
  options: {
    ...archiveLive.options,
    limit: { type: "string" },
    context: { type: "string" },
    person: { type: "string" },
    conversation: { type: "string" },
    service: { type: "string" },
    from: { type: "string" },
    to: { type: "string" },
    media: { type: "string" },
    suggest: { type: "boolean" },
  },
  run: async (invocation) => {
    const [name = "", ...rest] = invocation.args;
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (action === undefined) return archiveLive.run(invocation);
    await withProfile(invocation, (client) => action(client, rest, invocation));
  },
};
