/** Telegram Desktop's `result.json` of a whole account. */
import { type GeneratedFile, inventName } from "./invented.ts";
import { type ExportSize, inventTalk, type Said, type Talk } from "./talk.ts";

const encoder = new TextEncoder();
const PIECE_CHARACTERS = 256 * 1024;
const photoPath = (talk: Talk, said: Said): string => `chats/chat_${talk.index}/photos/photo_${said.index}.jpg`;

function record(talk: Talk, said: Said): string {
  const seconds = Math.floor(said.at / 1000);
  return JSON.stringify({
    id: said.index + 1,
    type: "message",
    date: new Date(said.at).toISOString().slice(0, 19),
    date_unixtime: String(seconds),
    from: inventName(said.by),
    from_id: `user${said.by + 1000}`,
    ...(said.photo === undefined ? {} : { photo: photoPath(talk, said), width: 640, height: 480 }),
    ...(said.answers === undefined ? {} : { reply_to_message_id: said.answers + 1 }),
    text: said.text,
    text_entities: [{ type: "plain", text: said.text }],
    ...(said.reaction === undefined ? {} : { reactions: [{ type: "emoji", count: 1, emoji: said.reaction.emoji }] }),
  });
}

function* words(size: ExportSize, onPhoto: (file: GeneratedFile) => void): Generator<string> {
  const me = { user_id: 1000, first_name: inventName(0), last_name: "", phone_number: "", username: "", bio: "" };
  yield `{"about": "x", "personal_information": ${JSON.stringify(me)}, "chats": {"about": "x", "list": [`;
  for (const talk of inventTalk(size)) {
    const type = talk.isGroup ? "private_group" : "personal_chat";
    yield `${talk.index === 0 ? "" : ","}{"name": ${JSON.stringify(talk.title)}, "type": "${type}", "id": ${talk.index + 5000}, "messages": [`;
    for (const said of talk.messages) {
      if (said.photo !== undefined) onPhoto({ path: photoPath(talk, said), content: said.photo });
      yield `${said.index === 0 ? "\n" : ",\n"}${record(talk, said)}`;
    }
    yield "]}";
  }
  yield "]}}";
}

/** The file in pieces, for one that is larger than a buffer can be; without its photos. */
export function* telegramPieces(size: ExportSize): Generator<Uint8Array> {
  let waiting = "";
  for (const word of words(size, () => undefined)) {
    waiting += word;
    if (waiting.length < PIECE_CHARACTERS) continue;
    yield encoder.encode(waiting);
    waiting = "";
  }
  yield encoder.encode(waiting);
}

export function* generateTelegram(size: ExportSize): Generator<GeneratedFile> {
  const photos: GeneratedFile[] = [];
  const text = [...words(size, (photo) => photos.push(photo))].join("");
  yield { path: "DataExport/result.json", content: encoder.encode(text) };
  for (const { path, content } of photos) yield { path: `DataExport/${path}`, content };
}
