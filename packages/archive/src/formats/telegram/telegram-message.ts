/** One message of Telegram Desktop's `result.json`. Ids are unique in their chat. */
import type { ArchiveMediaKind, ArchiveMessageKind } from "@sotto/protocol";
import type { ExportFile } from "../../input/export-file.ts";
import type { FileTree } from "../../input/file-tree.ts";
import { findNamed } from "../../input/named-file.ts";
import { asInteger, asObject, asText, fieldsBeside, type JsonObject, objects } from "../../json/fields.ts";
import { ARCHIVE_LIMITS } from "../../limits.ts";
import type { ProblemCode } from "../../problems.ts";
import { cleanText } from "../../records/clean-text.ts";
import type { MediaDraft, MessageDraft, PersonRef, ReactionDraft } from "../../records/draft.ts";
import { isPlausible } from "../../records/times.ts";
import type { WallClock } from "../../records/wall-clock.ts";
import { telegramText } from "./telegram-text.ts";

type At = {
  readonly tree: FileTree;
  readonly file: ExportFile;
  readonly clock: WallClock;
  readonly source: MessageDraft["source"];
  readonly neighbour: number;
};

const KNOWN = new Set(
  "id type date date_unixtime edited edited_unixtime from from_id actor actor_id action text text_entities reply_to_message_id forwarded_from photo photo_file_size width height file file_name file_size thumbnail media_type mime_type duration_seconds sticker_emoji reactions poll location_information contact_information discard_reason message_id title members".split(
    " ",
  ),
);
const KINDS: Readonly<Record<string, ArchiveMediaKind>> = {
  sticker: "sticker",
  video_message: "video",
  video_file: "video",
  voice_message: "voice",
  animation: "gif",
  audio_file: "audio",
};

export function telegramMessage(
  value: unknown,
  at: At,
): { readonly draft: MessageDraft; readonly problems: readonly ProblemCode[] } | undefined {
  const message = asObject(value);
  const id = asInteger(message?.["id"]);
  if (message === undefined || id === undefined) return undefined;
  const problems: ProblemCode[] = [];
  const when = timeOf(message, "date", at.clock);
  // A message that the export cannot show has an id and nothing else.
  if (when === undefined && message["type"] !== "unsupported") problems.push("time_implausible");
  const isService = message["type"] === "service";
  const styled = telegramText(message["text"]);
  const { text, problem } = cleanText(isService ? serviceText(message) : styled.text);
  if (problem !== undefined) problems.push(problem);
  const media = mediaOf(message, at);
  const poll = pollOf(message);
  const draft: MessageDraft = {
    nativeId: String(id),
    at: when?.at ?? at.neighbour,
    time: { precision: when === undefined ? "none" : "s", zone: when?.zone ?? "utc" },
    kind: kindOf(message, isService),
    text: poll === undefined ? text : text || poll.question,
    source: at.source,
    ...(media.length === 0 ? {} : { media }),
    ...(poll === undefined ? {} : { poll }),
    ...(styled.spans.length === 0 || isService ? {} : { spans: styled.spans }),
    ...facts(message, at),
  };
  return { draft, problems };
}

function kindOf(message: JsonObject, isService: boolean): ArchiveMessageKind {
  if (isService) return "system";
  if (message["type"] === "unsupported") return "unknown";
  if ("poll" in message) return "poll";
  return "contact_information" in message ? "contact" : "text";
}

function timeOf(
  message: JsonObject,
  field: "date" | "edited",
  clock: WallClock,
): { readonly at: number; readonly zone: "utc" | "assumed" } | undefined {
  const seconds = asInteger(message[`${field}_unixtime`]);
  if (seconds !== undefined && isPlausible(seconds * 1000)) return { at: seconds * 1000, zone: "utc" };
  const match = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})$/.exec(asText(message[field]) ?? "");
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  const at = clock({ year, month, day, hour, minute, second });
  return at === undefined ? undefined : { at, zone: "assumed" };
}

function telegramPerson(id: unknown, name: unknown): PersonRef | undefined {
  const key = typeof id === "number" ? `user${id}` : asText(id);
  if (key === undefined && asText(name) === undefined) return undefined;
  const { text } = cleanText(asText(name) ?? "Deleted Account", ARCHIVE_LIMITS.nameMax);
  return { key: (key ?? text).slice(0, ARCHIVE_LIMITS.nameMax), name: text };
}

