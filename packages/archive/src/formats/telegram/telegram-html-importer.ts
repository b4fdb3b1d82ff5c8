/**
 * Telegram Desktop's export as HTML: `messages.html`, `messages2.html`, …, a thousand messages each. Names and no ids of people; a message that is `joined`
 * has the sender of the one before. The offset that a date shows is that of winter all year, so the clock is read in the assumed zone instead.
 */
import type { ArchiveMediaKind } from "@sotto/protocol";
import { asJsonText, findNode, findNodes, hasClass, textOf } from "../../html/html-node.ts";
import { type HtmlNode, blocksOf } from "../../html/html-blocks.ts";
import { type ExportFile, FileDamage } from "../../input/export-file.ts";
import { findNamed } from "../../input/named-file.ts";
import { folderOf } from "../../input/safe-path.ts";
import { ARCHIVE_LIMITS } from "../../limits.ts";
import type { ProblemCode } from "../../problems.ts";
import { cleanText } from "../../records/clean-text.ts";
import type { ImportItem, MediaDraft, MessageDraft, PersonRef } from "../../records/draft.ts";
import { createWallClock, type WallClock } from "../../records/wall-clock.ts";
import type { ImportContext, Importer, ImportUnit } from "../format.ts";

function isPage(file: ExportFile, head: string): boolean {
  return /(^|\/)messages\d*\.html$/i.test(file.path) && /class="(page_wrap|page_header)|class="message (default|service)/.test(head);
}

const isBlock = (name: string, attributes: HtmlNode["attributes"]): boolean =>
  (name === "div" && hasClass({ attributes }, "message")) || hasClass({ attributes }, "page_header");

const CLASSES: readonly (readonly [string, ArchiveMediaKind])[] = [
  ["photo_wrap", "photo"],
  ["sticker_wrap", "sticker"],
  ["animated_wrap", "gif"],
  ["video_file_wrap", "video"],
  ["media_voice_message", "voice"],
  ["media_audio_file", "audio"],
  ["media_video", "video"],
];

class PageReader {
  readonly #context: ImportContext;
  readonly #clock: WallClock;
  #title = "";
  #isAnnounced = false;
  #sender: PersonRef | undefined;
  #last = 1;

  constructor(context: ImportContext) {
    this.#context = context;
    this.#clock = createWallClock(context.options.zone);
  }

