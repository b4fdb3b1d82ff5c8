/**
 * Telegram's form of a whole account: the one machine-readable form of chats with a public description and several readers. It has seconds and no more, and
 * ids that are numbers; what it cannot hold is in the archive form only.
 */
import type { ArchiveConversation, ArchiveConversationKind, ArchiveMedia, ArchiveMessage } from "@sotto/protocol";
import type { ArchivePorts } from "../ports.ts";
import type { ArchiveReader, ExportCounts, ExportSelection, ExportTarget } from "./export-ports.ts";
import { mediaPath } from "./media-names.ts";

const TYPES: Readonly<Record<ArchiveConversationKind, string>> = {
  direct: "personal_chat",
  group: "private_group",
  channel: "private_channel",
  self: "saved_messages",
  unknown: "private_group",
};
const MEDIA_TYPES: Readonly<Partial<Record<ArchiveMedia["kind"], string>>> = {
  video: "video_file",
  audio: "audio_file",
  voice: "voice_message",
  gif: "animation",
  sticker: "sticker",
};

type Names = { readonly nameOf: (person: string) => string; readonly numberOf: (person: string) => number };

export async function exportTelegram(
  reader: ArchiveReader,
  target: ExportTarget,
  options: ExportSelection & { readonly ports: Pick<ArchivePorts, "encodeUtf8"> },
): Promise<ExportCounts> {
  const { ports, conversations: selected } = options;
  const people = await reader.people();
  const conversations = (await reader.conversations()).filter(({ id }) => selected?.has(id) ?? true);
  const numbers = new Map(people.map(({ id }, index) => [id, index + 1]));
  const shown = new Map(people.map(({ id, name }) => [id, name]));
  const names: Names = { nameOf: (id) => shown.get(id) ?? "", numberOf: (id) => numbers.get(id) ?? 0 };
  const needed = new Map<string, string>();
  let messages = 0;
  const text = async function* (): AsyncGenerator<Uint8Array> {
    const me = people.find(({ isMe }) => isMe === true);
    const own = { user_id: me === undefined ? 0 : names.numberOf(me.id), first_name: me?.name ?? "", last_name: "", username: "", bio: "" };
    yield ports.encodeUtf8(`{"about":"Exported by Sotto","personal_information":${JSON.stringify(own)},"chats":{"about":"","list":[`);
    for (const [index, conversation] of conversations.entries()) {
      yield ports.encodeUtf8(`${index === 0 ? "" : ","}\n${chatHead(conversation, index + 1)}`);
      let number = 0;
      for await (const message of reader.messages(conversation.id)) {
        number += 1;
        messages += 1;
        for (const media of message.media ?? []) {
          const path = mediaPath(media);
          if (path !== undefined && media.sha256 !== undefined) needed.set(media.sha256, path);
        }
        yield ports.encodeUtf8(`${number === 1 ? "" : ","}\n${JSON.stringify(telegramForm(message, number, names))}`);
      }
      yield ports.encodeUtf8("]}");
    }
    yield ports.encodeUtf8("]}}\n");
  };
  await target.write("result.json", text());
  for (const [sha256, path] of needed) {
    const bytes = reader.media(sha256);
    if (bytes !== undefined) await target.write(path, bytes);
  }
  return { conversations: conversations.length, people: people.length, messages, media: needed.size };
}

function chatHead({ title, kind }: ArchiveConversation, number: number): string {
  return `{"name":${JSON.stringify(title)},"type":"${TYPES[kind]}","id":${number},"messages":[`;
}

function telegramForm(message: ArchiveMessage, id: number, { nameOf, numberOf }: Names): Readonly<Record<string, unknown>> {
  const { at, sender, kind, text, media = [], reactions = [], editedAt, forwardedFrom } = message;
  const isService = kind === "system";
  const who =
    sender === undefined
      ? {}
      : { [isService ? "actor" : "from"]: nameOf(sender), [isService ? "actor_id" : "from_id"]: `user${numberOf(sender)}` };
  const [first] = media;
  return {
    id,
    type: isService ? "service" : "message",
    date: new Date(at).toISOString().slice(0, 19),
    date_unixtime: String(Math.floor(at / 1000)),
    ...(editedAt === undefined ? {} : { edited_unixtime: String(Math.floor(editedAt / 1000)) }),
    ...who,
    ...(isService ? { action: text } : {}),
    ...(forwardedFrom === undefined ? {} : { forwarded_from: forwardedFrom || null }),
    ...(first === undefined ? {} : mediaForm(first)),
    text: isService ? "" : text,
    ...(reactions.length === 0 ? {} : { reactions: reactions.map(({ emoji, count = 1 }) => ({ type: "emoji", count, emoji })) }),
  };
}

function mediaForm(media: ArchiveMedia): Readonly<Record<string, unknown>> {
  const path = media.state === "stored" ? mediaPath(media) : undefined;
  const where = path ?? "(File not included. Change data exporting settings to download.)";
  const type = MEDIA_TYPES[media.kind];
  if (media.kind === "photo") return { photo: where };
  return {
    file: where,
    file_name: media.name.slice(media.name.lastIndexOf("/") + 1),
    ...(type === undefined ? {} : { media_type: type }),
    ...(media.type === undefined ? {} : { mime_type: media.type }),
  };
}
