/**
 * Direct messages in TikTok's export as JSON: `Direct Message(s)`, in it `Direct Messages` or `Chat History`, in it `ChatHistory`, an object with a list for each
 * conversation. The file has everything else that TikTok knows of a person, too, which is not read.
 */
import type { ExportFile } from "../../input/export-file.ts";
import { asObject, asText } from "../../json/fields.ts";
import type { JsonPath } from "../../json/json-splitter.ts";
import { keyText, readRecords } from "../../json/json-records.ts";
import type { ArchivePorts } from "../../ports.ts";
import type { ImportItem } from "../../records/draft.ts";
import { wordOf } from "../../records/given.ts";
import type { ImportContext, Importer } from "../format.ts";
import { chatName, TiktokChats } from "./tiktok-chats.ts";
import { tiktokMessage } from "./tiktok-message.ts";

const SECTIONS =
  /"(Video Browsing History|Watch History|Favorite Videos|Follower|Following|Like List|Login History|Search History|Share History|Hashtag|Block|Tiktok Live|TikTok Live|App Settings|Profile Information|Profile Info|Ads and data|Tiktok Shopping|TikTok Shopping|Your Activity|Profile And Settings)"\s*:/g;

function isUserData(file: ExportFile, head: string): boolean {
  if (!/\.json$/i.test(file.path) || !/^(?:\u00EF\u00BB\u00BF)?\s*\{/.test(head)) return false;
  if (/"Chat History with [^"]{1,500}"\s*:\s*\[/.test(head)) return true;
  return new Set([...head.matchAll(SECTIONS)].map(([, name]) => name)).size >= 2;
}

const isDirect = (path: JsonPath): boolean => typeof path[0] === "string" && /direct message|chat history/i.test(path[0]);
const isProfile = (path: JsonPath): boolean => typeof path[0] === "string" && path[0].startsWith("Profile");
const isRecord = (path: JsonPath): boolean => isDirect(path) && typeof path.at(-1) === "number";

/** Down to the lists of messages, however many objects they lie in. */
function descend(path: JsonPath): boolean {
  if (path.length === 0) return true;
  if (isProfile(path)) return path.length < 3;
  return isDirect(path) && path.length < 5 && typeof path.at(-1) !== "number";
}

const nameIn = (path: JsonPath, ports: ArchivePorts): string | undefined => {
  const key = keyText(path.at(-2), ports);
  return chatName(key) ?? wordOf(key);
};

async function lookAt(context: ImportContext, file: ExportFile): Promise<TiktokChats> {
  const chats = new TiktokChats();
  const pieces = readRecords(file, context.ports, {
    descend,
    isMessage: () => false,
    fact: (path, value) => {
      const [chat, sender] = [nameIn(path, context.ports), wordOf(asObject(value)?.["From"])];
      if (isRecord(path) && chat !== undefined && sender !== undefined) chats.add(chat, sender);
      if (isProfile(path) && path.at(-1) === "ProfileMap") chats.owner = wordOf(asText(asObject(value)?.["userName"]));
    },
    message: () => undefined,
  });
  // The second pass says what is wrong.
  for await (const _problem of pieces);
  return chats;
}

async function* readUserData(context: ImportContext, file: ExportFile): AsyncGenerator<ImportItem> {
  const chats = await lookAt(context, file);
  let current: string | undefined;
  yield* readRecords(file, context.ports, {
    descend,
    isMessage: isRecord,
    isOurs: (path) => path.length === 0 || isDirect(path),
    message: (value, { path, source, neighbour }) => {
      const made = tiktokMessage(value, { source, neighbour });
      const chat = nameIn(path, context.ports) ?? "TikTok";
      if (made === undefined || chat === current) return made;
      current = chat;
      return { ...made, head: chats.head(chat) };
    },
  });
}

export const tiktokImporter: Importer = {
  name: "tiktok",
  claims: isUserData,
  units: (files) =>
    files.map((file) => ({
      id: `tiktok/${file.place}`,
      service: "tiktok",
      files: [file],
      read: (context) => readUserData(context, file),
    })),
};
