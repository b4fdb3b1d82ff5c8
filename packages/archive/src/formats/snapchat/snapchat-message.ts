/**
 * One record of Snapchat's history. Only what somebody saved is in it.
 *
 *   new   {From, "Media Type": TEXT | MEDIA | STICKER | SHARE | NOTE | STATUS…, Created, Content, "Conversation Title", IsSender, IsSaved,
 *          "Created(microseconds)": milliseconds, "Media IDs": "b~… | b~…"}
 *   old   {From | To, "Media Type", Created, Text}                               text with HTML's escapes
 */
import type { ArchiveMediaKind } from "@sotto/protocol";
import { asInteger, asText, fieldsBeside, type JsonObject } from "../../json/fields.ts";
import { ARCHIVE_LIMITS } from "../../limits.ts";
import { cleanText } from "../../records/clean-text.ts";
import type { MadeDraft, MediaDraft, MessageDraft, PersonRef } from "../../records/draft.ts";
import { given, givenSome, wordOf } from "../../records/given.ts";
import { mediaDraft, mediaKindOf } from "../../records/media-draft.ts";
import { statedTime } from "../../records/stated-time.ts";
import { isPlausible, UTC_MS } from "../../records/times.ts";
import type { SnapchatFiles } from "./snapchat-files.ts";

type At = {
  readonly files: SnapchatFiles;
  readonly sender: PersonRef | undefined;
  readonly source: MessageDraft["source"];
  readonly neighbour: number;
};

const KNOWN = new Set([
  "From",
  "To",
  "Media Type",
  "Created",
  "Content",
  "Text",
  "Conversation Title",
  "IsSender",
  "IsSaved",
  "Created(microseconds)",
  "Media IDs",
]);
const KINDS: Readonly<Record<string, ArchiveMediaKind>> = { NOTE: "voice", STICKER: "sticker", IMAGE: "photo", VIDEO: "video" };
const WITH_MEDIA = new Set(["MEDIA", "NOTE", "STICKER"]);
const ESCAPES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replaceAll(/&(?:#(\d{1,7})|(amp|lt|gt|quot|apos));/g, (whole, code: string | undefined, name: string | undefined) => {
    const point = Number(code);
    return code !== undefined && point <= 0x10_ffff ? String.fromCodePoint(point) : (ESCAPES[name ?? ""] ?? whole);
  });
}

export function mediaIdsOf(record: JsonObject): string[] {
  return (asText(record["Media IDs"]) ?? "").split(/[\s|,]+/).filter((id) => id !== "");
}

const typeOf = (record: JsonObject): string => (wordOf(record["Media Type"], 100) ?? "TEXT").toUpperCase();

/** The day for which a file is looked for, if the record should have one. */
export function wantedDay(record: JsonObject): string | undefined {
  return WITH_MEDIA.has(typeOf(record)) ? asText(record["Created"])?.slice(0, 10) : undefined;
}

type Found = { readonly media: readonly MediaDraft[]; readonly isGuess: boolean };

function mediaOf(record: JsonObject, { files }: At): Found {
  const type = typeOf(record);
  const kind = KINDS[type];
  // A snap: only that there was one is kept.
  if (type === "IMAGE" || type === "VIDEO") return { media: [mediaDraft({ kind, name: "snap", state: "omitted" })], isGuess: false };
  const ids = mediaIdsOf(record).slice(0, ARCHIVE_LIMITS.mediaPerMessageMax);
  const media = ids.flatMap((id) => {
    const found = files.byId(id);
    const kindOf = (path: string): ArchiveMediaKind => kind ?? mediaKindOf(path);
    return found.length === 0
      ? [mediaDraft({ kind, name: id })]
      : found.map((file) => mediaDraft({ kind: kindOf(file.path), name: id, file }));
  });
  if (media.some(({ file }) => file !== undefined) || !WITH_MEDIA.has(type)) return { media, isGuess: false };
  const guess = files.ofDay(wantedDay(record) ?? "");
  const name = ids[0] ?? "media";
  const only = guess === undefined ? mediaDraft({ kind, name }) : mediaDraft({ kind: kind ?? mediaKindOf(guess.path), name, file: guess });
  return { media: media.length > 1 ? media : [only], isGuess: guess !== undefined && media.length <= 1 };
}

export function snapchatMessage(record: JsonObject, at: At): MadeDraft | undefined {
  const type = typeOf(record);
  if (!("Created" in record) && !("Media Type" in record)) return undefined;
  const exact = asInteger(record["Created(microseconds)"]);
  const time = isPlausible(exact) ? exact : statedTime(record["Created"]);
  const old = asText(record["Text"]);
  const { text, problem } = cleanText(asText(record["Content"]) ?? (old === undefined ? "" : unescaped(old)));
  const isStatus = type.startsWith("STATUS");
  const { media, isGuess } = mediaOf(record, at);
  const isErased = type.includes("ERASED");
  const isCall = type.includes("CALL");
  const draft: MessageDraft = {
    at: time ?? at.neighbour,
    time: time === undefined ? { precision: "none", zone: "utc" } : isPlausible(exact) ? UTC_MS : { precision: "s", zone: "utc" },
    kind: isErased ? "deleted" : isStatus ? "system" : "text",
    text: text === "" && isStatus && !isErased ? type.toLowerCase() : text,
    source: at.source,
    ...given("sender", at.sender),
    ...givenSome("media", media),
    ...given("call", isStatus && isCall ? (type.includes("MISSED") ? { isMissed: true } : {}) : undefined),
    ...given("doubt", isGuess ? "the file was found by its day" : undefined),
    ...given("extra", fieldsBeside(record, KNOWN)),
  };
  return { draft, problems: [...(time === undefined ? (["time_implausible"] as const) : []), ...(problem === undefined ? [] : [problem])] };
}
