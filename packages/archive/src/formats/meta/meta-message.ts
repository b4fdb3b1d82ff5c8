/** One message of a `message_N.json` of Instagram or Messenger. Names no ids, no replies and no edits, for the export has none. */
import type { ArchiveMessageKind } from "@sotto/protocol";
import type { ExportFile } from "../../input/export-file.ts";
import type { FileTree } from "../../input/file-tree.ts";
import { asInteger, asObject, asText, fieldsBeside, type JsonObject, objects } from "../../json/fields.ts";
import { ARCHIVE_LIMITS } from "../../limits.ts";
import type { ProblemCode } from "../../problems.ts";
import { cleanText } from "../../records/clean-text.ts";
import type { MediaDraft, MessageDraft, ReactionDraft } from "../../records/draft.ts";
import { isPlausible, UTC_MS } from "../../records/times.ts";
import { MEDIA_FIELDS, metaMedia } from "./meta-media.ts";
import { metaPerson } from "./meta-person.ts";
import { repairMojibake } from "./mojibake.ts";

const KNOWN = new Set(
  ["sender_name", "timestamp_ms", "content", "type", "reactions", "share", "call_duration", "missed", "is_unsent"].concat(MEDIA_FIELDS),
);
/** Says of nearly every message that it is an ordinary one. */
const ORDINARY = new Set(["is_geoblocked_for_viewer", "is_unsent_image_by_messenger_kid_parent", "is_taken_down"]);

/** "Ada sent an attachment." stands for what is attached, in the language of the exporting account. */
const ATTACHMENT =
  /(sent an attachment|hat einen Anhang gesendet|a envoyé une pièce jointe|(envió|enviaste) un archivo adjunto|enviou um anexo|ha inviato un allegato|heeft een bijlage verzonden)\.?$/i;

export type MetaMessage = { readonly draft: MessageDraft; readonly problems: readonly ProblemCode[] };

type At = {
  readonly tree: FileTree;
  readonly file: ExportFile;
  readonly source: MessageDraft["source"];
  /** Of the message before it, for one without a possible time. */
  readonly neighbour: number;
};

/** Undefined if it has neither a sender nor a time: then it is no message. */
export function metaMessage(value: unknown, at: At): MetaMessage | undefined {
  const message = asObject(value);
  if (message === undefined) return undefined;
  const [sender, timestamp] = [asText(message["sender_name"]), asInteger(message["timestamp_ms"])];
  if (sender === undefined && timestamp === undefined) return undefined;
  const problems: ProblemCode[] = [];
  if (!isPlausible(timestamp)) problems.push("time_implausible");
  const media = metaMedia(message, at);
  const share = asObject(message["share"]);
  const { text, problem } = cleanText(textOf(message, share, media));
  if (problem !== undefined) problems.push(problem);
  const kind = kindOf(message, text, media.length > 0 || share !== undefined);
  const draft: MessageDraft = {
    at: isPlausible(timestamp) ? timestamp : at.neighbour,
    time: isPlausible(timestamp) ? UTC_MS : { precision: "none", zone: "utc" },
    kind,
    text,
    source: at.source,
    ...(sender === undefined ? {} : { sender: metaPerson(sender) }),
    ...(media.length === 0 ? {} : { media }),
    ...optional(message, share),
  };
  return { draft, problems };
}

function textOf(message: JsonObject, share: JsonObject | undefined, media: readonly MediaDraft[]): string {
  const content = repairMojibake(asText(message["content"]) ?? "");
  const shared = repairMojibake(asText(share?.["share_text"]) ?? "");
  const hasMore = media.length > 0 || share !== undefined;
  const words = hasMore && ATTACHMENT.test(content) ? "" : content;
  return words === "" || shared === "" || words === shared ? words || shared : `${words}\n${shared}`;
}

function kindOf(message: JsonObject, text: string, hasMore: boolean): ArchiveMessageKind {
  if (message["is_unsent"] === true) return "deleted";
  const type = message["type"];
  if (type === "Call" || type === "Subscribe" || type === "Unsubscribe" || "call_duration" in message) return "system";
  return text === "" && !hasMore ? "unknown" : "text";
}

function reactionsOf(message: JsonObject): ReactionDraft[] {
  return objects(message["reactions"])
    .slice(0, ARCHIVE_LIMITS.reactionsMax)
    .flatMap(({ reaction, actor, timestamp }) => {
      const emoji = asText(reaction);
      if (emoji === undefined) return [];
      const [by, seconds] = [asText(actor), asInteger(timestamp)];
      const time = seconds !== undefined && isPlausible(seconds * 1000) ? { at: seconds * 1000 } : {};
      const { text } = cleanText(repairMojibake(emoji), ARCHIVE_LIMITS.nameMax);
      return [{ emoji: text, ...(by === undefined ? {} : { by: metaPerson(by) }), ...time }];
    });
}

function optional(message: JsonObject, share: JsonObject | undefined): Partial<MessageDraft> {
  const reactions = reactionsOf(message);
  const link = asText(share?.["link"]);
  const seconds = asInteger(message["call_duration"]);
  const extra = extraOf(message, share);
  return {
    ...(reactions.length === 0 ? {} : { reactions }),
    ...(link === undefined ? {} : { links: [cleanText(repairMojibake(link)).text] }),
    ...(seconds === undefined && message["missed"] !== true
      ? {}
      : { call: { ...(seconds === undefined ? {} : { seconds }), ...(message["missed"] === true ? { isMissed: true } : {}) } }),
    ...(extra === undefined ? {} : { extra }),
  };
}

function extraOf(message: JsonObject, share: JsonObject | undefined): JsonObject | undefined {
  const beside = fieldsBeside(message, KNOWN);
  const rest = Object.entries(beside ?? {}).filter(([key, value]) => !(ORDINARY.has(key) && value === false));
  const owner = asText(share?.["original_content_owner"]);
  if (owner !== undefined) rest.push(["original_content_owner", repairMojibake(owner)]);
  return rest.length === 0 ? undefined : Object.fromEntries(rest);
}
