/** A deed: what a person does at one device, and what they do it with. */
import type { Client, ConversationView, MessageView } from "@sotto/client";
import { bytesToHex, idToText, type MessageId } from "@sotto/protocol";
import type { Device } from "../world/device.ts";
import type { Person, World } from "../world/world.ts";

export type Doing = { readonly world: World; readonly person: Person; readonly device: Device; readonly client: Client };
/** What came of it, for the trace. */
export type Deed = (doing: Doing) => Promise<string>;
/** `weight`: how often it is done, against the others. */
export type Possible = readonly [weight: number, name: string, deed: Deed];

export const TIMEOUT_MS = 30_000;

export function secretWord(world: World, prefix: string): string {
  const word = `${prefix}${bytesToHex(world.dice.bytes(8))}`;
  world.ledger.secrets.push(word);
  return word;
}

export async function someConversation(doing: Doing, isMeant: (view: ConversationView) => boolean): Promise<ConversationView | undefined> {
  const views = (await doing.client.conversations()).filter(isMeant);
  return doing.world.dice.pick(views);
}

export const isActive = ({ status }: ConversationView): boolean => status === "active";
export const isOpen = ({ status }: ConversationView): boolean => status === "active" || status === "request";
export const isGroup = ({ status, kind }: ConversationView): boolean => status === "active" && kind === "group";

export async function someMessage(
  doing: Doing,
  log: ConversationView["log"],
  isMeant: (view: MessageView) => boolean,
): Promise<MessageView | undefined> {
  const messages = (await doing.client.messages(log, { limit: 30 })).filter((view) => view.kind === "text" && isMeant(view));
  return doing.world.dice.pick(messages);
}

export async function sayIn(doing: Doing, log: ConversationView["log"], inReplyTo?: MessageId): Promise<string> {
  const { world, client, device } = doing;
  const token = secretWord(world, "text");
  const localId = await client.sendText(log, token, inReplyTo === undefined ? {} : { inReplyTo });
  world.ledger.said.push({ token, by: device.name, log, kind: "text", localId: bytesToHex(localId), at: world.scheduler.now });
  return token;
}

/** Other people, as the directory knows them. */
export async function findOthers({ world, client, person }: Doing, most: number) {
  const others = world.people.filter((other) => other !== person);
  return Promise.all(world.dice.some(others, most).map(({ username }) => client.findPerson(username)));
}

export function founded({ world, person }: Doing, log: ConversationView["log"]): void {
  world.ledger.founders.set(idToText(log), person.username);
}
