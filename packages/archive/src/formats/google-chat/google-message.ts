/**
 * One message of Google Chat's takeout:
 *
 *   {creator: {name, email, user_type}, created_date, updated_date?, deleted_date?, message_state?, text, topic_id, message_id,
 *    attached_files: [{original_name, export_name}], annotations: [{start_index, length, …_metadata}], reactions: [{emoji: {unicode}, reactor_emails}],
 *    quoted_message_metadata: {creator, text}, previous_message_versions: [{created_date, text}]}
 *
 * `message_id` is space/topic/message. A message without `created_date` has it in its first version.
 */
import type { ArchiveSpan } from "@sotto/protocol";
import type { ExportFile } from "../../input/export-file.ts";
import { asInteger, asObject, asText, fieldsBeside, type JsonObject, objects } from "../../json/fields.ts";
import { ARCHIVE_LIMITS } from "../../limits.ts";
import { cleanText } from "../../records/clean-text.ts";
import type { MadeDraft, MediaDraft, MessageDraft, PersonRef, ReactionDraft } from "../../records/draft.ts";
import { given, givenSome, wordOf } from "../../records/given.ts";
import { mediaDraft } from "../../records/media-draft.ts";
import { googleTime } from "./google-dates.ts";

type At = {
  readonly fileOf: (exportName: string) => ExportFile | undefined;
  readonly nameOf: (email: string) => string | undefined;
  readonly source: MessageDraft["source"];
  readonly neighbour: number;
};

const KNOWN = new Set(
  "creator created_date updated_date deleted_date deletion_metadata message_state text topic_id message_id attached_files annotations reactions quoted_message_metadata quotes_message_metadata previous_message_versions".split(
    " ",
  ),
);

/** An account that was deleted has neither name nor address: somebody, in this conversation. */
export function googlePerson(value: unknown): PersonRef | undefined {
  const person = asObject(value);
  if (person === undefined) return undefined;
  const [name, email] = [wordOf(person["name"]), wordOf(person["email"])];
  const key = email?.toLowerCase() ?? name;
  return key === undefined ? { key: "Deleted User", name: "Deleted User", isPlaceholder: true } : { key, name: name ?? key };
}

const addressIn = (value: unknown): string | undefined => {
  const url = asObject(value)?.["url"];
  return wordOf(asObject(url)?.["private_do_not_access_or_else_safe_url_wrapped_value"] ?? url, 8000);
};

type Annotated = { readonly spans: ArchiveSpan[]; readonly links: string[]; readonly others: JsonObject[] };

function annotationsOf(message: JsonObject, text: string): Annotated {
  const found: Annotated = { spans: [], links: [], others: [] };
  for (const annotation of objects(message["annotations"]).slice(0, ARCHIVE_LIMITS.peopleMax)) {
    const [start, length] = [asInteger(annotation["start_index"]) ?? 0, asInteger(annotation["length"]) ?? 0];
    const format = asText(asObject(annotation["format_metadata"])?.["format_type"])?.toLowerCase();
    const video = asObject(asObject(annotation["video_call_metadata"])?.["meeting_space"]);
    const address =
      addressIn(annotation["url_metadata"]) ?? addressIn(annotation["interaction_data"]) ?? wordOf(video?.["meeting_url"], 8000);
    const style = address !== undefined ? "text_link" : "user_mention_metadata" in annotation ? "mention" : format;
    const isInside = start >= 0 && length > 0 && start + length <= text.length;
    if (style !== undefined && isInside) found.spans.push({ start, length, style, ...given("href", address) });
    if (address !== undefined) found.links.push(address);
    else if (style === undefined || !isInside) found.others.push(annotation);
  }
  return found;
}

function mediaOf(message: JsonObject, { fileOf }: At): MediaDraft[] {
  return objects(message["attached_files"])
    .slice(0, ARCHIVE_LIMITS.mediaPerMessageMax)
    .map((attached) => {
      const [original, name] = [wordOf(attached["original_name"]), wordOf(attached["export_name"])];
      const file = name === undefined ? undefined : fileOf(name);
      return mediaDraft({ name: name ?? original ?? "file", caption: original, file });
    });
}

