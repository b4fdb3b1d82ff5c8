/** Discord: DiscordChatExporter's files, and the data package with the owner's messages only. */
import { asBytes, type GeneratedFile, inventName } from "./invented.ts";
import { type ExportSize, inventTalk, plainTime, type Said } from "./talk.ts";

const EPOCH = 1_420_070_400_000;
/** Unique for each message, though times are not. */
const snowflake = (at: number, more: number): string => String((BigInt(at - EPOCH) << 22n) + BigInt(more));
const channelId = (index: number): string => String(800_000_000_000_000_000n + BigInt(index));
const userId = (person: number): string => String(700_000_000_000_000_000n + BigInt(person));
const author = (person: number): Record<string, unknown> => ({
  id: userId(person),
  name: `person${person}`,
  discriminator: "0000",
  nickname: inventName(person),
  isBot: false,
});

function record(said: Said, ids: readonly string[], file: string): Record<string, unknown> {
  return {
    id: ids.at(-1),
    type: said.answers === undefined ? "Default" : "Reply",
    timestamp: new Date(said.at).toISOString().replace("Z", "+00:00"),
    timestampEdited: null,
    isPinned: false,
    content: said.text,
    author: author(said.by),
    attachments:
      said.photo === undefined
        ? []
        : [{ id: "1", url: `${file}_Files/photo%20${said.index}.jpg`, fileName: "photo.jpg", fileSizeBytes: said.photo.length }],
    embeds: [],
    stickers: [],
    reactions:
      said.reaction === undefined
        ? []
        : [{ emoji: { id: "", name: said.reaction.emoji, code: "x" }, count: 1, users: [author(said.reaction.by)] }],
    mentions: [],
    ...(said.answers === undefined ? {} : { reference: { messageId: ids[said.answers] } }),
  };
}

export function* generateDiscord(size: ExportSize): Generator<GeneratedFile> {
  for (const { index, isGroup, title, messages } of inventTalk(size)) {
    const file = `${title} [${channelId(index)}].json`;
    const ids: string[] = [];
    const records: Record<string, unknown>[] = [];
    for (const said of messages) {
      ids.push(snowflake(said.at, said.index));
      if (said.photo !== undefined) yield { path: `${file}_Files/photo ${said.index}.jpg`, content: said.photo };
      records.push(record(said, ids, file));
    }
    const guild = isGroup ? { id: "1", name: "Garden", iconUrl: "" } : { id: "0", name: "Direct Messages", iconUrl: "" };
    const channel = { id: channelId(index), type: isGroup ? "GuildTextChat" : "DirectTextChat", name: title, topic: null };
    const dateRange = { after: null, before: null };
    yield { path: file, content: asBytes({ guild, channel, dateRange, messages: records, messageCount: records.length }) };
  }
}

export function* generateDiscordPackage(size: ExportSize): Generator<GeneratedFile> {
  yield { path: "package/account/user.json", content: asBytes({ id: userId(0), username: "person0", global_name: inventName(0) }) };
  const index: Record<string, string> = {};
  for (const talk of inventTalk(size)) {
    const id = channelId(talk.index);
    index[id] = talk.isGroup ? `${talk.title} in Garden` : `Direct Message with ${talk.title}#0`;
    // Numbers that lose digits unless they are read as text.
    const own = [...talk.messages].map(({ at, text, index: number }) => {
      return `{"ID": ${snowflake(at, number)}, "Timestamp": "${plainTime(at)}", "Contents": ${JSON.stringify(text)}, "Attachments": ""}`;
    });
    const channel = talk.isGroup
      ? { id, type: "GUILD_TEXT", name: talk.title, guild: { id: "1", name: "Garden" } }
      : { id, type: "DM", recipients: talk.people.map(userId) };
    yield { path: `package/messages/c${id}/channel.json`, content: asBytes(channel) };
    yield { path: `package/messages/c${id}/messages.json`, content: asBytes(`[${own.join(",\n")}]`) };
  }
  yield { path: "package/messages/index.json", content: asBytes(index) };
}
