/** TikTok's `user_data_tiktok.json`: direct messages among everything else. It has no files. */
import { asBytes, type GeneratedFile } from "./invented.ts";
import { type ExportSize, inventTalk, plainTime } from "./talk.ts";

const username = (person: number): string => `person${person}`;

export function* generateTiktok(size: ExportSize): Generator<GeneratedFile> {
  const chats: Record<string, unknown[]> = {};
  for (const { index, messages } of inventTalk(size)) {
    const records = [...messages].map(({ at, by, text }) => ({ Date: plainTime(at), From: username(by), Content: text }));
    chats[`Chat History with ${username(index + 1)}:`] = records.toReversed();
  }
  const activity = { "Video Browsing History": { VideoList: [] }, "Like List": { ItemFavoriteList: [] }, "Login History": {} };
  yield {
    path: "user_data_tiktok.json",
    content: asBytes({
      Activity: activity,
      "Direct Messages": { "Chat History": { ChatHistory: chats } },
      Profile: { "Profile Information": { ProfileMap: { userName: username(0) } } },
    }),
  };
}
