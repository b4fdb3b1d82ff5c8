/**
 * What the tables of `chat.db` beside `message` say, held in memory as numbers and short texts:
 *
 *   handle                    id (a number or an address), person_centric_id: several handles of one person
 *   chat                      guid, chat_identifier, display_name, style (43 group, 45 direct)
 *   chat_message_join, chat_handle_join, message_attachment_join
 *   attachment                filename (~/Library/Messages/Attachments/…), mime_type, transfer_name
 */
import { type Database, type DatabaseRow, tableRows } from "../../input/database.ts";
import { ARCHIVE_LIMITS } from "../../limits.ts";
import type { ConversationHead, PersonRef } from "../../records/draft.ts";
import { wordOf } from "../../records/given.ts";

export const ME: PersonRef = { key: "me", name: "me" };
const GROUP_STYLE = 43;

export type Attachment = { readonly path: string | undefined; readonly name: string | undefined; readonly type: string | undefined };

/** An integer column as a number; undefined if it is none or too large. */
export function numberOf(row: DatabaseRow, column: string): number | undefined {
  const value = row[column];
  const number = typeof value === "bigint" ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : undefined;
}

const textOf = (row: DatabaseRow, column: string): string | undefined => wordOf(row[column], ARCHIVE_LIMITS.pathCharactersMax);

type Chat = { readonly identifier: string; readonly title: string | undefined; readonly isGroup: boolean; readonly people: PersonRef[] };

export class ChatTables {
  readonly #people = new Map<number, PersonRef>();
  readonly #chats = new Map<number, Chat>();
  readonly #chatOf = new Map<number, number>();
  readonly #attachments = new Map<number, Attachment>();
  readonly #attachmentsOf = new Map<number, number[]>();
  #isWhole = true;

  constructor(database: Database) {
    this.#readPeople(database);
    this.#each(database, ["chat", "guid", "chat_identifier", "display_name", "style"], (row, id) => {
      const identifier = textOf(row, "chat_identifier") ?? textOf(row, "guid") ?? `chat ${id}`;
      const isGroup = numberOf(row, "style") === GROUP_STYLE || /^chat\d+$/.test(identifier);
      this.#chats.set(id, { identifier, title: textOf(row, "display_name"), isGroup, people: [] });
    });
    this.#each(database, ["chat_handle_join", "chat_id", "handle_id"], (row) => {
      const [chat, person] = [this.#chats.get(numberOf(row, "chat_id") ?? 0), this.person(numberOf(row, "handle_id"))];
      const isNew = chat !== undefined && person !== undefined && !chat.people.some(({ key }) => key === person.key);
      if (isNew && chat.people.length < ARCHIVE_LIMITS.peopleMax) chat.people.push(person);
    });
    this.#each(database, ["chat_message_join", "message_id", "chat_id"], (row) => {
      const [message, chat] = [numberOf(row, "message_id"), numberOf(row, "chat_id")];
      if (message !== undefined && chat !== undefined && !this.#chatOf.has(message)) this.#chatOf.set(message, chat);
    });
    this.#each(database, ["attachment", "filename", "mime_type", "transfer_name"], (row, id) => {
      this.#attachments.set(id, { path: textOf(row, "filename"), name: textOf(row, "transfer_name"), type: textOf(row, "mime_type") });
    });
    this.#each(database, ["message_attachment_join", "message_id", "attachment_id"], (row) => {
      const [message, attachment] = [numberOf(row, "message_id"), numberOf(row, "attachment_id")];
      if (message === undefined || attachment === undefined) return;
      const known = this.#attachmentsOf.get(message) ?? [];
      this.#attachmentsOf.set(message, known);
      if (known.length < ARCHIVE_LIMITS.mediaPerMessageMax) known.push(attachment);
    });
  }

  /** False if a table has rows that could not be read, or more than are held. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  #each(database: Database, [table = "", ...columns]: readonly string[], take: (row: DatabaseRow, id: number) => void): void {
    let count = 0;
    for (const item of tableRows(database, table, columns)) {
      if (item.kind === "broken" || count >= ARCHIVE_LIMITS.databaseRowsHeldMax) {
        this.#isWhole = false;
        if (item.kind === "row") return;
      } else take(item.row, numberOf(item.row, "rowid") ?? 0);
      count += 1;
    }
  }

  /** Several handles of one person have the key of the first of them. */
  #readPeople(database: Database): void {
    const first = new Map<string, PersonRef>();
    this.#each(database, ["handle", "id", "person_centric_id"], (row, number) => {
      const id = textOf(row, "id");
      if (id === undefined) return;
      const own = { key: id.toLowerCase(), name: id };
      const together = textOf(row, "person_centric_id") ?? own.key;
      const person = first.get(together) ?? own;
      first.set(together, person);
      this.#people.set(number, person);
    });
  }

  person(handle: number | undefined): PersonRef | undefined {
    return handle === undefined ? undefined : this.#people.get(handle);
  }

  attachments(message: number): readonly Attachment[] {
    return (this.#attachmentsOf.get(message) ?? []).flatMap((id) => this.#attachments.get(id) ?? []);
  }

  /** A message of no chat belongs to the person who sent it. */
  head(message: number, sender: PersonRef | undefined): ConversationHead {
    const chat = this.#chats.get(this.#chatOf.get(message) ?? -1);
    const known = chat?.people ?? (sender === undefined || sender.key === ME.key ? [] : [sender]);
    const [first] = known;
    const people = [...known, ME];
    if (chat?.isGroup === true) {
      const title = chat.title ?? (known.map(({ name }) => name).join(", ") || chat.identifier);
      const cut = title.slice(0, ARCHIVE_LIMITS.nameMax);
      return { service: "imessage", key: chat.identifier, kind: "group", title: cut, people, owner: ME.key };
    }
    const key = first?.key ?? chat?.identifier.toLowerCase() ?? "unknown";
    return {
      service: "imessage",
      key,
      kind: first === undefined ? "unknown" : "direct",
      title: chat?.title ?? first?.name ?? key,
      people,
      owner: ME.key,
    };
  }
}
