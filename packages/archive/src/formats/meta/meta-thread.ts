/**
 * The `message_N.json` files of one conversation, oldest part first. Each file is newest first and its title stands behind its messages, so a file is
 * held until its end, up to a bound; one beyond the bound is given in pieces, under the name of its folder until its title is known.
 */
import type { ArchiveService } from "@sotto/protocol";
import { type ExportFile, FileDamage } from "../../input/export-file.ts";
import { fileNameOf, folderOf } from "../../input/safe-path.ts";
import { asText, objects, parseJson } from "../../json/fields.ts";
import { JsonSplitter, type JsonPiece } from "../../json/json-splitter.ts";
import { ARCHIVE_LIMITS } from "../../limits.ts";
import type { ProblemCode } from "../../problems.ts";
import { cleanText } from "../../records/clean-text.ts";
import type { ConversationHead, ImportItem, MessageDraft, PersonRef } from "../../records/draft.ts";
import type { ImportContext } from "../format.ts";
import { metaMessage } from "./meta-message.ts";
import { metaPerson } from "./meta-person.ts";
import { foldReactions } from "./meta-reactions.ts";
import { repairMojibake } from "./mojibake.ts";
import { threadKey } from "./thread-key.ts";

/** Twice what Meta puts in one file. */
const HELD_MAX = 20_000;
const HELD_BYTES_MAX = 24 * 1024 * 1024;

type Facts = { title: string; people: PersonRef[]; isGroup: boolean };

export class ThreadReader {
  readonly #context: ImportContext;
  readonly #service: ArchiveService;
  readonly #facts: Facts = { title: "", people: [], isGroup: false };
  #held: MessageDraft[] = [];
  #heldBytes = 0;
  #last = 1;

  constructor(context: ImportContext, service: ArchiveService) {
    this.#context = context;
    this.#service = service;
  }

  async *read(files: readonly ExportFile[]): AsyncGenerator<ImportItem> {
    for (const file of files) {
      const splitter = new JsonSplitter({
        descend: ([first, second]) => first === undefined || (first === "messages" && second === undefined),
        pieceBytesMax: ARCHIVE_LIMITS.recordBytesMax,
        depthMax: ARCHIVE_LIMITS.jsonDepthMax,
      });
      try {
        for await (const chunk of file.open()) yield* this.#take(splitter.push(chunk), file);
        yield* this.#take(splitter.finish(), file);
      } catch (error) {
        if (!(error instanceof FileDamage)) throw error;
        yield problem(file, error.code, { at: 0, lost: 0 });
      }
      yield* this.#release(file);
    }
  }

  *#take(pieces: readonly JsonPiece[], file: ExportFile): Generator<ImportItem> {
    for (const piece of pieces) {
      if (piece.kind === "end") continue;
      const isMessage = piece.path[0] === "messages" && piece.path.length === 2;
      if (piece.kind === "problem") yield problem(file, piece.code, { at: piece.at, lost: isMessage ? 1 : 0 });
      else if (isMessage) yield* this.#message(piece, file);
      else this.#fact(piece);
      if (this.#held.length >= HELD_MAX || this.#heldBytes >= HELD_BYTES_MAX) yield* this.#release(file);
    }
  }

  *#message({ bytes, at }: Extract<JsonPiece, { kind: "value" }>, file: ExportFile): Generator<ImportItem> {
    const { ports, tree } = this.#context;
    const parsed = parseJson(ports.decodeUtf8(bytes));
    const source = { path: file.place, at, raw: ports.sha256(bytes) };
    const found = parsed && metaMessage(parsed.value, { tree, file, source, neighbour: this.#last });
    if (found === undefined) {
      yield problem(file, parsed === undefined ? "json_damaged" : "record_invalid", { at, lost: 1 });
      return;
    }
    for (const code of found.problems) yield problem(file, code, { at, lost: 0 });
    this.#last = found.draft.at;
    this.#held.push(found.draft);
    this.#heldBytes += bytes.length;
  }

  #fact({ path, bytes }: Extract<JsonPiece, { kind: "value" }>): void {
    const value = parseJson(this.#context.ports.decodeUtf8(bytes))?.value;
    const facts = this.#facts;
    if (path[0] === "title") facts.title = cleanText(repairMojibake(asText(value) ?? ""), ARCHIVE_LIMITS.nameMax).text || facts.title;
    if (path[0] === "thread_type" && value === "RegularGroup") facts.isGroup = true;
    if (path[0] === "joinable_mode") facts.isGroup = true;
    if (path[0] !== "participants") return;
    const found = objects(value).map(({ name }) => metaPerson(asText(name) ?? ""));
    const isNew = ({ key }: PersonRef): boolean => !facts.people.some((known) => known.key === key);
    facts.people = [...facts.people, ...found.filter(isNew)].slice(0, ARCHIVE_LIMITS.peopleMax);
  }

  *#release(file: ExportFile): Generator<ImportItem> {
    yield { kind: "conversation", head: this.#head(file) };
    const ordered = this.#held.toReversed().toSorted((a, b) => a.at - b.at);
    this.#held = [];
    this.#heldBytes = 0;
    const { kept, folded } = foldReactions(ordered);
    for (const draft of kept) yield { kind: "message", draft };
    if (folded > 0) yield { kind: "skipped", reason: "folded_into_reaction", count: folded };
  }

  #head(file: ExportFile): ConversationHead {
    const { title, people, isGroup } = this.#facts;
    const folder = folderOf(file.path);
    const names = people.map(({ key }) => key).toSorted();
    const kind = isGroup || people.length > 2 ? "group" : people.length === 1 ? "self" : people.length === 2 ? "direct" : "unknown";
    return {
      service: this.#service,
      key: threadKey(folder) || title || fileNameOf(file.path),
      kind,
      title: title || fileNameOf(folder),
      people,
      ...(kind === "direct" && !people.some(({ isPlaceholder }) => isPlaceholder) ? { joinKey: `names:${JSON.stringify(names)}` } : {}),
    };
  }
}

function problem(file: ExportFile, code: ProblemCode, { at, lost }: { readonly at: number; readonly lost: number }): ImportItem {
  return { kind: "problem", problem: { path: file.place, code, at }, lost };
}
