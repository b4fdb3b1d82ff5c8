/**
 * One chatItem of Signal's plaintext export (ProtoJSON of backup.proto: 64-bit numbers are strings, bytes are base64, what is default is absent). Fields are
 * taken one by one, so that no key of an attachment can come along.
 */
import type { ArchiveSpan } from "@sotto/protocol";
import { asInteger, asObject, asText, type JsonObject, objects } from "../../json/fields.ts";
import { ARCHIVE_LIMITS } from "../../limits.ts";
import type { ProblemCode } from "../../problems.ts";
import { cleanText } from "../../records/clean-text.ts";
import type { MediaDraft, MessageDraft, PersonRef, ReactionDraft } from "../../records/draft.ts";
import { isPlausible, UTC_MS } from "../../records/times.ts";

type At = {
  readonly source: MessageDraft["source"];
  readonly neighbour: number;
  readonly personOf: (recipientId: unknown) => PersonRef | undefined;
  /** By the hash that the export names, base64 of its SHA-256. */
  readonly fileOf: (plaintextHash: string) => MediaDraft["file"];
};

type Content = Pick<MessageDraft, "kind" | "text"> & Partial<MessageDraft>;

export function signalMessage(
  item: JsonObject,
  at: At,
): { readonly draft: MessageDraft; readonly problems: readonly ProblemCode[] } | undefined {
  const sent = asInteger(item["dateSent"]);
  const author = at.personOf(item["authorId"]);
  if (sent === undefined && author === undefined) return undefined;
  const problems: ProblemCode[] = isPlausible(sent) ? [] : ["time_implausible"];
  const content = contentOf(item, at);
  const { text, problem } = cleanText(content.text);
  if (problem !== undefined) problems.push(problem);
  const edits = objects(item["revisions"]).map((revision) => editOf(revision, at));
  const draft: MessageDraft = {
    ...content,
    text,
    nativeId: `${author?.key ?? ""} ${sent ?? ""}`,
    at: isPlausible(sent) ? sent : at.neighbour,
    time: isPlausible(sent) ? UTC_MS : { precision: "none", zone: "utc" },
    source: at.source,
    ...(author === undefined ? {} : { sender: author }),
    ...(edits.length === 0 ? {} : { edits, ...(isPlausible(sent) ? { editedAt: sent } : {}) }),
  };
  return { draft, problems };
}

function editOf(revision: JsonObject, at: At): { readonly text: string; readonly at?: number } {
  const sent = asInteger(revision["dateSent"]);
  return { text: cleanText(contentOf(revision, at).text).text, ...(isPlausible(sent) ? { at: sent } : {}) };
}

function contentOf(item: JsonObject, at: At): Content {
  const standard = asObject(item["standardMessage"]);
  if (standard !== undefined) return standardContent(standard, at);
  const sticker = asObject(asObject(item["stickerMessage"])?.["sticker"]);
  if (sticker !== undefined) {
    const media = attachment({ pointer: sticker["data"] }, at);
    return {
      kind: "text",
      text: asText(sticker["emoji"]) ?? "",
      media: media === undefined ? [] : [{ ...media, kind: "sticker" }],
      ...reactions(asObject(item["stickerMessage"]), at),
    };
  }
  const contact = asObject(asObject(item["contactMessage"])?.["contact"]);
  if (contact !== undefined) {
    const name = asObject(contact["name"]);
    const words = [name?.["givenName"], name?.["familyName"]].filter((part) => typeof part === "string").join(" ");
    return { kind: "contact", text: words || (asText(contact["organization"]) ?? "") };
  }
  if ("remoteDeletedMessage" in item || "adminDeletedMessage" in item) return { kind: "deleted", text: "" };
  if ("viewOnceMessage" in item) return { kind: "text", text: "", media: [{ kind: "photo", name: "view once", state: "omitted" }] };
  const poll = asObject(item["poll"]);
  if (poll !== undefined) return pollContent(poll);
  const update = asObject(item["updateMessage"]);
  if (update !== undefined) return updateContent(update);
  const other = ["paymentNotification", "giftBadge", "directStoryReplyMessage"].find((name) => name in item);
  return { kind: "unknown", text: other ?? "" };
}

const VOICE = "VOICE_MESSAGE";

