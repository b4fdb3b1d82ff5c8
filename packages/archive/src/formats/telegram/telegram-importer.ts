/**
 * Telegram Desktop's `result.json`: one chat, or the whole account with its lists of chats. Files may be larger than a string can be, so they are cut at
 * record boundaries; name, type and id of a chat stand before its messages.
 */
import type { ArchiveConversationKind } from "@sotto/protocol";
import { type ExportFile, FileDamage } from "../../input/export-file.ts";
import { asInteger, asObject, asText, parseJson } from "../../json/fields.ts";
import { type JsonPath, type JsonPiece, JsonSplitter } from "../../json/json-splitter.ts";
import { ARCHIVE_LIMITS } from "../../limits.ts";
import type { ProblemCode } from "../../problems.ts";
import { cleanText } from "../../records/clean-text.ts";
import type { ImportItem } from "../../records/draft.ts";
import { createWallClock, type WallClock } from "../../records/wall-clock.ts";
import type { ImportContext, Importer } from "../format.ts";
import { repairTelegramJson } from "./repair-json.ts";
import { telegramMessage } from "./telegram-message.ts";

function isResult(file: ExportFile, head: string): boolean {
  if (!/\.json$/i.test(file.path)) return false;
  const isAccount = /"personal_information"\s*:\s*\{/.test(head) && /"user_id"\s*:/.test(head);
  const isList = /"(chats|left_chats)"\s*:\s*\{\s*"about"\s*:/.test(head);
  const isChat = /"type"\s*:\s*"(saved_messages|replies|verification_codes|personal_chat|bot_chat|private_\w+|public_\w+)"/.test(head);
  return isAccount || isList || (isChat && /"id"\s*:\s*-?\d/.test(head) && /"messages"\s*:\s*\[/.test(head));
}

const isChats = (name: unknown): boolean => name === "chats" || name === "left_chats";

/** `[]`, `[messages]`, `[chats]`, `[chats, list]`, `[chats, list, n]`, `[chats, list, n, messages]`. */
function descend(path: JsonPath): boolean {
  const [first, second, , last] = path;
  if (path.length === 0 || (path.length === 1 && (first === "messages" || isChats(first)))) return true;
  if (!isChats(first) || second !== "list") return false;
  return path.length === 2 || path.length === 3 || (path.length === 4 && last === "messages");
}

const KINDS: Readonly<Record<string, ArchiveConversationKind>> = {
  saved_messages: "self",
  personal_chat: "direct",
  bot_chat: "direct",
  private_group: "group",
  private_supergroup: "group",
  public_supergroup: "group",
  private_channel: "channel",
  public_channel: "channel",
};

type Chat = { name: string; type: string; id: string; isAnnounced: boolean };
const newChat = (): Chat => ({ name: "", type: "", id: "", isAnnounced: false });

class ResultReader {
  readonly #context: ImportContext;
  readonly #file: ExportFile;
  readonly #clock: WallClock;
  #chat = newChat();
  #owner: string | undefined;
  #last = 1;

  constructor(context: ImportContext, file: ExportFile) {
    this.#context = context;
    this.#file = file;
    this.#clock = createWallClock(context.options.zone);
  }

  async *read(): AsyncGenerator<ImportItem> {
    const splitter = new JsonSplitter({ descend, pieceBytesMax: ARCHIVE_LIMITS.recordBytesMax, depthMax: ARCHIVE_LIMITS.jsonDepthMax });
    try {
      for await (const chunk of this.#file.open()) for (const piece of splitter.push(chunk)) yield* this.#take(piece);
      for (const piece of splitter.finish()) yield* this.#take(piece);
    } catch (error) {
      if (!(error instanceof FileDamage)) throw error;
      yield this.#problem(error.code, 0, 0);
    }
    yield* this.#announce();
  }

  *#take(piece: JsonPiece): Generator<ImportItem> {
    const { path } = piece;
    const isMessage = path.at(-2) === "messages" && typeof path.at(-1) === "number";
    if (piece.kind === "problem") yield this.#problem(piece.code, piece.at, isMessage ? 1 : 0);
    else if (piece.kind === "end") {
      const isChatOver = path.length === 3 && isChats(path[0]);
      if (!isChatOver) return;
      yield* this.#announce();
      this.#chat = newChat();
    } else if (isMessage) yield* this.#message(piece);
    else this.#fact(piece);
  }

  #fact({ path, bytes }: Extract<JsonPiece, { kind: "value" }>): void {
    const key = path.at(-1);
    const value = parseJson(this.#context.ports.decodeUtf8(bytes))?.value;
    if (path.length === 1 && key === "personal_information") {
      const id = asInteger(asObject(value)?.["user_id"]);
      this.#owner = id === undefined ? undefined : `user${id}`;
    }
    if (path.length !== 1 && path.length !== 4) return;
    if (key === "name") this.#chat.name = cleanText(asText(value) ?? "", ARCHIVE_LIMITS.nameMax).text;
    if (key === "type") this.#chat.type = asText(value) ?? "";
    if (key === "id") this.#chat.id = String(asInteger(value) ?? "");
  }

  *#announce(): Generator<ImportItem> {
    const { name, type, id, isAnnounced } = this.#chat;
    if (isAnnounced || (id === "" && name === "" && type === "")) return;
    this.#chat.isAnnounced = true;
    const title = name || (type === "saved_messages" ? "Saved Messages" : "Deleted Account");
    const owner = this.#owner === undefined ? {} : { owner: this.#owner };
    yield {
      kind: "conversation",
      head: { service: "telegram", key: id || title, kind: KINDS[type] ?? "unknown", title, people: [], ...owner },
    };
  }

  *#message({ bytes, at }: Extract<JsonPiece, { kind: "value" }>): Generator<ImportItem> {
    const { ports, tree } = this.#context;
    yield* this.#announce();
    const text = ports.decodeUtf8(bytes);
    const parsed = parseJson(text) ?? parseJson(text === undefined ? undefined : repairTelegramJson(text));
    const source = { path: this.#file.place, at, raw: ports.sha256(bytes) };
    const found = parsed && telegramMessage(parsed.value, { tree, file: this.#file, clock: this.#clock, source, neighbour: this.#last });
    if (found === undefined) {
      yield this.#problem(text === undefined ? "encoding_unknown" : parsed === undefined ? "json_damaged" : "record_invalid", at, 1);
      return;
    }
    for (const code of found.problems) yield this.#problem(code, at, 0);
    this.#last = found.draft.at;
    yield { kind: "message", draft: found.draft };
  }

  #problem(code: ProblemCode, at: number, lost: number): ImportItem {
    return { kind: "problem", problem: { path: this.#file.place, code, at }, lost };
  }
}

export const telegramImporter: Importer = {
  name: "telegram",
  claims: isResult,
  units: (files) =>
    files.map((file) => ({
      id: `telegram/${file.place}`,
      service: "telegram",
      files: [file],
      read: (context) => new ResultReader(context, file).read(),
    })),
};
