/**
 * Instagram's and Messenger's downloads as HTML: `message_N.html`, newest first. Minutes instead of milliseconds, no zone, names of months in the account's
 * language. Where the same conversation is there as JSON that is taken, and the pages are only counted.
 */
import type { ArchiveMediaKind, ArchiveService } from "@sotto/protocol";
import { asJsonText, findNode, findNodes, hasClass, textOf } from "../../html/html-node.ts";
import { type HtmlNode, blocksOf } from "../../html/html-blocks.ts";
import { type ExportFile, FileDamage } from "../../input/export-file.ts";
import type { FileTree } from "../../input/file-tree.ts";
import { fileNameOf, folderOf } from "../../input/safe-path.ts";
import { ARCHIVE_LIMITS } from "../../limits.ts";
import type { ProblemCode } from "../../problems.ts";
import { cleanText } from "../../records/clean-text.ts";
import type { ConversationHead, ImportItem, MediaDraft, MessageDraft, PersonRef } from "../../records/draft.ts";
import { parseProseDate } from "../../records/prose-date.ts";
import { createWallClock, type WallClock } from "../../records/wall-clock.ts";
import type { ImportContext, Importer, ImportUnit } from "../format.ts";
import { mediaOf } from "./meta-media.ts";
import { metaPerson } from "./meta-person.ts";
import { createServiceFinder } from "./meta-service.ts";
import { threadKey } from "./thread-key.ts";

const HELD_MAX = 20_000;

function isPage(file: ExportFile, head: string): boolean {
  return /(^|\/)message_\d+\.html$/i.test(file.path) && /_a6-[gop]\b|uiBoxWhite/.test(head);
}

const isMessage = (node: Pick<HtmlNode, "attributes">): boolean =>
  hasClass(node, "_a6-g") || (hasClass(node, "pam") && hasClass(node, "uiBoxWhite"));
const isBlock = (name: string, attributes: HtmlNode["attributes"]): boolean => name === "title" || isMessage({ attributes });

const isTime = (node: HtmlNode): boolean => hasClass(node, "_a6-o");
const isSender = (node: HtmlNode): boolean => hasClass(node, "_a6-h") || hasClass(node, "_2pim") || node.name === "h2";
const isReactions = (node: HtmlNode): boolean => node.name === "ul" && hasClass(node, "_a6-q");

/** By the class; where that was renamed, the last element without others whose text is a date. */
function timeNode(block: HtmlNode): HtmlNode | undefined {
  const isLeaf = ({ children }: HtmlNode): boolean => children.every((child) => typeof child === "string");
  return findNode(block, isTime) ?? findNodes(block, isLeaf).findLast((node) => parseProseDate(textOf(node)) !== undefined);
}

const KINDS: Readonly<Record<string, ArchiveMediaKind>> = { img: "photo", video: "video", audio: "voice" };

class PageReader {
  readonly #context: ImportContext;
  readonly #service: ArchiveService;
  readonly #clock: WallClock;
  readonly #people = new Map<string, PersonRef>();
  #title = "";
  #sender: PersonRef | undefined;
  #held: MessageDraft[] = [];
  #last = 1;

  constructor(context: ImportContext, service: ArchiveService) {
    this.#context = context;
    this.#service = service;
    this.#clock = createWallClock(context.options.zone);
  }