function serviceText(message: JsonObject): string {
  const action = (asText(message["action"]) ?? "").replaceAll("_", " ");
  const title = asText(message["title"]);
  const members = Array.isArray(message["members"]) ? message["members"].filter((name) => typeof name === "string") : [];
  return [action, title, members.join(", ")].filter((part) => part !== undefined && part !== "").join(": ");
}

const ABSENT = /\((File (not included|exceeds maximum size|unavailable)[^)]*)\)\s*$/;

function mediaOf(message: JsonObject, { tree, file }: At): MediaDraft[] {
  const [photo, document] = [asText(message["photo"]), asText(message["file"])];
  const name = photo ?? document;
  if (name === undefined || name === "") return [];
  const kind = photo === undefined ? (KINDS[asText(message["media_type"]) ?? ""] ?? "file") : "photo";
  const [type, seconds] = [asText(message["mime_type"]), asInteger(message["duration_seconds"])];
  const [width, height] = [asInteger(message["width"]), asInteger(message["height"])];
  const absent = ABSENT.exec(name);
  const shared = {
    kind,
    ...(type === undefined ? {} : { type: type.slice(0, 200) }),
    ...(seconds === undefined ? {} : { seconds }),
    ...(width === undefined || height === undefined ? {} : { width, height }),
  };
  if (absent !== null)
    return [{ ...shared, name: asText(message["file_name"]) ?? name, state: absent[2] === "unavailable" ? "missing" : "omitted" }];
  const found = findNamed(tree, name, file);
  return [
    { ...shared, name: name.slice(0, ARCHIVE_LIMITS.pathCharactersMax), state: "missing", ...(found === undefined ? {} : { file: found }) },
  ];
}

function reactionsOf(message: JsonObject): ReactionDraft[] {
  return objects(message["reactions"])
    .slice(0, ARCHIVE_LIMITS.reactionsMax)
    .flatMap((reaction) => {
      const emoji = cleanText(asText(reaction["emoji"]) ?? asText(reaction["document_id"]) ?? asText(reaction["type"]) ?? "?", 200).text;
      const recent = objects(reaction["recent"]).slice(0, ARCHIVE_LIMITS.reactionsMax);
      const known = recent.map(({ from, from_id: id, date }): ReactionDraft => {
        const [by, at] = [telegramPerson(id, from), Date.parse(`${asText(date) ?? ""}Z`)];
        return { emoji, ...(by === undefined ? {} : { by }), ...(isPlausible(at) ? { at } : {}) };
      });
      const others = (asInteger(reaction["count"]) ?? known.length) - known.length;
      return others > 0 ? [...known, { emoji, count: others }] : known;
    });
}

function pollOf(message: JsonObject): MessageDraft["poll"] {
  const poll = asObject(message["poll"]);
  if (poll === undefined) return undefined;
  const answers = objects(poll["answers"]).map(({ text, voters }) => {
    const votes = asInteger(voters);
    return { text: cleanText(asText(text) ?? "").text, ...(votes === undefined ? {} : { votes }) };
  });
  return { question: cleanText(asText(poll["question"]) ?? "").text, answers };
}

function facts(message: JsonObject, { clock }: At): Partial<MessageDraft> {
  const sender = telegramPerson(message["from_id"] ?? message["actor_id"], message["from"] ?? message["actor"]);
  const reply = asInteger(message["reply_to_message_id"]);
  const edited = timeOf(message, "edited", clock);
  const reactions = reactionsOf(message);
  const place = asObject(message["location_information"]);
  const [latitude, longitude] = [place?.["latitude"], place?.["longitude"]];
  const seconds = asInteger(message["duration_seconds"]);
  const extra = fieldsBeside(message, KNOWN);
  const isCall = message["action"] === "phone_call";
  return {
    ...(sender === undefined ? {} : { sender }),
    ...(reply === undefined ? {} : { reply: { to: String(reply) } }),
    ...("forwarded_from" in message
      ? { forwardedFrom: cleanText(asText(message["forwarded_from"]) ?? "", ARCHIVE_LIMITS.nameMax).text }
      : {}),
    ...(edited === undefined ? {} : { editedAt: edited.at }),
    ...(reactions.length === 0 ? {} : { reactions }),
    ...(typeof latitude === "number" && typeof longitude === "number" ? { place: { latitude, longitude } } : {}),
    ...(isCall
      ? { call: { ...(seconds === undefined ? {} : { seconds }), ...(message["discard_reason"] === "missed" ? { isMissed: true } : {}) } }
      : {}),
    ...(extra === undefined ? {} : { extra }),
  };
}
