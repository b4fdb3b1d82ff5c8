/**
 * Cuts an HTML page of any size into the elements that an importer asks for, as small trees, in bounded memory. Nothing is rendered, run or fetched: tags
 * and text are looked at, and what is not asked for is passed by.
 */
import { Parser } from "htmlparser2";
import type { ExportFile } from "../input/export-file.ts";
import type { ArchivePorts } from "../ports.ts";

export type HtmlNode = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: (HtmlNode | string)[];
};

export type HtmlBlock =
  /** `at` counts characters from the start of the page. */
  | { readonly kind: "block"; readonly node: HtmlNode; readonly at: number }
  | { readonly kind: "problem"; readonly code: "record_too_long" | "html_damaged" | "encoding_unknown"; readonly at: number };

const NODES_MAX = 20_000;
const CHARACTERS_MAX = 2 * 1024 * 1024;
const DEPTH_MAX = 200;
const VOID = new Set(["br", "img", "hr", "input", "meta", "link", "source", "wbr"]);

export async function* blocksOf(
  file: ExportFile,
  ports: Pick<ArchivePorts, "decodeUtf8">,
  isBlock: (name: string, attributes: HtmlNode["attributes"]) => boolean,
): AsyncGenerator<HtmlBlock> {
  const collector = new BlockCollector(isBlock);
  let rest = new Uint8Array();
  for await (const chunk of file.open()) {
    const bytes = joined(rest, chunk);
    const end = wholeCharacters(bytes);
    rest = bytes.slice(end);
    const text = ports.decodeUtf8(bytes.subarray(0, end));
    if (text === undefined) yield { kind: "problem", code: "encoding_unknown", at: collector.at };
    else yield* collector.write(text);
  }
  yield* collector.end();
}

/** Where the last character that is whole ends. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0xc0) return bytes.length - back;
    if (byte < 0x80) break;
  }
  return bytes.length;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}

class BlockCollector {
  readonly #isBlock: (name: string, attributes: HtmlNode["attributes"]) => boolean;
  readonly #parser: Parser;
  #stack: HtmlNode[] = [];
  #found: HtmlBlock[] = [];
  #start = 0;
  #nodes = 0;
  #characters = 0;
  #skipped = 0;

  constructor(isBlock: (name: string, attributes: HtmlNode["attributes"]) => boolean) {
    this.#isBlock = isBlock;
    this.#parser = new Parser(
      {
        onopentag: (name, attributes) => this.#open(name, attributes),
        onclosetag: (name) => this.#close(name),
        ontext: (text) => this.#text(text),
      },
      { decodeEntities: true, lowerCaseTags: true, lowerCaseAttributeNames: true },
    );
  }

  get at(): number {
    return this.#parser.startIndex;
  }

  write(text: string): HtmlBlock[] {
    this.#parser.write(text);
    return this.#found.splice(0);
  }

  end(): HtmlBlock[] {
    // A block that is open at the end was cut off; the parser would close it as if it were whole.
    const isCut = this.#stack.length > 0;
    this.#stack = [];
    this.#parser.end();
    return isCut ? [...this.#found.splice(0), { kind: "problem", code: "html_damaged", at: this.#start }] : this.#found.splice(0);
  }

  #open(name: string, attributes: HtmlNode["attributes"]): void {
    const parent = this.#stack.at(-1);
    if (parent === undefined) {
      if (!this.#isBlock(name, attributes)) return;
      [this.#start, this.#nodes, this.#characters, this.#skipped] = [this.#parser.startIndex, 0, 0, 0];
      this.#stack = [{ name, attributes, children: [] }];
      return;
    }
    this.#nodes += 1;
    if (this.#skipped > 0 || this.#nodes > NODES_MAX || this.#stack.length >= DEPTH_MAX) {
      if (!VOID.has(name)) this.#skipped += 1;
      return;
    }
    const node = { name, attributes, children: [] };
    parent.children.push(node);
    this.#stack.push(node);
  }

  #text(text: string): void {
    const parent = this.#stack.at(-1);
    if (parent === undefined || this.#skipped > 0) return;
    this.#characters += text.length;
    if (this.#characters <= CHARACTERS_MAX) parent.children.push(text);
  }

  #close(name: string): void {
    if (this.#stack.length === 0) return;
    if (this.#skipped > 0) {
      if (!VOID.has(name)) this.#skipped -= 1;
      return;
    }
    const node = this.#stack.pop();
    if (this.#stack.length > 0 || node === undefined) return;
    const isTooLong = this.#nodes > NODES_MAX || this.#characters > CHARACTERS_MAX;
    this.#found.push(isTooLong ? { kind: "problem", code: "record_too_long", at: this.#start } : { kind: "block", node, at: this.#start });
  }
}