  async *read(files: readonly ExportFile[]): AsyncGenerator<ImportItem> {
    for (const file of files) {
      try {
        for await (const block of blocksOf(file, this.#context.ports, isBlock)) {
          if (block.kind === "problem") yield this.#problem(file, block.code, { at: block.at, lost: 1 });
          else if (block.node.name === "title") this.#title ||= cleanText(textOf(block.node), ARCHIVE_LIMITS.nameMax).text;
          else yield* this.#message(block.node, { file, at: block.at });
          if (this.#held.length >= HELD_MAX) yield* this.#release(file);
        }
      } catch (error) {
        if (!(error instanceof FileDamage)) throw error;
        yield this.#problem(file, error.code, { at: 0, lost: 0 });
      }
      yield* this.#release(file);
    }
  }

  *#message(block: HtmlNode, { file, at }: { readonly file: ExportFile; readonly at: number }): Generator<ImportItem> {
    const sender = findNode(block, isSender);
    const when = timeNode(block);
    if (when === undefined) {
      // The box with the names of a group's members is no message.
      if (sender !== undefined) this.#members(textOf(sender));
      else yield this.#problem(file, "html_damaged", { at, lost: 1 });
      return;
    }
    if (sender !== undefined && sender !== when) this.#sender = metaPerson(textOf(sender));
    const date = parseProseDate(textOf(when));
    const time = date && this.#clock(date.time);
    if (time === undefined) yield this.#problem(file, "time_implausible", { at, lost: 0 });
    this.#last = time ?? this.#last;
    const words = textOf(block, (node) => node === sender || node === when || isReactions(node) || node.name in KINDS);
    const { text, problem } = cleanText(words);
    if (problem !== undefined) yield this.#problem(file, problem, { at, lost: 0 });
    if (this.#sender !== undefined) this.#people.set(this.#sender.key, this.#sender);
    this.#held.push({
      at: this.#last,
      time: { precision: time === undefined ? "none" : date?.hasSeconds === true ? "s" : "min", zone: "assumed" },
      kind: "text",
      text,
      source: { path: file.place, at, raw: this.#context.ports.sha256(this.#context.ports.encodeUtf8(asJsonText(block))) },
      ...(this.#sender === undefined ? {} : { sender: this.#sender }),
      ...this.#beside(block, file),
    });
  }

  #members(header: string): void {
    const names = /^[^:]{3,30}:\s*(.+)$/s.exec(header)?.[1] ?? "";
    for (const name of names.split(/,\s+|\s(?:and|und|et|y|e|en|och|og)\s/)) {
      const person = metaPerson(name);
      if (person.name !== "" && this.#people.size < ARCHIVE_LIMITS.peopleMax) this.#people.set(person.key, person);
    }
  }

  #beside(block: HtmlNode, file: ExportFile): Partial<MessageDraft> {
    const at = { tree: this.#context.tree, file };
    const seen = new Set<string>();
    const media: MediaDraft[] = findNodes(block, ({ name }) => name in KINDS)
      .slice(0, ARCHIVE_LIMITS.mediaPerMessageMax)
      .flatMap(({ name, attributes }) => {
        const uri = attributes["src"] ?? "";
        if (uri === "" || seen.has(uri)) return [];
        seen.add(uri);
        return [mediaOf(uri, KINDS[name] ?? "file", at)];
      });
    const list = findNode(block, isReactions);
    const reactions = (list === undefined ? [] : findNodes(list, ({ name }) => name === "li")).flatMap((item) => {
      const match = /^(\P{L}+?)\s*(\p{L}.*?)(?:\s\(.*\))?$/su.exec(textOf(item));
      return match === null ? [] : [{ emoji: cleanText(match[1] ?? "", 200).text, by: metaPerson(match[2] ?? "") }];
    });
    const links = findNodes(block, ({ name, attributes }) => name === "a" && /^https?:/i.test(attributes["href"] ?? "")).flatMap(
      ({ attributes }) => cleanText(attributes["href"] ?? "").text,
    );
    return {
      ...(media.length === 0 ? {} : { media }),
      ...(reactions.length === 0 ? {} : { reactions }),
      ...(links.length === 0 ? {} : { links: [...new Set(links)] }),
    };
  }

  *#release(file: ExportFile): Generator<ImportItem> {
    yield { kind: "conversation", head: this.#head(file) };
    for (const draft of this.#held.toReversed().toSorted((a, b) => a.at - b.at)) yield { kind: "message", draft };
    this.#held = [];
  }

  #head(file: ExportFile): ConversationHead {
    const folder = folderOf(file.path);
    const people = [...this.#people.values()];
    const title = this.#title || fileNameOf(folder);
    return { service: this.#service, key: threadKey(folder) || title, kind: people.length > 2 ? "group" : "direct", title, people };
  }

  #problem(file: ExportFile, code: ProblemCode, { at, lost }: { readonly at: number; readonly lost: number }): ImportItem {
    return { kind: "problem", problem: { path: file.place, code, at }, lost };
  }
}

/** Counts what another form of the same conversation gives better. */
async function* countOnly(files: readonly ExportFile[], { ports }: ImportContext): AsyncGenerator<ImportItem> {
  for (const file of files) {
    let count = 0;
    try {
      for await (const block of blocksOf(file, ports, isBlock)) if (block.kind === "block" && block.node.name !== "title") count += 1;
    } catch (error) {
      if (!(error instanceof FileDamage)) throw error;
    }
    if (count > 0) yield { kind: "skipped", reason: "in_better_format", count };
  }
}

const partNumber = ({ path }: ExportFile): number => Number(/(\d+)\.html$/i.exec(path)?.[1] ?? 0);
const hasJson = (tree: FileTree, { path }: ExportFile): boolean => tree.find(`${folderOf(path)}/message_1.json`) !== undefined;

export const metaHtmlImporter: Importer = {
  name: "meta-html",
  claims: isPage,
  units: (files, tree) => {
    const serviceOf = createServiceFinder(tree);
    const folders = new Map<string, ExportFile[]>();
    for (const file of files) {
      const key = `${file.container}/${folderOf(file.path)}`;
      const known = folders.get(key);
      if (known === undefined) folders.set(key, [file]);
      else known.push(file);
    }
    return [...folders].flatMap(([folder, all]): ImportUnit[] => {
      const parts = all.toSorted((a, b) => partNumber(b) - partNumber(a));
      const [first] = parts;
      if (first === undefined) return [];
      const service = serviceOf(first);
      const read: ImportUnit["read"] = (context) =>
        hasJson(tree, first) ? countOnly(parts, context) : new PageReader(context, service).read(parts);
      return [{ id: `meta-html/${folder}`, service, files: parts, read }];
    });
  },
};
