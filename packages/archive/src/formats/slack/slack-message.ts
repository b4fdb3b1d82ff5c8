/**
 * One message of a Slack export. `ts` is its id in its conversation and its time: seconds, and six digits that make it unique. Files are addresses that
 * need a token of the workspace; the export's own token, which it puts into them, is not kept.
 */
import type { ArchiveMessageKind } from "@sotto/protocol";
import type { ExportFile } from "../../input/export-file.ts";
import { asInteger, asObject, asText, fieldsBeside, type JsonObject, objects } from "../../json/fields.ts";
import { ARCHIVE_LIMITS } from "../../limits.ts";
import { cleanText } from "../../records/clean-text.ts";
import type { MadeDraft, MediaDraft, MessageDraft, PersonRef, ReactionDraft } from "../../records/draft.ts";
import { given, givenSome, wordOf } from "../../records/given.ts";
import { mediaDraft, mediaKindOf } from "../../records/media-draft.ts";
import { isPlausible, UTC_MS } from "../../records/times.ts";
import { slackText } from "./slack-text.ts";
import type { Workspace } from "./slack-workspace.ts";

type At = {
  readonly workspace: Workspace;
  /** A file that a tool has put beside the messages. */
  readonly fileOf: (id: string, name: string) => ExportFile | undefined;
  readonly source: MessageDraft["source"];
  readonly neighbour: number;
};

/** Subtypes that somebody said; all others are lines about the conversation. */
const SAID = new Set(
  "bot_message me_message file_share file_comment file_mention thread_broadcast reply_broadcast slackbot_response document_mention message_changed".split(
    " ",
  ),
);
const KNOWN = new Set(
  "type subtype ts user bot_id bot_profile username user_profile text thread_ts parent_user_id reactions edited files file upload comment client_msg_id team user_team source_team blocks reply_count reply_users reply_users_count latest_reply replies subscribed last_read is_locked display_as_bot upload_reply_to x_files room channel permalink no_notifications icons root inviter hidden message previous_message original is_intro".split(
    " ",
  ),
);

/** Milliseconds of "1452837318.000002". */
function timeOf(ts: unknown): number | undefined {
  const match = /^(\d{1,12})(?:\.(\d{1,9}))?$/.exec(asText(ts) ?? "");
  return match === null ? undefined : Number(match[1]) * 1000 + Number((match[2] ?? "").padEnd(3, "0").slice(0, 3));
}

function senderOf(message: JsonObject, { workspace }: At): PersonRef | undefined {
  const comment = asObject(message["comment"]);
  const user = wordOf(message["user"]) ?? wordOf(comment?.["user"]);
  const profile = asObject(message["user_profile"]);
  const said = [profile?.["display_name"], profile?.["real_name"], message["username"], asObject(message["bot_profile"])?.["name"]];
  const name = said.map((word) => wordOf(word)).find((word) => word !== undefined);
  if (user !== undefined) return workspace.isUser(user) || name === undefined ? workspace.person(user) : { key: user, name };
  const key = wordOf(message["bot_id"]) ?? name;
  return key === undefined ? undefined : { key, name: name ?? key };
}

function kindOf(subtype: string | undefined): ArchiveMessageKind {
  if (subtype === "tombstone" || subtype === "message_deleted") return "deleted";
  return subtype === undefined || SAID.has(subtype) ? "text" : "system";
}

/** What an app posted has its words in blocks or attachments only. */
function wordsIn(value: unknown, depth = 0): string[] {
  if (depth > 8) return [];
  if (Array.isArray(value)) return value.flatMap((item) => wordsIn(item, depth + 1));
  const object = asObject(value);
  if (object === undefined) return [];
  const own = [object["title"], object["text"], object["pretext"]].filter((word) => typeof word === "string" && word !== "");
  const words = own.length === 0 && typeof object["fallback"] === "string" ? [object["fallback"]] : own;
  return [...words.map(String), ...[object["text"], object["fields"], object["elements"]].flatMap((inner) => wordsIn(inner, depth + 1))];
}

