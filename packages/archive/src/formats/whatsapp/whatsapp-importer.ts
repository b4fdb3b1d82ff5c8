/**
 * WhatsApp's export of one chat: `_chat.txt` of iOS, "WhatsApp Chat with ….txt" of Android, in a ZIP with media or alone. Two passes over the file: the first
 * finds out what its dates mean and who is in it, the second reads with that, so that lines somebody pasted in another form stay text.
 */
import { decodeUtf8 } from "@sotto/protocol";
import { type ExportFile, FileDamage } from "../../input/export-file.ts";
import { linesOf } from "../../input/lines.ts";
import { findNamed } from "../../input/named-file.ts";
import { fileNameOf } from "../../input/safe-path.ts";
import { ARCHIVE_LIMITS } from "../../limits.ts";
import { cleanText } from "../../records/clean-text.ts";
import type { ConversationHead, ImportItem, MediaDraft, MessageDraft } from "../../records/draft.ts";
import { createWallClock, type WallClock } from "../../records/wall-clock.ts";
import type { ImportContext, Importer } from "../format.ts";
import { parseBody, splitAuthor } from "./body.ts";
import { type Header, parseHeader } from "./header.ts";
import { dateInName, type Template, TemplateFinder, wallTimeOf } from "./template.ts";

function isChat(file: ExportFile, head: string): boolean {
  if (!/\.txt$/i.test(file.path)) return false;
  const end = head.lastIndexOf("\n");
  const bytes = Uint8Array.from(end > 0 ? head.slice(0, end) : head, (character) => character.charCodeAt(0));
  const lines = (decodeUtf8(bytes) ?? "").split(/\r?\n/).slice(0, 200);
  const headers = lines.flatMap((line) => parseHeader(line) ?? []);
  return headers.length > 0 && lines.slice(0, 5).some((line) => parseHeader(line) !== undefined);
}

const PREFIXES =
  /^(WhatsApp Chat (with|mit|-)|Chat de WhatsApp con|Chat WhatsApp con|Conversa do WhatsApp com|Discussion WhatsApp avec|WhatsApp-chat met|Чат WhatsApp с|WhatsApp sohbeti -|与)\s*/i;

/** The name of the chat: in the file's name, or in the ZIP's. */
function titleOf(file: ExportFile): string {
  const name = fileNameOf(file.path);
  const container = file.place.slice(0, file.place.length - file.path.length - 1);
  const base = /^_chat\.txt$/i.test(name) && container !== "" ? fileNameOf(container) : name;
  return base
    .replace(/\.(txt|zip)$/i, "")
    .replace(/\s?\(\d+\)$/, "")
    .replace(PREFIXES, "")
    .replace(/的 WhatsApp 聊天$/, "")
    .trim();
}

type Facts = { readonly template: Template; readonly senders: readonly string[]; readonly isIos: boolean };
type Open = { readonly header: Header; readonly text: string[]; readonly bytes: Uint8Array[]; readonly at: number; length: number };

class ChatReader {
  readonly #context: ImportContext;
  readonly #file: ExportFile;
  readonly #clock: WallClock;
  #last = 1;

  constructor(context: ImportContext, file: ExportFile) {
    this.#context = context;
    this.#file = file;
    this.#clock = createWallClock(context.options.zone);
  }

  async *read(): AsyncGenerator<ImportItem> {
    try {
      const facts = await this.#look();
      if (facts === undefined) {
        yield this.#problem("format_unknown", 0, 0);
        return;
      }
      yield { kind: "conversation", head: this.#head(facts) };
      yield* this.#messages(facts);
    } catch (error) {
      if (!(error instanceof FileDamage)) throw error;
      yield this.#problem(error.code, 0, 0);
    }
  }

  async #look(): Promise<Facts | undefined> {
    const finder = new TemplateFinder();
    const senders = new Map<string, number>();
    for await (const line of linesOf(this.#file)) {
      const text = line.kind === "line" ? this.#decode(line.bytes) : undefined;
      const header = text === undefined ? undefined : parseHeader(text);
      if (text === undefined || header === undefined) continue;
      const rest = text.slice(header.bodyAt);
      finder.add(header, dateInName(rest));
      const author = splitAuthor(rest)?.author;
      if (author !== undefined && senders.size < ARCHIVE_LIMITS.peopleMax) senders.set(author, (senders.get(author) ?? 0) + 1);
    }
    const template = finder.find();
    return template && { template, senders: [...senders.keys()], isIos: template.shape.startsWith("[") };
  }

  #decode(bytes: Uint8Array): string | undefined {
    return this.#context.ports.decodeUtf8(bytes);
  }

