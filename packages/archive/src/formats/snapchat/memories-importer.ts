/**
 * Snapchat's memories: pictures and videos that somebody kept, as a conversation with oneself.
 *
 *   {"Saved Media": [{"Date": "2021-03-04 05:06:07 UTC", "Media Type": "Image" | "Video", "Location": "Latitude, Longitude: 1.5, 2.5", "Download Link": "https://…"}]}
 *
 * Links expire and are never fetched; files of `memories` have the id that is in the link.
 */
import type { ExportFile } from "../../input/export-file.ts";
import { asObject, asText, fieldsBeside, type JsonObject } from "../../json/fields.ts";
import { readRecords } from "../../json/json-records.ts";
import type { ImportItem, MadeDraft, MediaDraft, MessageDraft } from "../../records/draft.ts";
import { given, wordOf } from "../../records/given.ts";
import { mediaDraft } from "../../records/media-draft.ts";
import { statedTime } from "../../records/stated-time.ts";
import type { ImportContext, Importer } from "../format.ts";
import { SnapchatFiles } from "./snapchat-files.ts";

const KNOWN = new Set(["Date", "Media Type", "Location", "Download Link", "Media Download Url"]);
const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

function mediaOf(memory: JsonObject, files: SnapchatFiles): readonly MediaDraft[] {
  const kind = asText(memory["Media Type"])?.toLowerCase() === "video" ? ("video" as const) : ("photo" as const);
  const link = wordOf(memory["Download Link"], 4000) ?? wordOf(memory["Media Download Url"], 4000);
  const id = ID.exec(link ?? "")?.[0];
  const found = id === undefined ? [] : [...files.byId(id), ...files.byId(id.toUpperCase())];
  if (id !== undefined && found.length > 0) {
    return found.map((file, index) => mediaDraft({ kind: index === 0 ? kind : "photo", name: id, file }));
  }
  return [mediaDraft({ kind, name: id ?? link?.replace(/[?#].*$/, "") ?? "memory", state: link === undefined ? "missing" : "remote" })];
}

function placeOf(memory: JsonObject): MessageDraft["place"] {
  const [, latitude, longitude] = /(-?\d{1,3}(?:\.\d+)?),\s*(-?\d{1,3}(?:\.\d+)?)\s*$/.exec(asText(memory["Location"]) ?? "") ?? [];
  if (latitude === undefined || longitude === undefined || (Number(latitude) === 0 && Number(longitude) === 0)) return undefined;
  return { latitude: Number(latitude), longitude: Number(longitude) };
}

function memoryMessage(value: unknown, at: { readonly files: SnapchatFiles } & Pick<MessageDraft, "source" | "at">): MadeDraft | undefined {
  const memory = asObject(value);
  if (memory === undefined || !("Date" in memory)) return undefined;
  const time = statedTime(memory["Date"]);
  const draft: MessageDraft = {
    at: time ?? at.at,
    time: { precision: time === undefined ? "none" : "s", zone: "utc" },
    kind: "text",
    text: "",
    source: at.source,
    media: mediaOf(memory, at.files),
    ...given("place", placeOf(memory)),
    ...given("extra", fieldsBeside(memory, KNOWN)),
  };
  return { draft, problems: time === undefined ? ["time_implausible"] : [] };
}

async function* readMemories(context: ImportContext, file: ExportFile): AsyncGenerator<ImportItem> {
  const files = new SnapchatFiles(context.tree);
  yield { kind: "conversation", head: { service: "snapchat", key: "memories:", kind: "self", title: "Memories", people: [] } };
  yield* readRecords(file, context.ports, {
    descend: ([first, second]) => first === undefined || (first === "Saved Media" && second === undefined),
    isMessage: ([first, second]) => first === "Saved Media" && second !== undefined,
    message: (value, { source, neighbour }) => memoryMessage(value, { files, source, at: neighbour }),
  });
}

export const snapchatMemoriesImporter: Importer = {
  name: "snapchat-memories",
  claims: (file, head) => /\.json$/i.test(file.path) && /"Saved Media"\s*:\s*\[/.test(head) && /"Media Type"\s*:/.test(head),
  units: (files) =>
    files.map((file) => ({
      id: `snapchat-memories/${file.place}`,
      service: "snapchat",
      files: [file],
      read: (context) => readMemories(context, file),
    })),
};