function mediaOf(message: JsonObject, { fileOf }: At): MediaDraft[] {
  const files = [...objects(message["files"]), ...objects([message["file"]])];
  return files.slice(0, ARCHIVE_LIMITS.mediaPerMessageMax).map((file) => {
    const name = wordOf(file["name"]) ?? wordOf(file["title"]) ?? wordOf(file["id"]) ?? "file";
    const [type, id, mode] = [wordOf(file["mimetype"], 200), wordOf(file["id"]) ?? "", file["mode"]];
    const found = fileOf(id, name);
    const address = wordOf(file["url_private_download"], 4000) ?? wordOf(file["url_private"], 4000);
    const [width, height, ms] = [asInteger(file["original_w"]), asInteger(file["original_h"]), asInteger(file["duration_ms"])];
    const kind = file["subtype"] === "slack_audio" ? "voice" : mediaKindOf(name, type);
    const facts = { kind, type, width, height, seconds: ms === undefined ? undefined : Math.round(ms / 1000), file: found };
    if (mode === "tombstone" || mode === "hidden_by_limit" || address === undefined)
      return mediaDraft({ ...facts, name, state: mode === undefined ? "missing" : "omitted" });
    return mediaDraft({ ...facts, name: address.replace(/[?#].*$/, ""), caption: name, state: found === undefined ? "remote" : "missing" });
  });
}

function reactionsOf(message: JsonObject, { workspace }: At): ReactionDraft[] {
  return objects(message["reactions"])
    .flatMap((reaction): ReactionDraft[] => {
      const emoji = `:${wordOf(reaction["name"], 190) ?? "?"}:`;
      const users = Array.isArray(reaction["users"]) ? reaction["users"].filter((user) => typeof user === "string") : [];
      const known = users.slice(0, ARCHIVE_LIMITS.reactionsMax).map((user) => ({ emoji, by: workspace.person(user) }));
      const others = (asInteger(reaction["count"]) ?? known.length) - known.length;
      return others > 0 ? [...known, { emoji, count: others }] : known;
    })
    .slice(0, ARCHIVE_LIMITS.reactionsMax);
}

function callOf(message: JsonObject): MessageDraft["call"] {
  const room = asObject(message["room"]);
  if (room === undefined) return undefined;
  const [start, end] = [asInteger(room["date_start"]), asInteger(room["date_end"])];
  return start !== undefined && end !== undefined && end >= start && start > 0 ? { seconds: end - start } : {};
}

function replyOf(message: JsonObject, { workspace }: At): MessageDraft["reply"] {
  const [thread, ts] = [wordOf(message["thread_ts"]), message["ts"]];
  if (thread === undefined || thread === ts) return undefined;
  const parent = wordOf(message["parent_user_id"]);
  return { to: thread, ...given("by", parent === undefined ? undefined : workspace.person(parent)) };
}

export function slackMessage(value: unknown, at: At): MadeDraft | undefined {
  const message = asObject(value);
  const ts = wordOf(message?.["ts"], 64);
  if (message === undefined || ts === undefined) return undefined;
  const [time, subtype] = [timeOf(ts), asText(message["subtype"])];
  const changed = asObject(message["message"]) ?? message;
  const before = asObject(message["previous_message"]) ?? asObject(message["original"]);
  const own = asText(changed["text"]) ?? asText(asObject(message["comment"])?.["comment"]) ?? "";
  const words = own === "" ? [...wordsIn(message["blocks"]), ...wordsIn(message["attachments"])].join("\n") : own;
  const { text: shown, spans, links } = slackText(words, at.workspace);
  const { text, problem } = cleanText(shown);
  const earlier = before === undefined ? undefined : cleanText(slackText(asText(before["text"]) ?? "", at.workspace).text).text;
  const [sender, edited, call] = [senderOf(changed, at), timeOf(asObject(changed["edited"])?.["ts"]), callOf(message)];
  const [reply, extra] = [replyOf(message, at), fieldsBeside(message, KNOWN)];
  const draft: MessageDraft = {
    nativeId: ts,
    at: isPlausible(time) ? time : at.neighbour,
    time: isPlausible(time) ? UTC_MS : { precision: "none", zone: "utc" },
    kind: kindOf(subtype),
    text: text === "" && kindOf(subtype) === "system" ? (subtype ?? "").replaceAll("_", " ") : text,
    source: at.source,
    ...givenSome("spans", problem === undefined ? spans : []),
    ...givenSome("links", links),
    ...givenSome("media", mediaOf(message, at)),
    ...givenSome("reactions", reactionsOf(message, at)),
    ...givenSome("edits", earlier === undefined ? [] : [{ text: earlier }]),
    ...given("sender", sender),
    ...given("reply", reply),
    ...given("call", call),
    ...given("editedAt", isPlausible(edited) ? edited : undefined),
    ...given("extra", extra),
  };
  return { draft, problems: [...(isPlausible(time) ? [] : (["time_implausible"] as const)), ...(problem === undefined ? [] : [problem])] };
}
