/** Snapchat's "My Data": one history of all conversations, files by their ids. */
import { asBytes, type GeneratedFile, inventName } from "./invented.ts";
import { type ExportSize, inventTalk, plainTime } from "./talk.ts";

const username = (person: number): string => `person${person}`;

export function* generateSnapchat(size: ExportSize): Generator<GeneratedFile> {
  const history: Record<string, unknown[]> = {};
  for (const { index, isGroup, title, messages } of inventTalk(size)) {
    const records: unknown[] = [];
    for (const said of messages) {
      const id = `b~${index}x${said.index}`;
      if (said.photo !== undefined) yield { path: `chat_media/${plainTime(said.at).slice(0, 10)}_${id}.jpg`, content: said.photo };
      records.push({
        From: username(said.by),
        "Media Type": said.photo === undefined ? "TEXT" : "MEDIA",
        Created: `${plainTime(said.at)} UTC`,
        Content: said.photo === undefined ? said.text : null,
        "Conversation Title": isGroup ? title : null,
        IsSender: said.by === 0,
        "Created(microseconds)": said.at,
        IsSaved: true,
        "Media IDs": said.photo === undefined ? "" : id,
      });
    }
    history[isGroup ? `00000000-0000-4000-8000-${String(index).padStart(12, "0")}` : username(index + 1)] = records.toReversed();
  }
  const friends = Array.from({ length: size.conversations + 3 }, (_, i) => ({
    Username: username(i + 1),
    "Display Name": inventName(i + 1),
  }));
  yield { path: "json/account.json", content: asBytes({ "Basic Information": { Username: username(0), Name: inventName(0) } }) };
  yield { path: "json/friends.json", content: asBytes({ Friends: friends }) };
  yield { path: "json/chat_history.json", content: asBytes(history) };
}