  #head({ senders }: Facts): ConversationHead {
    const title = titleOf(this.#file);
    const people = senders.map((name) => ({ key: name, name }));
    const isGroup = senders.length > 2 || (senders.length === 2 && !senders.includes(title));
    return { service: "whatsapp", key: title.toLowerCase(), kind: isGroup ? "group" : "direct", title, people };
  }

  async *#messages(facts: Facts): AsyncGenerator<ImportItem> {
    let open: Open | undefined;
    for await (const line of linesOf(this.#file)) {
      const text = line.kind === "line" ? this.#decode(line.bytes) : undefined;
      if (line.kind === "too_long" || text === undefined) {
        // The line may have been a message, or the middle of one: that one is cut, and nothing is counted twice.
        yield this.#problem(line.kind === "too_long" ? "line_too_long" : "encoding_unknown", line.at, open === undefined ? 1 : 0);
        continue;
      }
      const header = parseHeader(text);
      if (header?.shape === facts.template.shape) {
        if (open !== undefined) yield* this.#close(open, facts);
        open = { header, text: [text.slice(header.bodyAt)], bytes: [line.bytes], at: line.at, length: text.length };
      } else if (open === undefined) {
        if (text.trim() !== "") yield this.#problem("record_invalid", line.at, 1);
      } else if (open.length <= ARCHIVE_LIMITS.textMax) {
        open.text.push(text);
        open.bytes.push(line.bytes);
        open.length += text.length + 1;
      }
    }
    if (open !== undefined) yield* this.#close(open, facts);
  }

  *#close(open: Open, facts: Facts): Generator<ImportItem> {
    const time = this.#clock(wallTimeOf(open.header, facts.template));
    if (time === undefined) yield this.#problem("time_implausible", open.at, 0);
    this.#last = time ?? this.#last;
    const whole = open.text.join("\n").replace(/\n+$/, "");
    const found = splitAuthor(whole);
    const body = found === undefined ? undefined : parseBody(whole.slice(found.at), facts.isIos);
    const { text, problem } = cleanText(body?.text ?? whole.replaceAll("\u200E", ""));
    if (problem !== undefined) yield this.#problem(problem, open.at, 0);
    const media = (body?.media ?? []).map((draft) => this.#find(draft));
    const draft: MessageDraft = {
      at: this.#last,
      time: { precision: time === undefined ? "none" : open.header.second === undefined ? "min" : "s", zone: "assumed" },
      kind: body?.kind ?? "system",
      text,
      source: { path: this.#file.place, at: open.at, raw: this.#context.ports.sha256(joined(open.bytes)) },
      ...(found === undefined ? {} : { sender: { key: found.author, name: found.author } }),
      ...(media.length === 0 ? {} : { media }),
      ...(body?.poll === undefined ? {} : { poll: body.poll }),
      ...(body?.place === undefined ? {} : { place: body.place }),
      ...(body?.isEdited === true ? { extra: { isEdited: true } } : {}),
      ...(facts.template.isSure ? {} : { doubt: "day and month could be exchanged" }),
    };
    yield { kind: "message", draft };
  }

  #find(draft: MediaDraft): MediaDraft {
    const file = draft.state === "missing" ? findNamed(this.#context.tree, draft.name, this.#file) : undefined;
    return file === undefined ? draft : { ...draft, file };
  }

  #problem(code: Extract<ImportItem, { kind: "problem" }>["problem"]["code"], at: number, lost: number): ImportItem {
    return { kind: "problem", problem: { path: this.#file.place, code, at }, lost };
  }
}

function joined(lines: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(lines.reduce((sum, { length }) => sum + length + 1, 0));
  let at = 0;
  for (const line of lines) {
    whole.set(line, at);
    at += line.length;
    whole[at] = 0x0a;
    at += 1;
  }
  return whole;
}

export const whatsappImporter: Importer = {
  name: "whatsapp",
  claims: isChat,
  units: (files) =>
    files.map((file) => ({
      id: `whatsapp/${file.place}`,
      service: "whatsapp",
      files: [file],
      read: (context) => new ChatReader(context, file).read(),
    })),
};
