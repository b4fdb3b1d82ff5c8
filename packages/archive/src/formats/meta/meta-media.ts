/**
 * Files that a message of Meta's names. A uri may be relative to the root of the ZIP, to the folder of the activity, or a bare name (2017), or an
 * address (long expired, and never fetched). The file may lie in another part of the export.
 */
import type { ArchiveMediaKind } from "@sotto/protocol";
import type { ExportFile } from "../../input/export-file.ts";
import type { FileTree } from "../../input/file-tree.ts";
import { findNamed } from "../../input/named-file.ts";
import { asText, type JsonObject, objects } from "../../json/fields.ts";
import { ARCHIVE_LIMITS } from "../../limits.ts";
import type { MediaDraft } from "../../records/draft.ts";

const FIELDS: readonly (readonly [string, ArchiveMediaKind])[] = [
  ["photos", "photo"],
  ["videos", "video"],
  ["audio_files", "voice"],
  ["gifs", "gif"],
  ["files", "file"],
];
export const MEDIA_FIELDS: readonly string[] = [...FIELDS.map(([field]) => field), "sticker"];

export function mediaOf(uri: string, kind: ArchiveMediaKind, at: { readonly tree: FileTree; readonly file: ExportFile }): MediaDraft {
  const name = uri.slice(0, ARCHIVE_LIMITS.pathCharactersMax);
  if (/^https?:/i.test(uri)) return { kind, name, state: "remote" };
  const found = findNamed(at.tree, uri, at.file);
  return found === undefined ? { kind, name, state: "missing" } : { kind, name, state: "missing", file: found };
}

export function metaMedia(message: JsonObject, at: { readonly tree: FileTree; readonly file: ExportFile }): MediaDraft[] {
  const found: MediaDraft[] = [];
  for (const [field, kind] of FIELDS) {
    for (const { uri } of objects(message[field])) {
      const text = asText(uri);
      if (text !== undefined && text !== "" && found.length < ARCHIVE_LIMITS.mediaPerMessageMax) found.push(mediaOf(text, kind, at));
    }
  }
  const sticker = message["sticker"];
  const uri = typeof sticker === "object" && sticker !== null && "uri" in sticker ? asText(sticker.uri) : undefined;
  return uri === undefined || uri === "" ? found : [...found, mediaOf(uri, "sticker", at)];
}
