/**
 * Meta's export of end-to-end encrypted conversations ("secure storage"): one flat JSON for each, names instead of ids, media in a folder in or beside
 * the JSON's. Known by its shape: Messenger's is public, Instagram's is not and is taken to be the same.
 *
 *   {"participants": [name, …], "threadName": "Ada_15", "messages": [{senderName, text, timestamp, type, isUnsent, media: [{uri}], reactions: [{actor, reaction}]}]}
 */
import type { ArchiveService } from "@sotto/protocol";
import { type ExportFile, FileDamage } from "../../input/export-file.ts";
import { fileNameOf } from "../../input/safe-path.ts";
import { asInteger, asObject, asText, fieldsBeside, type JsonObject, objects, parseJson } from "../../json/fields.ts";
import { type JsonPiece, JsonSplitter } from "../../json/json-splitter.ts";
import { ARCHIVE_LIMITS } from "../../limits.ts";
import type { ProblemCode } from "../../problems.ts";
import { cleanText } from "../../records/clean-text.ts";
import type { ConversationHead, ImportItem, MessageDraft, PersonRef } from "../../records/draft.ts";
import { isPlausible, UTC_MS } from "../../records/times.ts";
import type { ImportContext, Importer } from "../format.ts";
import { mediaOf } from "./meta-media.ts";
import { metaPerson } from "./meta-person.ts";
import { repairMojibake } from "./mojibake.ts";

const HELD_MAX = 50_000;

