/**
 * One message of DiscordChatExporter's JSON. Addresses of files are Discord's, which expire and are never fetched, or paths into the folder that the exporter
 * has filled, percent-encoded.
 */
import type { ExportFile } from "../../input/export-file.ts";
import type { FileTree } from "../../input/file-tree.ts";
import { findNamed } from "../../input/named-file.ts";
import { asInteger, asObject, asText, fieldsBeside, type JsonObject, objects } from "../../json/fields.ts";
import { ARCHIVE_LIMITS } from "../../limits.ts";
import { cleanText } from "../../records/clean-text.ts";
import type { MadeDraft, MediaDraft, MessageDraft, PersonRef, ReactionDraft } from "../../records/draft.ts";
import { given, givenSome, wordOf } from "../../records/given.ts";
import { mediaDraft } from "../../records/media-draft.ts";
import { isPlausible } from "../../records/times.ts";
import { discordText } from "./discord-text.ts";
import { snowflakeTime } from "./snowflake.ts";

type At = { readonly tree: FileTree; readonly file: ExportFile; readonly source: MessageDraft["source"]; readonly neighbour: number };

/** Types that somebody wrote; names of the exporter, or numbers where it has none. All others are lines about the channel. */
const WRITTEN = new Set([
  "Default",
  "Reply",
  "0",
  "19",
  "20",
  "21",
  "23",
  "24",
  "ChatInputCommand",
  "ContextMenuCommand",
  "ThreadStarterMessage",
]);
/** Stands for everybody who left Discord with all data. */
const DELETED_USER = "456226577798135808";
const KNOWN = new Set(
  "id type timestamp timestampEdited callEndedTimestamp isPinned content author attachments embeds stickers reactions mentions reference forwardedMessage inlineEmojis".split(
    " ",
  ),
);

function discordPerson(value: unknown): PersonRef | undefined {
  const user = asObject(value);
  const [id, name] = [wordOf(user?.["id"], 64), wordOf(user?.["name"])];
  const key = id ?? name;
  if (user === undefined || key === undefined) return undefined;
  const shown = wordOf(user["nickname"]) ?? name ?? key;
  return key === DELETED_USER ? { key, name: shown, isPlaceholder: true } : { key, name: shown };
}

