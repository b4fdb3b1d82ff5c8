/**
 * Signal's plaintext export: `main.jsonl`, one frame a line, and `files/` beside it or beside its folder. Frames of people and chats come before the
 * messages that name them. The export drops disappearing messages by itself. Keys that it holds are never read.
 */
import { type ExportFile, FileDamage } from "../../input/export-file.ts";
import { linesOf } from "../../input/lines.ts";
import type { FileTree } from "../../input/file-tree.ts";
import { asObject, asText, type JsonObject, parseJson } from "../../json/fields.ts";
import { ARCHIVE_LIMITS } from "../../limits.ts";
import type { ProblemCode } from "../../problems.ts";
import type { ConversationHead, ImportItem } from "../../records/draft.ts";
import type { ArchivePorts } from "../../ports.ts";
import type { ImportContext, Importer } from "../format.ts";
import { signalMessage } from "./signal-message.ts";
import { type Recipient, signalRecipient } from "./signal-people.ts";

function isMain(file: ExportFile, head: string): boolean {
  if (!/\.jsonl$/i.test(file.path)) return false;
  return /^[^\n]*"backupTimeMs"/.test(head) || /^\{"(account|recipient|chat|chatItem)":/.test(head);
}

/** Files by the SHA-256 of what is in them, base64: by name where the name says it, else by reading all of them once. */
class FilesByHash {
  readonly #tree: FileTree;
  readonly #ports: ArchivePorts;
  readonly #near: ExportFile;
  #byHash: Map<string, ExportFile> | undefined;

  constructor(tree: FileTree, ports: ArchivePorts, near: ExportFile) {
    this.#tree = tree;
    this.#ports = ports;
    this.#near = near;
  }

  async prepare(): Promise<void> {
    this.#byHash = new Map();
    for (const file of this.#tree.files) {
      if (file.container !== this.#near.container || !/(^|\/)files\/([0-9a-f]{2}\/)?[^/]+$/.test(file.path)) continue;
      const hash = this.#ports.createSha256();
      try {
        for await (const chunk of file.open()) hash.update(chunk);
        this.#byHash.set(base64(hash.digest()), file);
      } catch (error) {
        if (!(error instanceof FileDamage)) throw error;
      }
    }
  }

  find(hash: string): ExportFile | undefined {
    return this.#byHash?.get(hash);
  }
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(i, i + 3);
    const group = (a << 16) | (b << 8) | c;
    const left = bytes.length - i;
    text += ALPHABET.charAt(group >> 18) + ALPHABET.charAt((group >> 12) & 63);
    text += (left > 1 ? ALPHABET.charAt((group >> 6) & 63) : "=") + (left > 2 ? ALPHABET.charAt(group & 63) : "=");
  }
  return text;
}

class FrameReader {
  readonly #context: ImportContext;
  readonly #file: ExportFile;
  readonly #files: FilesByHash;
  readonly #recipients = new Map<string, Recipient>();
  readonly #chats = new Map<string, ConversationHead>();
  #selfName = "";
  #current: string | undefined;
  #last = 1;

  constructor(context: ImportContext, file: ExportFile) {
    this.#context = context;
    this.#file = file;
    this.#files = new FilesByHash(context.tree, context.ports, file);
  }

  async *read(): AsyncGenerator<ImportItem> {
    await this.#files.prepare();
    yield this.#problem("secrets_removed", 0, 0);
    try {
      for await (const line of linesOf(this.#file, ARCHIVE_LIMITS.recordBytesMax)) {
        if (line.kind === "too_long") yield this.#problem("line_too_long", line.at, 1);
        else if (line.bytes.length > 0) yield* this.#frame(line.bytes, line.at);
      }
    } catch (error) {
      if (!(error instanceof FileDamage)) throw error;
      yield this.#problem(error.code, 0, 0);
    }
  }

  *#frame(bytes: Uint8Array, at: number): Generator<ImportItem> {
    const { ports } = this.#context;
    const frame = asObject(parseJson(ports.decodeUtf8(bytes))?.value);
    if (frame === undefined) {
      yield this.#problem("json_damaged", at, 1);
      return;
    }
    const account = asObject(frame["account"]);
    if (account !== undefined)
      this.#selfName = [account["givenName"], account["familyName"]].filter((part) => typeof part === "string").join(" ");
    const recipient = asObject(frame["recipient"]);
    const id = asText(recipient?.["id"]);
    if (recipient !== undefined && id !== undefined) this.#recipients.set(id, signalRecipient(recipient, id, this.#selfName));
    const chat = asObject(frame["chat"]);
    if (chat !== undefined) this.#chat(chat);
    const item = asObject(frame["chatItem"]);
    if (item !== undefined) yield* this.#item(item, bytes, at);
  }

  #chat(chat: JsonObject): void {
    const id = asText(chat["id"]);
    const recipient = this.#recipients.get(asText(chat["recipientId"]) ?? "");
    if (id === undefined || recipient === undefined) return;
    const { kind, person } = recipient;
    const self = { key: "self", name: this.#selfName || "me" };
    const people = kind === "direct" ? [person, self] : kind === "self" ? [self] : [];
    this.#chats.set(id, {
      service: "signal",
      key: kind === "group" ? `group ${person.name} ${person.key}` : person.key,
      kind,
      title: person.name,
      people,
      owner: "self",
    });
  }

  *#item(item: JsonObject, bytes: Uint8Array, at: number): Generator<ImportItem> {
    const id = asText(item["chatId"]) ?? "";
    const head = this.#chats.get(id);
    const found =
      head &&
      signalMessage(item, {
        source: { path: this.#file.place, at, raw: this.#context.ports.sha256(bytes) },
        neighbour: this.#last,
        personOf: (recipient) => this.#recipients.get(asText(recipient) ?? "")?.person,
        fileOf: (hash) => this.#files.find(hash),
      });
    if (head === undefined || found === undefined) {
      yield this.#problem("record_invalid", at, 1);
      return;
    }
    if (this.#current !== id) yield { kind: "conversation", head };
    this.#current = id;
    for (const code of found.problems) yield this.#problem(code, at, 0);
    this.#last = found.draft.at;
    yield { kind: "message", draft: found.draft };
  }

  #problem(code: ProblemCode, at: number, lost: number): ImportItem {
    return { kind: "problem", problem: { path: this.#file.place, code, at }, lost };
  }
}

export const signalImporter: Importer = {
  name: "signal",
  claims: isMain,
  units: (files) =>
    files.map((file) => ({
      id: `signal/${file.place}`,
      service: "signal",
      files: [file],
      read: (context) => new FrameReader(context, file).read(),
    })),
};