  async *read(files: readonly ExportFile[]): AsyncGenerator<ImportItem> {
    for (const file of files) {
      try {
        for await (const block of blocksOf(file, this.#context.ports, isBlock)) {
          if (block.kind === "problem") yield this.#problem(file, block.code, { at: block.at, lost: 1 });
          else if (hasClass(block.node, "page_header")) this.#title ||= cleanText(textOf(block.node), ARCHIVE_LIMITS.nameMax).text;
          else yield* this.#message(block.node, { file, at: block.at });
        }
      } catch (error) {
        if (!(error instanceof FileDamage)) throw error;
        yield this.#problem(file, error.code, { at: 0, lost: 0 });
      }
    }
  }

  *#message(block: HtmlNode, { file, at }: { readonly file: ExportFile; readonly at: number }): Generator<ImportItem> {
    const id = /^message(-?\d+)$/.exec(block.attributes["id"] ?? "")?.[1];
    const isService = hasClass(block, "service");
    // Days between messages look like messages and have negative ids.
    if (id === undefined || (isService && id.startsWith("-"))) return;
    if (!this.#isAnnounced) {
      const title = this.#title || folderOf(file.path) || "Telegram";
      yield { kind: "conversation", head: { service: "telegram", key: `html:${title}`, kind: "unknown", title, people: [] } };
      this.#isAnnounced = true;
    }
    const own = (name: string): HtmlNode | undefined => findNode(block, (node) => hasClass(node, name));
    const time = this.#timeOf(own("date")?.attributes["title"]);
    if (time === undefined && !isService) yield this.#problem(file, "time_implausible", { at, lost: 0 });
    this.#last = time ?? this.#last;
    const from = own("from_name");
    if (from !== undefined && !isService) {
      const name = cleanText(textOf(from), ARCHIVE_LIMITS.nameMax).text;
      this.#sender = { key: `name:${name}`, name };
    }
    const words = isService ? textOf(block) : own("text");
    const { text, problem } = cleanText(typeof words === "string" ? words : words === undefined ? "" : textOf(words));
    if (problem !== undefined) yield this.#problem(file, problem, { at, lost: 0 });
    yield {
      kind: "message",
      draft: {
        nativeId: id,
        at: this.#last,
        time: { precision: time === undefined ? "none" : "s", zone: "assumed" },
        kind: isService ? "system" : "text",
        text,
        source: { path: file.place, at, raw: this.#context.ports.sha256(this.#context.ports.encodeUtf8(asJsonText(block))) },
        ...(isService || this.#sender === undefined ? {} : { sender: this.#sender }),
        ...this.#beside(block, file),
      },
    };
  }

  #timeOf(shown: string | undefined): number | undefined {
    const match = /^(\d{2})\.(\d{2})\.(\d{4}) (\d{2}):(\d{2}):(\d{2})/.exec(shown ?? "");
    if (match === null) return undefined;
    const [day = 0, month = 0, year = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
    return this.#clock({ year, month, day, hour, minute, second });
  }

  #beside(block: HtmlNode, file: ExportFile): Partial<MessageDraft> {
    const reply = findNode(block, (node) => hasClass(node, "reply_to"));
    const to = /go_to_message(\d+)/.exec(reply === undefined ? "" : addressesIn(reply))?.[1];
    const forwarded = findNode(block, (node) => hasClass(node, "forwarded"));
    const forwardedFrom = forwarded && findNode(forwarded, (node) => hasClass(node, "from_name"));
    const wrap = findNode(block, (node) => hasClass(node, "media_wrap"));
    const media = wrap === undefined ? [] : this.#mediaOf(wrap, file);
    return {
      ...(to === undefined ? {} : { reply: { to } }),
      ...(forwardedFrom === undefined ? {} : { forwardedFrom: cleanText(textOf(forwardedFrom), ARCHIVE_LIMITS.nameMax).text }),
      ...(media.length === 0 ? {} : { media }),
    };
  }

  #mediaOf(wrap: HtmlNode, file: ExportFile): MediaDraft[] {
    const kindOf = (node: HtmlNode): ArchiveMediaKind => CLASSES.find(([name]) => hasClass(node, name))?.[1] ?? "file";
    const links = findNodes(wrap, ({ name, attributes }) => name === "a" && (attributes["href"] ?? "") !== "");
    const found = links.flatMap((link): MediaDraft[] => {
      const name = (link.attributes["href"] ?? "").slice(0, ARCHIVE_LIMITS.pathCharactersMax);
      if (/^[a-z][a-z0-9+.-]*:/i.test(name)) return [];
      const at = findNamed(this.#context.tree, name, file);
      return [{ kind: kindOf(link), name, state: "missing", ...(at === undefined ? {} : { file: at }) }];
    });
    const absent = findNodes(wrap, (node) => hasClass(node, "media") && node.name === "div");
    return found.length > 0
      ? found
      : absent.map((node) => ({ kind: kindOf(node), name: cleanText(textOf(node), 200).text, state: "omitted" }));
  }

  #problem(file: ExportFile, code: ProblemCode, { at, lost }: { readonly at: number; readonly lost: number }): ImportItem {
    return { kind: "problem", problem: { path: file.place, code, at }, lost };
  }
}

const addressesIn = (node: HtmlNode): string =>
  findNodes(node, ({ name }) => name === "a")
    .map(({ attributes }) => `${attributes["href"] ?? ""} ${attributes["onclick"] ?? ""}`)
    .join(" ");

const pageNumber = ({ path }: ExportFile): number => Number(/messages(\d*)\.html$/i.exec(path)?.[1] || 1);

export const telegramHtmlImporter: Importer = {
  name: "telegram-html",
  claims: isPage,
  units: (files) => {
    const folders = new Map<string, ExportFile[]>();
    for (const file of files) {
      const key = `${file.container}/${folderOf(file.path)}`;
      const known = folders.get(key);
      if (known === undefined) folders.set(key, [file]);
      else known.push(file);
    }
    return [...folders].map(([folder, all]): ImportUnit => {
      const pages = all.toSorted((a, b) => pageNumber(a) - pageNumber(b));
      return { id: `telegram-html/${folder}`, service: "telegram", files: pages, read: (context) => new PageReader(context).read(pages) };
    });
  },
};