function isE2ee(file: ExportFile, head: string): boolean {
  if (!/\.json$/i.test(file.path)) return false;
  return (
    /"participants"\s*:\s*\[\s*("|\])/.test(head) && /"(threadName|senderName|isUnsent)"\s*:/.test(head) && /"messages"\s*:\s*\[/.test(head)
  );
}

const KNOWN = new Set(["senderName", "text", "timestamp", "type", "isUnsent", "media", "reactions"]);
const FAILED = "Failed to download media";

class E2eeReader {
  readonly #context: ImportContext;
  readonly #file: ExportFile;
  readonly #service: ArchiveService;
  #name = "";
  #people: PersonRef[] = [];
  #held: MessageDraft[] = [];
  #last = 1;

  constructor(context: ImportContext, file: ExportFile, service: ArchiveService) {
    this.#context = context;
    this.#file = file;
    this.#service = service;
  }

  async *read(): AsyncGenerator<ImportItem> {
    const splitter = new JsonSplitter({
      descend: ([first, second]) => first === undefined || (first === "messages" && second === undefined),
      pieceBytesMax: ARCHIVE_LIMITS.recordBytesMax,
      depthMax: ARCHIVE_LIMITS.jsonDepthMax,
    });
    try {
      for await (const chunk of this.#file.open()) yield* this.#take(splitter.push(chunk));
      yield* this.#take(splitter.finish());
    } catch (error) {
      if (!(error instanceof FileDamage)) throw error;
      yield this.#problem(error.code, 0, 0);
    }
    yield* this.#release();
  }

  *#take(pieces: readonly JsonPiece[]): Generator<ImportItem> {
    for (const piece of pieces) {
      if (piece.kind === "end") continue;
      const isMessage = piece.path[0] === "messages" && piece.path.length === 2;
      if (piece.kind === "problem") yield this.#problem(piece.code, piece.at, isMessage ? 1 : 0);
      else if (isMessage) yield* this.#message(piece);
      else this.#fact(piece);
      if (this.#held.length >= HELD_MAX) yield* this.#release();
    }
  }

  #fact({ path, bytes }: Extract<JsonPiece, { kind: "value" }>): void {
    const value = parseJson(this.#context.ports.decodeUtf8(bytes))?.value;
    if (path[0] === "threadName") this.#name = cleanText(asText(value) ?? "", ARCHIVE_LIMITS.nameMax).text;
    if (path[0] !== "participants" || !Array.isArray(value)) return;
    const names = value.filter((name) => typeof name === "string").slice(0, ARCHIVE_LIMITS.peopleMax);
    this.#people = names.map((name) => metaPerson(name));
  }

  *#message({ bytes, at }: Extract<JsonPiece, { kind: "value" }>): Generator<ImportItem> {
    const { ports } = this.#context;
    const parsed = parseJson(ports.decodeUtf8(bytes));
    const message = asObject(parsed?.value);
    const [sender, timestamp] = [asText(message?.["senderName"]), asInteger(message?.["timestamp"])];
    if (message === undefined || (sender === undefined && timestamp === undefined)) {
      yield this.#problem(parsed === undefined ? "json_damaged" : "record_invalid", at, 1);
      return;
    }
    if (!isPlausible(timestamp)) yield this.#problem("time_implausible", at, 0);
    const { text, problem } = cleanText(repairMojibake(asText(message["text"]) ?? ""));
    if (problem !== undefined) yield this.#problem(problem, at, 0);
    this.#last = isPlausible(timestamp) ? timestamp : this.#last;
    this.#held.push({
      at: this.#last,
      time: isPlausible(timestamp) ? UTC_MS : { precision: "none", zone: "utc" },
      kind: message["isUnsent"] === true ? "deleted" : "text",
      text,
      source: { path: this.#file.place, at, raw: ports.sha256(bytes) },
      ...(sender === undefined ? {} : { sender: metaPerson(sender) }),
      ...this.#beside(message),
    });
  }

  #beside(message: JsonObject): Partial<MessageDraft> {
    const at = { tree: this.#context.tree, file: this.#file };
    const media = objects(message["media"])
      .slice(0, ARCHIVE_LIMITS.mediaPerMessageMax)
      .flatMap(({ uri }) => {
        const name = asText(uri);
        if (name === undefined) return [];
        return name === FAILED ? [{ kind: "file" as const, name, state: "missing" as const }] : [mediaOf(name, kindOf(name), at)];
      });
    const reactions = objects(message["reactions"])
      .slice(0, ARCHIVE_LIMITS.reactionsMax)
      .flatMap(({ actor, reaction }) => {
        const [by, emoji] = [asText(actor), asText(reaction)];
        const made = { emoji: cleanText(repairMojibake(emoji ?? ""), 200).text };
        return emoji === undefined ? [] : [by === undefined ? made : { ...made, by: metaPerson(by) }];
      });
    const extra = fieldsBeside(message, KNOWN);
    return {
      ...(media.length === 0 ? {} : { media }),
      ...(reactions.length === 0 ? {} : { reactions }),
      ...(extra === undefined ? {} : { extra }),
    };
  }

  *#release(): Generator<ImportItem> {
    yield { kind: "conversation", head: this.#head() };
    for (const draft of this.#held.toSorted((a, b) => a.at - b.at)) yield { kind: "message", draft };
    this.#held = [];
  }

  #head(): ConversationHead {
    const name = this.#name || fileNameOf(this.#file.path).replace(/\.json$/i, "");
    const people = this.#people;
    const names = people.map(({ key }) => key).toSorted();
    const isJoined = people.length === 2 && !people.some(({ isPlaceholder }) => isPlaceholder);
    return {
      service: this.#service,
      key: `e2ee:${name}`,
      kind: people.length > 2 ? "group" : people.length === 1 ? "self" : "direct",
      title: name.replace(/_\d+$/, ""),
      people,
      ...(isJoined ? { joinKey: `names:${JSON.stringify(names)}` } : {}),
    };
  }

  #problem(code: ProblemCode, at: number, lost: number): ImportItem {
    return { kind: "problem", problem: { path: this.#file.place, code, at }, lost };
  }
}

function kindOf(name: string): "photo" | "video" | "voice" | "gif" | "file" {
  if (/\.(jpe?g|png|webp|heic)$/i.test(name)) return "photo";
  if (/\.(mp4|mov|webm)$/i.test(name)) return "video";
  if (/\.(ogg|aac|m4a|opus)$/i.test(name)) return "voice";
  return /\.gif$/i.test(name) ? "gif" : "file";
}

export const e2eeImporter: Importer = {
  name: "meta-e2ee",
  claims: isE2ee,
  units: (files) =>
    files.map((file) => {
      const service = /instagram/i.test(file.place) ? "instagram" : "messenger";
      return { id: `e2ee/${file.place}`, service, files: [file], read: (context) => new E2eeReader(context, file, service).read() };
    }),
};