function timeIn(value: unknown): number | undefined {
  const text = asText(value);
  const at = text === undefined || !/^\d{4}-\d\d-\d\dT/.test(text) ? Number.NaN : Math.floor(Date.parse(text));
  return isPlausible(at) ? at : undefined;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function fileMedia(address: string, name: string | undefined, { tree, file }: At): MediaDraft {
  if (/^https?:/i.test(address)) return mediaDraft({ name: address, caption: name, state: "remote" });
  const path = decoded(address);
  const kind = name !== undefined && /^voice-message/i.test(name) ? ("voice" as const) : undefined;
  return mediaDraft({ name: path, caption: name, kind, file: findNamed(tree, path, file) ?? findNamed(tree, address, file) });
}

function mediaOf(message: JsonObject, at: At): MediaDraft[] {
  const attached = objects(message["attachments"]).flatMap(({ url, fileName }) => {
    const [address, name] = [wordOf(url, 4000), wordOf(fileName)];
    return address === undefined && name === undefined ? [] : [fileMedia(address ?? name ?? "", name, at)];
  });
  const stickers = objects(message["stickers"]).flatMap(({ sourceUrl, name }): MediaDraft[] => {
    const address = wordOf(sourceUrl, 4000) ?? wordOf(name);
    return address === undefined ? [] : [{ ...fileMedia(address, wordOf(name), at), kind: "sticker" }];
  });
  return [...attached, ...stickers].slice(0, ARCHIVE_LIMITS.mediaPerMessageMax);
}

function reactionsOf(message: JsonObject): ReactionDraft[] {
  return objects(message["reactions"])
    .flatMap((reaction): ReactionDraft[] => {
      const emoji = asObject(reaction["emoji"]);
      const name = wordOf(emoji?.["name"], 190) ?? "?";
      const shown = wordOf(emoji?.["id"]) === undefined ? name : `:${name}:`;
      const known = objects(reaction["users"]).flatMap((user) => {
        const by = discordPerson(user);
        return by === undefined ? [] : [{ emoji: shown, by }];
      });
      const others = (asInteger(reaction["count"]) ?? known.length) - known.length;
      return others > 0 ? [...known, { emoji: shown, count: others }] : known;
    })
    .slice(0, ARCHIVE_LIMITS.reactionsMax);
}

/** What a bot posted, or the preview of a link. */
function embedded(message: JsonObject): { readonly words: string; readonly links: readonly string[] } {
  const embeds = objects(message["embeds"]).slice(0, 100);
  const words = embeds.flatMap((embed) => [
    asObject(embed["author"])?.["name"],
    embed["title"],
    embed["description"],
    ...objects(embed["fields"]).flatMap(({ name, value }) => [name, value]),
  ]);
  const isWord = (word: unknown): word is string => typeof word === "string" && word !== "";
  return { words: words.filter(isWord).join("\n"), links: embeds.flatMap(({ url }) => wordOf(url, 4000) ?? []) };
}

type Words = {
  readonly raw: string;
  readonly media: readonly MediaDraft[];
  readonly links: readonly string[];
  readonly isEmbedded: boolean;
};

/** A forwarded message has its words and files in a message of its own. */
function wordsOf(message: JsonObject, at: At): Words {
  const forwarded = asObject(message["forwardedMessage"]);
  const own = asText(message["content"]) ?? "";
  const said = own === "" ? (asText(forwarded?.["content"]) ?? "") : own;
  const [here, there] = [embedded(message), embedded(forwarded ?? {})];
  const words = said === "" ? here.words || there.words : said;
  const media = [...mediaOf(message, at), ...(forwarded === undefined ? [] : mediaOf(forwarded, at))];
  return { raw: words, media, links: [...here.links, ...there.links], isEmbedded: said === "" || here.words === "" };
}

function factsOf(message: JsonObject, isEmbedded: boolean): Partial<MessageDraft> {
  const reference = asObject(message["reference"]);
  const isForward = "forwardedMessage" in message || reference?.["type"] === "Forward";
  const [start, end] = [timeIn(message["timestamp"]), timeIn(message["callEndedTimestamp"])];
  const isCall = message["type"] === "Call" || message["type"] === "3";
  const seconds = start === undefined || end === undefined ? undefined : Math.round((end - start) / 1000);
  const to = wordOf(reference?.["messageId"], 64);
  const rest = fieldsBeside(message, KNOWN);
  const extra = {
    ...rest,
    ...(message["isPinned"] === true ? { isPinned: true } : {}),
    ...(isEmbedded ? {} : { embeds: message["embeds"] }),
  };
  return {
    ...given("reply", to === undefined || isForward ? undefined : { to }),
    ...given("forwardedFrom", isForward ? (wordOf(asObject(message["reference"])?.["channelId"]) ?? "") : undefined),
    ...given("call", isCall ? { ...given("seconds", seconds) } : undefined),
    ...given("editedAt", timeIn(message["timestampEdited"])),
    ...given("extra", Object.keys(extra).length === 0 ? undefined : extra),
  };
}

export function discordMessage(value: unknown, at: At): MadeDraft | undefined {
  const message = asObject(value);
  const id = wordOf(message?.["id"], 64);
  if (message === undefined || id === undefined) return undefined;
  const stated = timeIn(message["timestamp"]);
  const time = stated ?? snowflakeTime(id);
  const isKnown = isPlausible(time);
  const type = asText(message["type"]) ?? String(asInteger(message["type"]) ?? "Default");
  const names = new Map(objects(message["mentions"]).map((user) => [wordOf(user["id"], 64) ?? "", discordPerson(user)?.name]));
  const { raw, media, links: previews, isEmbedded } = wordsOf(message, at);
  const shown = discordText(raw, (user) => names.get(user));
  const { text, problem } = cleanText(shown.text);
  const isWritten = WRITTEN.has(type);
  const links = [...new Set([...shown.links, ...previews])].map((link) => cleanText(link).text);
  const draft: MessageDraft = {
    nativeId: id,
    at: isKnown ? time : at.neighbour,
    time: isKnown ? { precision: "ms", zone: stated === undefined ? "utc" : "offset" } : { precision: "none", zone: "utc" },
    kind: isWritten ? "text" : "system",
    text: text === "" && !isWritten ? type.replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase() : text,
    source: at.source,
    ...given("sender", discordPerson(message["author"])),
    ...givenSome("spans", problem === undefined ? shown.spans : []),
    ...givenSome("links", links),
    ...givenSome("media", media),
    ...givenSome("reactions", reactionsOf(message)),
    ...factsOf(message, isEmbedded),
  };
  return { draft, problems: [...(isKnown ? [] : (["time_implausible"] as const)), ...(problem === undefined ? [] : [problem])] };
}