function attachment(value: JsonObject, { fileOf }: At): MediaDraft | undefined {
  const pointer = asObject(value["pointer"]);
  if (pointer === undefined) return undefined;
  const type = asText(pointer["contentType"])?.slice(0, 200);
  const hash = asText(asObject(pointer["locatorInfo"])?.["plaintextHash"]);
  const file = hash === undefined ? undefined : fileOf(hash);
  const [width, height] = [asInteger(pointer["width"]), asInteger(pointer["height"])];
  const caption = asText(pointer["caption"]);
  const group = type?.split("/")[0];
  const kind =
    value["flag"] === VOICE ? "voice" : group === "image" ? "photo" : group === "video" ? "video" : group === "audio" ? "audio" : "file";
  return {
    kind,
    name: cleanText(asText(pointer["fileName"]) ?? "", ARCHIVE_LIMITS.nameMax).text,
    state: "missing",
    ...(type === undefined ? {} : { type }),
    ...(caption === undefined ? {} : { caption: cleanText(caption, ARCHIVE_LIMITS.nameMax).text }),
    ...(width === undefined || height === undefined ? {} : { width, height }),
    ...(file === undefined ? {} : { file }),
  };
}

function standardContent(standard: JsonObject, at: At): Content {
  const text = asObject(standard["text"]);
  const media = objects(standard["attachments"])
    .slice(0, ARCHIVE_LIMITS.mediaPerMessageMax)
    .flatMap((value) => attachment(value, at) ?? []);
  const quote = asObject(standard["quote"]);
  const links = objects(standard["linkPreview"]).flatMap(({ url }) => asText(url) ?? []);
  const spans = spansOf(text);
  return {
    kind: "text",
    text: asText(text?.["body"]) ?? "",
    ...(media.length === 0 ? {} : { media }),
    ...(links.length === 0 ? {} : { links: links.map((link) => cleanText(link).text) }),
    ...(spans.length === 0 ? {} : { spans }),
    ...(quote === undefined ? {} : { reply: replyOf(quote, at) }),
    ...reactions(standard, at),
  };
}

function spansOf(text: JsonObject | undefined): ArchiveSpan[] {
  return objects(text?.["bodyRanges"]).flatMap((range) => {
    const length = asInteger(range["length"]);
    const style = asText(range["style"])?.toLowerCase() ?? ("mentionAci" in range ? "mention" : undefined);
    return length === undefined || style === undefined ? [] : [{ start: asInteger(range["start"]) ?? 0, length, style }];
  });
}

function replyOf(quote: JsonObject, { personOf }: At): NonNullable<MessageDraft["reply"]> {
  const by = personOf(quote["authorId"]);
  const target = asInteger(quote["targetSentTimestamp"]);
  const text = asText(asObject(quote["text"])?.["body"]);
  return {
    ...(by === undefined ? {} : { by }),
    ...(target === undefined ? {} : { to: `${by?.key ?? ""} ${target}` }),
    ...(text === undefined ? {} : { text: cleanText(text).text }),
  };
}

function reactions(holder: JsonObject | undefined, { personOf }: At): Pick<MessageDraft, "reactions"> {
  const list = objects(holder?.["reactions"])
    .slice(0, ARCHIVE_LIMITS.reactionsMax)
    .map((reaction): ReactionDraft => {
      const [by, at] = [personOf(reaction["authorId"]), asInteger(reaction["sentTimestamp"])];
      const emoji = cleanText(asText(reaction["emoji"]) ?? "?", 200).text;
      return { emoji, ...(by === undefined ? {} : { by }), ...(isPlausible(at) ? { at } : {}) };
    });
  return list.length === 0 ? {} : { reactions: list };
}

function pollContent(poll: JsonObject): Content {
  const answers = objects(poll["options"]).map((option) => ({
    text: cleanText(asText(option["option"]) ?? "").text,
    votes: objects(option["votes"]).length,
  }));
  const question = cleanText(asText(poll["question"]) ?? "").text;
  return { kind: "poll", text: question, poll: { question, answers } };
}

function updateContent(update: JsonObject): Content {
  const [name = "update"] = Object.keys(update);
  const call = asObject(update["individualCall"]) ?? asObject(update["groupCall"]);
  const words = asText(asObject(update["simpleUpdate"])?.["type"]) ?? name;
  if (call === undefined) return { kind: "system", text: words.replaceAll("_", " ").toLowerCase() };
  const isMissed = asText(call["state"])?.startsWith("MISSED") === true;
  return { kind: "system", text: isMissed ? "missed call" : "call", call: isMissed ? { isMissed } : {} };
}
