/** One row of `message` in `chat.db`. `text` is NULL on recent systems; then the text is in `attributedBody`. */
import type { ArchiveMessageKind } from "@sotto/protocol";
import type { ExportFile } from "../../input/export-file.ts";
import type { DatabaseRow } from "../../input/database.ts";
import { asObject } from "../../json/fields.ts";
import { ARCHIVE_LIMITS } from "../../limits.ts";
import type { ArchivePorts } from "../../ports.ts";
import { cleanText } from "../../records/clean-text.ts";
import type { MadeDraft, MediaDraft, MessageDraft } from "../../records/draft.ts";
import { given, givenSome, wordOf } from "../../records/given.ts";
import { mediaDraft } from "../../records/media-draft.ts";
import { parseBinaryPlist } from "./binary-plist.ts";
import { appleTime } from "./imessage-times.ts";
import { type ChatTables, numberOf } from "./imessage-tables.ts";
import { senderOf, type Tapbacks } from "./tapbacks.ts";
import { typedStreamText } from "./typed-stream.ts";

export const MESSAGE_COLUMNS: readonly string[] =
  "guid text attributedBody date date_edited date_retracted is_from_me handle_id service associated_message_guid associated_message_type associated_message_emoji thread_originator_guid message_summary_info item_type group_action_type group_title balloon_bundle_id is_audio_message".split(
    " ",
  );

type At = {
  readonly tables: ChatTables;
  readonly tapbacks: Tapbacks;
  readonly ports: ArchivePorts;
  readonly fileOf: (path: string) => ExportFile | undefined;
  readonly source: MessageDraft["source"];
  readonly neighbour: number;
};

const LINKS = "com.apple.messages.URLBalloonProvider";
/** Stands in the text for an attachment, and for what an app shows. */
const OBJECTS = /[\uFFFC\uFFFD]/g;

function textOf(row: DatabaseRow, ports: ArchivePorts): string {
  const { text, attributedBody: body } = row;
  const found = typeof text === "string" && text !== "" ? text : body instanceof Uint8Array ? typedStreamText(body, ports) : undefined;
  return (found ?? "").replaceAll(OBJECTS, "");
}

/** Lines about a group: `item_type` and `group_action_type` in words. */
function eventOf(row: DatabaseRow): string | undefined {
  const [type = 0, action] = [numberOf(row, "item_type"), numberOf(row, "group_action_type")];
  if (type === 1) return action === 1 ? "participant removed" : "participant added";
  if (type === 2) return ["name changed", wordOf(row["group_title"])].filter((word) => word !== undefined).join(": ");
  if (type === 3) return action === 1 ? "group photo changed" : action === 2 ? "group photo removed" : "participant left";
  const others: Readonly<Record<number, string>> = { 4: "location sharing", 5: "audio message kept", 6: "FaceTime" };
  return type === 0 ? undefined : (others[type] ?? `event ${type}`);
}

/** `ec` has for each part of the message its wordings, oldest first: `d` the time in seconds, `t` the text as typedstream. The last one is the text. */
function editsOf(
  row: DatabaseRow,
  ports: ArchivePorts,
): { readonly edits: readonly { readonly text: string; readonly at?: number }[]; readonly isUnsent: boolean } {
  const info = row["message_summary_info"];
  const summary = asObject(info instanceof Uint8Array ? parseBinaryPlist(info) : undefined);
  const parts = Object.values(asObject(summary?.["ec"]) ?? {});
  const edits = parts.flatMap((part) => {
    const wordings = Array.isArray(part) ? part.slice(0, -1) : [];
    return wordings.flatMap((wording) => {
      const { t, d } = asObject(wording) ?? {};
      const text = t instanceof Uint8Array ? typedStreamText(t, ports) : undefined;
      return text === undefined ? [] : [{ text: cleanText(text.replaceAll(OBJECTS, "")).text, ...given("at", appleTime(d)?.at) }];
    });
  });
  const unsent = summary?.["rp"];
  return { edits: edits.slice(0, ARCHIVE_LIMITS.peopleMax), isUnsent: Array.isArray(unsent) && unsent.length > 0 };
}

function mediaOf(row: DatabaseRow, { tables, fileOf }: At): MediaDraft[] {
  const isVoice = numberOf(row, "is_audio_message") === 1;
  return tables.attachments(numberOf(row, "rowid") ?? 0).map(({ path, name, type }) => {
    const file = path === undefined ? undefined : fileOf(path);
    const kind = isVoice ? ("voice" as const) : undefined;
    return mediaDraft({ kind, name: path ?? name ?? "attachment", caption: name, type, file });
  });
}

export function imessageMessage(row: DatabaseRow, at: At): MadeDraft | undefined {
  const guid = wordOf(row["guid"], 200);
  if (guid === undefined) return undefined;
  const [time, event, { edits, isUnsent }] = [appleTime(row["date"]), eventOf(row), editsOf(row, at.ports)];
  const { text, problem } = cleanText(textOf(row, at.ports));
  const media = mediaOf(row, at);
  const edited = appleTime(row["date_edited"])?.at;
  const app = wordOf(row["balloon_bundle_id"]);
  const isEmpty = text === "" && media.length === 0;
  const isDeleted = isEmpty && event === undefined && (isUnsent || appleTime(row["date_retracted"]) !== undefined || edited !== undefined);
  const kind: ArchiveMessageKind =
    event !== undefined ? "system" : isDeleted ? "deleted" : isEmpty && app !== undefined && app !== LINKS ? "unknown" : "text";
  const reply = wordOf(row["thread_originator_guid"], 200);
  const service = wordOf(row["service"], 40);
  const extra = {
    ...(service === undefined || service === "iMessage" ? {} : { service }),
    ...(app === undefined || app === LINKS ? {} : { app }),
  };
  const draft: MessageDraft = {
    nativeId: guid,
    at: time?.at ?? at.neighbour,
    time: { precision: time?.precision ?? "none", zone: "utc" },
    kind,
    text: text === "" ? (event ?? "") : text,
    source: at.source,
    ...given("sender", senderOf(row, at.tables)),
    ...givenSome("media", media),
    ...givenSome("reactions", at.tapbacks.of(guid)),
    ...givenSome("links", app === LINKS && /^https?:\/\/\S+$/.test(text) ? [text] : []),
    ...given("reply", reply === undefined ? undefined : { to: reply }),
    ...given("editedAt", edited),
    ...givenSome("edits", edits),
    ...given("extra", Object.keys(extra).length === 0 ? undefined : extra),
  };
  return { draft, problems: [...(time === undefined ? (["time_implausible"] as const) : []), ...(problem === undefined ? [] : [problem])] };
}
