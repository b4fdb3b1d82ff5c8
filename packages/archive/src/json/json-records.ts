/** Records of a JSON file of any size: what the splitter cuts out, parsed, with what could not be read as problems at their place. */
import { type ExportFile, FileDamage } from "../input/export-file.ts";
import { ARCHIVE_LIMITS } from "../limits.ts";
import type { ArchivePorts } from "../ports.ts";
import type { ProblemCode } from "../problems.ts";
import type { ConversationHead, ImportItem, MadeDraft, MessageDraft, SkipReason } from "../records/draft.ts";
import { asObject, type JsonObject, parseJson } from "./fields.ts";
import { type JsonPath, type JsonPiece, JsonSplitter } from "./json-splitter.ts";

type RecordPlace = {
  readonly path: JsonPath;
  readonly source: MessageDraft["source"];
  /** Time of the message before it, for one that has none. */
  readonly neighbour: number;
};

/** `head` if it is of another conversation than the one before; undefined if the value does not have the form of its service. */
type RecordOutcome = (MadeDraft & { readonly head?: ConversationHead }) | { readonly skipped: SkipReason } | undefined;

export type RecordHandlers = {
  /** See {@link JsonSplitter}. */
  readonly descend: (path: JsonPath) => boolean;
  readonly isMessage: (path: JsonPath) => boolean;
  /** Paths whose damage matters; all of them, if it is absent. */
  readonly isOurs?: (path: JsonPath) => boolean;
  /** A value that is no message: facts about the conversation, mostly. */
  readonly fact?: (path: JsonPath, value: unknown) => void;
  readonly message: (value: unknown, place: RecordPlace) => RecordOutcome;
  /** Changes the text of a value before it is parsed. */
  readonly repair?: (text: string) => string;
};

/** The pieces of a file; damage of the file itself is one, too. */
async function* piecesOf(
  file: ExportFile,
  descend: RecordHandlers["descend"],
): AsyncGenerator<JsonPiece | { readonly kind: "damage"; readonly code: ProblemCode }> {
  const splitter = new JsonSplitter({ descend, pieceBytesMax: ARCHIVE_LIMITS.recordBytesMax, depthMax: ARCHIVE_LIMITS.jsonDepthMax });
  try {
    for await (const chunk of file.open()) yield* splitter.push(chunk);
    yield* splitter.finish();
  } catch (error) {
    if (!(error instanceof FileDamage)) throw error;
    yield { kind: "damage", code: error.code };
  }
}

export async function* readRecords(
  file: ExportFile,
  ports: Pick<ArchivePorts, "decodeUtf8" | "sha256">,
  handlers: RecordHandlers,
): AsyncGenerator<ImportItem> {
  const { descend, isMessage, isOurs = () => true, fact, message, repair = (text) => text } = handlers;
  const problem = (code: ProblemCode, at: number, lost: number): ImportItem => ({
    kind: "problem",
    problem: { path: file.place, code, at },
    lost,
  });
  let neighbour = 1;
  for await (const piece of piecesOf(file, descend)) {
    if (piece.kind === "damage") yield problem(piece.code, 0, 0);
    else if (piece.kind === "end" || !isOurs(piece.path)) continue;
    else if (piece.kind === "problem") yield problem(piece.code, piece.at, isMessage(piece.path) ? 1 : 0);
    else {
      const { path, bytes, at } = piece;
      const text = ports.decodeUtf8(bytes);
      const parsed = text === undefined ? undefined : parseJson(repair(text));
      if (!isMessage(path)) {
        if (parsed !== undefined) fact?.(path, parsed.value);
        continue;
      }
      const made = parsed && message(parsed.value, { path, neighbour, source: { path: file.place, at, raw: ports.sha256(bytes) } });
      if (made === undefined)
        yield problem(text === undefined ? "encoding_unknown" : parsed === undefined ? "json_damaged" : "record_invalid", at, 1);
      else if ("skipped" in made) yield { kind: "skipped", reason: made.skipped, count: 1 };
      else {
        if (made.head !== undefined) yield { kind: "conversation", head: made.head };
        for (const code of made.problems) yield problem(code, at, 0);
        neighbour = made.draft.at;
        yield { kind: "message", draft: made.draft };
      }
    }
  }
}

type Side = { readonly isList: boolean; readonly repair?: (text: string) => string };

async function valuesIn(file: ExportFile | undefined, ports: Pick<ArchivePorts, "decodeUtf8">, side: Side): Promise<readonly unknown[]> {
  if (file === undefined) return [];
  const values: unknown[] = [];
  for await (const piece of piecesOf(file, (path) => side.isList && path.length === 0)) {
    if (piece.kind !== "value" || values.length >= ARCHIVE_LIMITS.sideRecordsMax) continue;
    const text = ports.decodeUtf8(piece.bytes);
    const parsed = text === undefined ? undefined : parseJson(side.repair?.(text) ?? text);
    if (parsed !== undefined) values.push(parsed.value);
  }
  return values;
}

/** Items of the array that a file beside the messages is. None, if it is not there or not JSON. */
export function itemsIn(file: ExportFile | undefined, ports: Pick<ArchivePorts, "decodeUtf8">): Promise<readonly unknown[]> {
  return valuesIn(file, ports, { isList: true });
}

/** The object that a file beside the messages is, if it is there and one. */
export async function objectIn(
  file: ExportFile | undefined,
  ports: Pick<ArchivePorts, "decodeUtf8">,
  repair: (text: string) => string = (text) => text,
): Promise<JsonObject | undefined> {
  const [value] = await valuesIn(file, ports, { isList: false, repair });
  return asObject(value);
}
/** A key as it stands in the file: the splitter gives its bytes, escapes and all. */
export function keyText(key: string | number | undefined, ports: Pick<ArchivePorts, "decodeUtf8">): string {
  if (typeof key !== "string") return "";
  const text = ports.decodeUtf8(Uint8Array.from(key, (character) => character.charCodeAt(0))) ?? key;
  const parsed = parseJson(`"${text}"`)?.value;
  return typeof parsed === "string" ? parsed : text;
}
