/** Opens a profile for one command, and closes it again whatever happens. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import {
  Client,
  ClientError,
  type ClientErrorCode,
  type ConversationView,
  isProfileRegistered,
  loadServerAddress,
  type MessageView,
  type Person,
  saveServerAddress,
  sentenceOf,
} from "@sotto/client";
import { nodePorts, openStore } from "@sotto/client/node";
import { equalBytes, idToText, type LogId } from "@sotto/protocol";
import { type Invocation, LaterError, type Options, textOption } from "./command.ts";
import { tellNews } from "./notices.ts";
import { lockFor } from "./passphrase.ts";
import { settledAloud } from "./waiting.ts";

export const SETTLE_MS = 30_000;
const WAITS_FOR_ROOM =
  "Somebody's inbox is full. What is for them is kept, and sent again by the commands that connect, until there is room.";
const NOBODY: ReadonlySet<string> = new Set(["username_unknown", "username_invalid"]);
export const DEFAULT_SERVER = "http://localhost:8420";

export function folderOf(options: Options): string {
  return textOption(options, "profile") ?? process.env["SOTTO_PROFILE"] ?? join(homedir(), ".sotto");
}

/** For commands that begin a profile. `server` counts, and is kept, until the profile has an account. */
type Beginning = { readonly server?: string | undefined };

/** Without `beginning` a profile that is not there is refused, and not made. */
export async function withProfile<T>(
  { options }: Pick<Invocation, "options">,
  use: (client: Client) => Promise<T>,
  beginning?: Beginning,
): Promise<T> {
  const path = join(folderOf(options), "profile.db");
  const isNew = !existsSync(path);
  if (isNew && beginning === undefined) throw new ClientError("profile_none");
  const store = openStore(path, await lockFor(options, { isNew }));
  let client: Client | undefined;
  try {
    const chosen = (await isProfileRegistered(store)) ? undefined : beginning?.server;
    const ports = await nodePorts(store, chosen ?? (await loadServerAddress(store)) ?? DEFAULT_SERVER);
    if (chosen !== undefined) await saveServerAddress(store, chosen);
    client = await Client.open(ports);
    return await use(client);
  } finally {
    await (client === undefined ? store.close() : client.close());
  }
}

/** As {@link withProfile}, connected. `isCurrent` is whether everything that the server had has arrived. */
export function withConnection<T>(invocation: Invocation, use: (client: Client, isCurrent: boolean) => Promise<T>): Promise<T> {
  return withProfile(invocation, async (client) => {
    client.connect();
    const isCurrent = await settledAloud(client, SETTLE_MS);
    if (client.refusal !== undefined) throw new ClientError(client.refusal);
    const trouble = isCurrent ? undefined : (client.trouble ?? "server_timeout");
    await tellNews(client, invocation.options);
    try {
      const result = await use(client, isCurrent);
      if (trouble !== undefined) warn(invocation, trouble, sentenceOn(client, trouble));
      if (await client.isRoomAwaited()) warn(invocation, "inbox_full", WAITS_FOR_ROOM);
      return result;
    } catch (error) {
      const code = error instanceof ClientError || error instanceof LaterError ? error.code : undefined;
      if (trouble !== undefined && code !== trouble) warn(invocation, trouble, sentenceOn(client, trouble));
      throw error instanceof ClientError && error.code === "server_unreachable"
        ? new LaterError(sentenceOn(client, error.code), error.code)
        : error;
    }
  });
}

/** With the address, where that may be what is wrong. */
function sentenceOn({ server }: Pick<Client, "server">, code: ClientErrorCode): string {
  return code === "server_unreachable" ? `Nothing answers at ${server}. Check the connection and the address.` : sentenceOf(code);
}

/** What is shown may be old: said beside it, since it is shown all the same. */
function warn({ options }: Pick<Invocation, "options">, code: ClientErrorCode, message: string): void {
  process.stderr.write(options["json"] === true ? `${JSON.stringify({ warning: code, message })}\n` : `sotto: ${message} (${code})\n`);
}

/** Waits until what was asked for is done at the server. In a conversation that rests it is not: then `log` makes that known. */
export async function finish(client: Client, log?: LogId): Promise<void> {
  if (await settledAloud(client, SETTLE_MS)) {
    const about = log && (await client.conversations()).find((view) => equalBytes(view.log, log));
    if (about?.trouble !== undefined) throw new LaterError(`${sentenceOf(about.trouble)} What you did is kept.`, about.trouble);
    const [unreached] = about?.kind === "direct" ? about.undelivered : [];
    if (unreached !== undefined) throw new ClientError(unreached.code);
    return;
  }
  if (client.refusal !== undefined) throw new ClientError(client.refusal);
  const { trouble } = client;
  const sentence = trouble === undefined ? "The server did not answer in time." : sentenceOn(client, trouble);
  throw new LaterError(`${sentence} It is kept, and sent with the next command that connects.`, trouble);
}

/** The message of that row as it is at the server now; throws what was wrong with it if it will not get there. */
export async function needSent(client: Client, localId: Uint8Array): Promise<MessageView> {
  const message = await client.message(localId);
  if (message === undefined) throw new ClientError("message_unknown");
  if (message.failure !== undefined) throw new ClientError(message.failure);
  return message;
}

/** By `@username`, title or id. */
async function findConversation(client: Client, typed: string): Promise<ConversationView | undefined> {
  const name = typed.replace(/^@/, "");
  const all = await client.conversations();
  const isPerson = (view: ConversationView): boolean => view.kind === "direct" && view.title === name.toLowerCase();
  const exact = all.find(isPerson) ?? all.find(({ log, title, kind }) => idToText(log) === typed || (kind === "group" && title === typed));
  if (exact !== undefined) return exact;
  const wanted = typed.toLowerCase();
  const [found, ...more] = all.filter(({ title, kind }) => kind === "group" && title.toLowerCase() === wanted);
  return more.length === 0 ? found : undefined;
}

/** Without an @ a title may have been meant as well as a name. */
async function findPerson(client: Client, typed: string): Promise<Person> {
  try {
    return await client.findPerson(typed);
  } catch (error) {
    const isNobody = error instanceof ClientError && NOBODY.has(error.code);
    throw isNobody && !typed.startsWith("@") ? new ClientError("conversation_unknown", { cause: error }) : error;
  }
}

/** The conversation that is meant, or a new one with that person. */
export async function conversationFor(client: Client, to: string): Promise<LogId> {
  const known = await findConversation(client, to);
  return known === undefined ? client.direct(await findPerson(client, to)) : known.log;
}

export async function needConversation(client: Client, typed: string): Promise<ConversationView> {
  const found = await findConversation(client, typed);
  if (found === undefined) throw new ClientError("conversation_unknown");
  return found;
}
