/**
 * Direct messages in TikTok's export as text:
 *
 *   >>> Chat History with name::
 *
 *   2021-03-04 05:06:07 UTC name: text
 *
 * A text may go on in the next lines.
 */
import { type ExportFile, FileDamage } from "../../input/export-file.ts";
import { linesOf } from "../../input/lines.ts";
import { ARCHIVE_LIMITS } from "../../limits.ts";
import type { ProblemCode } from "../../problems.ts";
import type { ImportItem } from "../../records/draft.ts";
import type { ImportContext, Importer } from "../format.ts";
import { chatName, TiktokChats } from "./tiktok-chats.ts";
import { tiktokMessage } from "./tiktok-message.ts";

const MESSAGE = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC ([^:]{1,200}): ?(.*)$/s;

type Open = { readonly date: string; readonly from: string; content: string; readonly raw: Uint8Array; readonly at: number };

function isText(file: ExportFile, head: string): boolean {
  return /\.txt$/i.test(file.path) && /^>>> Chat History with .{1,500}:/m.test(head);
}

async function lookAt({ ports }: ImportContext, file: ExportFile): Promise<TiktokChats> {
  const chats = new TiktokChats();
  let chat: string | undefined;
  for await (const line of linesOf(file)) {
    const text = line.kind === "line" ? ports.decodeUtf8(line.bytes) : undefined;
    if (text === undefined) continue;
    chat = chatName(text) ?? chat;
    const sender = MESSAGE.exec(text)?.[2];
    if (chat !== undefined && sender !== undefined) chats.add(chat, sender);
  }
  return chats;
}

class TextReader {
  readonly #context: ImportContext;
  readonly #file: ExportFile;
  #chats = new TiktokChats();
  #open: Open | undefined;
  #hasChat = false;
  #last = 1;

  constructor(context: ImportContext, file: ExportFile) {
    this.#context = context;
    this.#file = file;
  }

  async *read(): AsyncGenerator<ImportItem> {
    try {
      this.#chats = await lookAt(this.#context, this.#file);
      for await (const line of linesOf(this.#file)) {
        const text = line.kind === "line" ? this.#context.ports.decodeUtf8(line.bytes) : undefined;
        if (line.kind === "line" && text !== undefined) yield* this.#line(text, line.bytes, line.at);
        else yield this.#problem(line.kind === "line" ? "encoding_unknown" : "line_too_long", line.at, this.#open === undefined ? 1 : 0);
      }
      yield* this.#close();
    } catch (error) {
      if (!(error instanceof FileDamage)) throw error;
      yield* this.#close();
      yield this.#problem(error.code, 0, 0);
    }
  }

  *#line(text: string, raw: Uint8Array, at: number): Generator<ImportItem> {
    const chat = chatName(text);
    const [, date, from, content] = MESSAGE.exec(text) ?? [];
    if (text.startsWith(">>> ") && chat !== undefined) {
      yield* this.#close();
      this.#hasChat = true;
      yield { kind: "conversation", head: this.#chats.head(chat) };
    } else if (date !== undefined && from !== undefined && this.#hasChat) {
      yield* this.#close();
      this.#open = { date, from, content: content ?? "", raw, at };
    } else if (this.#open !== undefined) {
      if (this.#open.content.length < ARCHIVE_LIMITS.textMax) this.#open.content += `\n${text}`;
    } else if (text.trim() !== "" && this.#hasChat) yield this.#problem("record_invalid", at, 1);
  }

  *#close(): Generator<ImportItem> {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    const source = { path: this.#file.place, at: open.at, raw: this.#context.ports.sha256(open.raw) };
    const value = { Date: open.date, From: open.from, Content: open.content.trimEnd() };
    const made = tiktokMessage(value, { source, neighbour: this.#last });
    if (made === undefined) return;
    for (const code of made.problems) yield this.#problem(code, open.at, 0);
    this.#last = made.draft.at;
    yield { kind: "message", draft: made.draft };
  }

  #problem(code: ProblemCode, at: number, lost: number): ImportItem {
    return { kind: "problem", problem: { path: this.#file.place, code, at }, lost };
  }
}

export const tiktokTextImporter: Importer = {
  name: "tiktok-text",
  claims: isText,
  units: (files) =>
    files.map((file) => ({
      id: `tiktok-text/${file.place}`,
      service: "tiktok",
      files: [file],
      read: (context) => new TextReader(context, file).read(),
    })),
};