function reactionsOf(message: JsonObject, { nameOf }: At): ReactionDraft[] {
  return objects(message["reactions"])
    .flatMap((reaction): ReactionDraft[] => {
      const emoji = asObject(reaction["emoji"]);
      const custom = wordOf(asObject(emoji?.["custom_emoji"])?.["shortcode"], 200);
      const shown = wordOf(emoji?.["unicode"], 200) ?? custom ?? "?";
      const { reactor_emails: emails } = reaction;
      const known = Array.isArray(emails) ? emails.flatMap((email) => wordOf(email) ?? []) : [];
      return known.length === 0
        ? [{ emoji: shown, count: 1 }]
        : known.map((email) => ({ emoji: shown, by: { key: email.toLowerCase(), name: nameOf(email.toLowerCase()) ?? email } }));
    })
    .slice(0, ARCHIVE_LIMITS.reactionsMax);
}

function replyOf(message: JsonObject): MessageDraft["reply"] {
  const quoted = asObject(message["quoted_message_metadata"]) ?? asObject(message["quotes_message_metadata"]);
  const [space, topic, id] = (wordOf(message["message_id"]) ?? "").split("/");
  const first = id !== undefined && topic !== id ? `${space}/${topic}/${topic}` : undefined;
  if (quoted === undefined) return first === undefined ? undefined : { to: first };
  const text = asText(quoted["text"]);
  return {
    ...given("to", wordOf(quoted["message_id"]) ?? first),
    ...given("text", text === undefined ? undefined : cleanText(text).text),
    ...given("by", googlePerson(quoted["creator"])),
  };
}

function versionsOf(message: JsonObject): { readonly text: string; readonly at?: number }[] {
  return objects(message["previous_message_versions"])
    .slice(0, ARCHIVE_LIMITS.peopleMax)
    .map((version) => {
      return { text: cleanText(asText(version["text"]) ?? "").text, ...given("at", googleTime(version["created_date"])) };
    });
}

export function googleMessage(value: unknown, at: At): MadeDraft | undefined {
  const message = asObject(value);
  const id = wordOf(message?.["message_id"]);
  if (message === undefined || (id === undefined && !("creator" in message))) return undefined;
  const edits = versionsOf(message);
  const firstVersion = edits.find((version) => version.at !== undefined)?.at;
  const deleted = googleTime(message["deleted_date"]);
  const time = googleTime(message["created_date"]) ?? firstVersion ?? googleTime(message["updated_date"]) ?? deleted;
  const edited = googleTime(message["updated_date"]);
  const { text, problem } = cleanText(asText(message["text"]) ?? "");
  const { spans, links, others } = annotationsOf(message, text);
  const rest = fieldsBeside(message, KNOWN);
  const extra = others.length === 0 ? rest : { ...rest, annotations: others };
  const isDeleted = "deleted_date" in message || "deletion_metadata" in message || message["message_state"] === "DELETED";
  const draft: MessageDraft = {
    at: time ?? at.neighbour,
    time: { precision: time === undefined ? "none" : "s", zone: "utc" },
    kind: isDeleted ? "deleted" : "text",
    text,
    source: at.source,
    ...given("nativeId", id),
    ...given("sender", googlePerson(message["creator"])),
    ...givenSome("spans", spans),
    ...givenSome("links", links),
    ...givenSome("media", mediaOf(message, at)),
    ...givenSome("reactions", reactionsOf(message, at)),
    ...given("reply", replyOf(message)),
    ...given("editedAt", edited),
    ...givenSome(
      "edits",
      edits.filter((version) => version.text !== "" && version.text !== text),
    ),
    ...given("extra", extra),
  };
  return { draft, problems: [...(time === undefined ? (["time_implausible"] as const) : []), ...(problem === undefined ? [] : [problem])] };
}
