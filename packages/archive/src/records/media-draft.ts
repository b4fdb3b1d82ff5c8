/** A file of a message, as importers describe it: its kind follows from its type, or from the end of its name. */
import type { ArchiveMediaKind } from "@sotto/protocol";
import type { ExportFile } from "../input/export-file.ts";
import { ARCHIVE_LIMITS } from "../limits.ts";
import { cleanText } from "./clean-text.ts";
import type { MediaDraft } from "./draft.ts";
import { given } from "./given.ts";

const ENDINGS: readonly (readonly [ArchiveMediaKind, RegExp])[] = [
  ["gif", /\.gif$/i],
  ["photo", /\.(jpe?g|png|webp|heic|heif|avif|bmp|tiff?)$/i],
  ["video", /\.(mp4|m4v|mov|webm|3gp|mkv|avi)$/i],
  ["audio", /\.(mp3|m4a|aac|ogg|opus|wav|flac|amr|caf)$/i],
];

export function mediaKindOf(name: string, type = ""): ArchiveMediaKind {
  if (/^image\/gif/i.test(type)) return "gif";
  const group = /^(image|video|audio)\//i.exec(type)?.[1]?.toLowerCase();
  if (group !== undefined) return group === "image" ? "photo" : group === "video" ? "video" : "audio";
  return ENDINGS.find(([, ending]) => ending.test(name))?.[0] ?? "file";
}

type Described = {
  readonly kind?: ArchiveMediaKind | undefined;
  /** As the export names it. */
  readonly name: string;
  /** A name that people know it by, where `name` is an address. */
  readonly caption?: string | undefined;
  readonly type?: string | undefined;
  /** What it is without its bytes; `missing` unless said otherwise. */
  readonly state?: MediaDraft["state"];
  readonly file?: ExportFile | undefined;
  readonly seconds?: number | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
};

export function mediaDraft({ kind, name, caption, type, state = "missing", file, seconds, width, height }: Described): MediaDraft {
  return {
    kind: kind ?? mediaKindOf(caption ?? name.replace(/[?#].*$/, ""), type),
    name: cleanText(name, ARCHIVE_LIMITS.pathCharactersMax).text,
    state,
    ...given("caption", caption === undefined || caption === "" ? undefined : cleanText(caption, ARCHIVE_LIMITS.nameMax).text),
    ...given("type", type === undefined || type === "" ? undefined : cleanText(type, 200).text),
    ...given("file", file),
    ...given("seconds", seconds),
    ...given("width", width),
    ...given("height", height),
  };
}
