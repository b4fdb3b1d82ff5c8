/** Starting conversations: a first message to a person (which they see as a request), and groups. */
import { createConversation, type ConversationKind, type DeviceAddress } from "@sotto/core";
import { type AccountId, equalBytes, type LogId, type OwnItem, parseAddress } from "@sotto/protocol";
import { ClientError, orThrow } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import { askPatiently } from "../net/patiently.ts";
import { enqueue } from "../send/outbox.ts";
import { encodeCreate } from "../send/stored-request.ts";
import { directLogs } from "../read/direct.ts";
import { newLocalId } from "../store/local-id.ts";
import { sql } from "../store/statements.ts";
import { deliveries } from "./deliveries.ts";
import { claim } from "./plan-commit.ts";

export type Person = { readonly account: AccountId; readonly username: string };

/** What the own other devices hear of a person whose name was looked up. */
export function contactItem({ account, username }: Person): OwnItem {
  return { kind: "contact", account, username, name: "", isChecked: true, contactToken: null };
}

/** The account behind a username, as the directory says now. */
export async function findPerson(engine: Engine, typed: string): Promise<Person> {
  const { username } = orThrow(parseAddress(typed));
  const found = orThrow(await askPatiently(engine, "directory.lookup", { username }));
  return { account: found.account, username };
}

/** The conversation with a person if there is one that can be written to: the same on both sides. */
export async function directWith(engine: Engine, account: AccountId): Promise<Uint8Array | undefined> {
  const [first] = await directLogs(engine.ports.store, account);
  if (first === undefined) return undefined;
  const [row] = await engine.ports.store.all("SELECT 1 FROM conversations WHERE log = ? AND status <> 'left'", [first]);
  return row && first;
}

async function devicesToInvite(engine: Engine, people: readonly Person[]): Promise<DeviceAddress[]> {
  const wanted: DeviceAddress[] = [];
  for (const { account } of [{ account: engine.me.account }, ...people]) {
    orThrow(await engine.chains.fetch(account));
    const devices = [...(engine.chains.known(account)?.devicesById.values() ?? [])];
    wanted.push(...devices.filter(({ id }) => !equalBytes(id, engine.self.id)).map(({ id }) => ({ account, device: id })));
  }
  return wanted;
}

export type Starting = { readonly kind: ConversationKind; readonly name: string; readonly people: readonly Person[] };

/** Stores the conversation with all that is to be sent for it. The log is made and the invitations leave when there is a connection. */
export async function startConversation(engine: Engine, { kind, name, people }: Starting): Promise<LogId> {
  if (people.some(({ account }) => equalBytes(account, engine.me.account))) throw new ClientError("own_account");
  const invitees = orThrow(await claim(engine, await devicesToInvite(engine, people)));
  const made = orThrow(await engine.decide((context) => createConversation(engine.self, { kind, name, invitees }, context)));
  const { conversation, create, invitations, ratchetTree } = made;
  const { log } = conversation;
  const insert = "INSERT INTO conversations (log, kind, status, title, peer, cursor, updated_at) VALUES (?, ?, 'active', ?, ?, 1, ?)";
  const known =
    "INSERT INTO contacts (account, username, is_checked) VALUES (?, ?, 1) ON CONFLICT (account) DO UPDATE SET username = excluded.username, is_checked = 1";
  const peer = kind === "direct" ? (people[0]?.account ?? null) : null;
  await engine.ports.store.write([
    ...engine.conversations.statements(undefined, conversation),
    sql(insert, log, kind, name, peer, engine.context.now),
    ...people.map(({ account, username }) => sql(known, account, username)),
    ...people.flatMap((person) => engine.own.statements(contactItem(person))),
    ...(kind === "self" ? [] : engine.own.statements({ kind: "conversation", group: conversation.mls.context.groupId, status: "active" })),
    enqueue({ log, localId: newLocalId(engine.context), kind: "create", draft: encodeCreate({ ...create, payment: [] }) }),
    ...deliveries(engine, { name: log, log, firstSeq: 1, invitations, ratchetTree }),
  ]);
  engine.conversations.adopt(conversation);
  engine.emit({ kind: "conversation", log });
  return log;
}
