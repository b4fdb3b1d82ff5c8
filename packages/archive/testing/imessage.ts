/** `chat.db` of Apple's Messages, with the tables and columns that matter, and texts where recent systems put them. */
import { DatabaseSync } from "node:sqlite";
import { asBytes, type GeneratedFile } from "./invented.ts";
import { type ExportSize, inventTalk, type Said, type Talk } from "./talk.ts";

const EPOCH = Date.UTC(2001, 0, 1);

export const IMESSAGE_SCHEMA = `
  CREATE TABLE message (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL, text TEXT, attributedBody BLOB, date INTEGER,
    date_edited INTEGER DEFAULT 0, date_retracted INTEGER DEFAULT 0, is_from_me INTEGER DEFAULT 0, handle_id INTEGER DEFAULT 0, service TEXT,
    associated_message_guid TEXT, associated_message_type INTEGER DEFAULT 0, associated_message_emoji TEXT, thread_originator_guid TEXT,
    message_summary_info BLOB, payload_data BLOB, item_type INTEGER DEFAULT 0, group_action_type INTEGER DEFAULT 0, group_title TEXT,
    balloon_bundle_id TEXT, is_audio_message INTEGER DEFAULT 0);
  CREATE TABLE handle (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, service TEXT NOT NULL, person_centric_id TEXT);
  CREATE TABLE chat (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL, style INTEGER, chat_identifier TEXT, display_name TEXT);
  CREATE TABLE attachment (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT, filename TEXT, mime_type TEXT, transfer_name TEXT);
  CREATE TABLE chat_message_join (chat_id INTEGER, message_id INTEGER, PRIMARY KEY (chat_id, message_id));
  CREATE TABLE chat_handle_join (chat_id INTEGER, handle_id INTEGER);
  CREATE TABLE message_attachment_join (message_id INTEGER, attachment_id INTEGER);`;

export const appleNanoseconds = (at: number): bigint => BigInt(at - EPOCH) * 1_000_000n;

/** The bytes of an NSAttributedString with this text, without attributes. */
export function typedStream(text: string): Uint8Array {
  const utf8 = asBytes(text);
  const { length } = utf8;
  const size =
    length < 0x80
      ? [length]
      : length < 0x1_0000
        ? [0x81, length & 0xff, length >> 8]
        : [0x82, ...new Uint8Array(Uint32Array.of(length).buffer)];
  const head =
    "\u0004\u000Bstreamtyped\u0081\u00E8\u0003\u0084\u0001@\u0084\u0084\u0084\u0012NSAttributedString\0\u0084\u0084\u0008NSObject\0\u0085\u0092\u0084\u0084\u0084\u0008NSString\u0001\u0094\u0084\u0001+";
  return Uint8Array.from([...Buffer.from(head, "latin1"), ...size, ...utf8, 0x86, 0x84, 0x02, 0x69, 0x49, 0x01, 0x01]);
}

const guidOf = (talk: number, said: number): string => `GUID-${talk}-${said}`;

class ChatDatabase {
  readonly #database = new DatabaseSync(":memory:");
  readonly #addMessage;
  readonly #join;
  #attachments = 0;

  constructor(people: number) {
    this.#database.exec(IMESSAGE_SCHEMA);
    const addHandle = this.#database.prepare("INSERT INTO handle (ROWID, id, service, person_centric_id) VALUES (?, ?, 'iMessage', ?)");
    for (let person = 1; person <= people; person++) addHandle.run(person, `person${person}@example.invalid`, `P${person}`);
    this.#addMessage = this.#database
      .prepare(`INSERT INTO message (guid, attributedBody, date, is_from_me, handle_id, service, associated_message_guid,
      associated_message_type, thread_originator_guid) VALUES (?, ?, ?, ?, ?, 'iMessage', ?, ?, ?)`);
    this.#join = this.#database.prepare("INSERT INTO chat_message_join VALUES (?, ?)");
  }

  addChat({ index, isGroup, title, people }: Talk): void {
    const others = people.filter((person) => person !== 0);
    const identifier = isGroup ? `chat${1000 + index}` : `person${others[0]}@example.invalid`;
    this.#database
      .prepare("INSERT INTO chat VALUES (?, ?, ?, ?, ?)")
      .run(index + 1, `iMessage;x;${identifier}`, isGroup ? 43 : 45, identifier, isGroup ? title : null);
    for (const person of others) this.#database.prepare("INSERT INTO chat_handle_join VALUES (?, ?)").run(index + 1, person);
  }

  addMessage(chat: number, said: Said): GeneratedFile | undefined {
    const add = (by: number, [guid, body, ...more]: readonly [string, Uint8Array | null, string | null, number, string | null]): number => {
      const [time, isMe, handle] = [appleNanoseconds(said.at), by === 0 ? 1 : 0, by];
      const { lastInsertRowid } = this.#addMessage.run(guid, body, time, isMe, handle, ...more);
      this.#join.run(chat + 1, lastInsertRowid);
      return Number(lastInsertRowid);
    };
    const body = typedStream(said.photo === undefined ? said.text : "\uFFFC");
    const id = add(said.by, [guidOf(chat, said.index), body, null, 0, said.answers === undefined ? null : guidOf(chat, said.answers)]);
    if (said.reaction !== undefined) {
      add(said.reaction.by, [`T${guidOf(chat, said.index)}`, null, `p:0/${guidOf(chat, said.index)}`, 2000, null]);
    }
    if (said.photo === undefined) return undefined;
    const path = `Attachments/aa/${chat}/${said.index}.jpg`;
    this.#attachments += 1;
    this.#database
      .prepare("INSERT INTO attachment VALUES (?, ?, ?, 'image/jpeg', ?)")
      .run(this.#attachments, `A${this.#attachments}`, `~/Library/Messages/${path}`, `${said.index}.jpg`);
    this.#database.prepare("INSERT INTO message_attachment_join VALUES (?, ?)").run(id, this.#attachments);
    return { path: `Messages/${path}`, content: said.photo };
  }

  bytes(): Uint8Array {
    const bytes = this.#database.serialize();
    this.#database.close();
    return bytes;
  }
}

export function* generateImessage(size: ExportSize): Generator<GeneratedFile> {
  const database = new ChatDatabase(size.conversations + 3);
  for (const talk of inventTalk(size)) {
    database.addChat(talk);
    for (const said of talk.messages) {
      const photo = database.addMessage(talk.index, said);
      if (photo !== undefined) yield photo;
    }
  }
  yield { path: "Messages/chat.db", content: database.bytes() };
}
