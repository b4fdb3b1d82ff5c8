/**
 * Snapchat's "My Data": `chat_history.json`, and `snap_history.json`, which has the same form. Conversations are the keys of one object; in the older form, one
 * list is of what was received and one of what was sent.
 */
import type { ExportFile } from "../../input/export-file.ts";
import type { FileTree } from "../../input/file-tree.ts";
import { fileNameOf } from "../../input/safe-path.ts";
import { asObject, asText, type JsonObject, objects } from "../../json/fields.ts";
import type { JsonPath } from "../../json/json-splitter.ts";
import { keyText, objectIn, readRecords, type RecordHandlers } from "../../json/json-records.ts";
import type { ArchivePorts } from "../../ports.ts";
import type { ConversationHead, ImportItem, PersonRef } from "../../records/draft.ts";
import { given, wordOf } from "../../records/given.ts";
import type { ImportContext, Importer } from "../format.ts";
import { SnapchatFiles } from "./snapchat-files.ts";
import { mediaIdsOf, snapchatMessage, wantedDay } from "./snapchat-message.ts";

function isHistory(file: ExportFile, head: string): boolean {
  if (!/\.json$/i.test(file.path) || !/"Media Type"\s*:/.test(head) || !/"Created"\s*:/.test(head)) return false;
  return /"IsSender"\s*:/.test(head) || /"(Received|Sent)( Saved Chat| Snap) History"\s*:\s*\[/.test(head);
}

/** Names of people, and who one is, where the export has the files that say so. */
class Names {
  readonly #names = new Map<string, string>();
  owner: PersonRef | undefined;

  static async load(tree: FileTree, ports: ArchivePorts): Promise<Names> {
    const made = new Names();
    for (const file of tree.files) {
      const name = fileNameOf(file.path);
      if (name === "friends.json") {
        const lists = Object.values((await objectIn(file, ports)) ?? {});
        for (const friend of lists.flatMap((list) => objects(list))) {
          const [username, shown] = [wordOf(friend["Username"]), wordOf(friend["Display Name"])];
          if (username !== undefined && shown !== undefined) made.#names.set(username, shown);
        }
      } else if (name === "account.json") {
        const account = asObject((await objectIn(file, ports))?.["Basic Information"]);
        const username = wordOf(account?.["Username"]);
        if (username !== undefined) made.owner ??= { key: username, name: wordOf(account?.["Name"]) ?? username };
      }
    }
    return made;
  }

  person(username: string): PersonRef {
    return username === this.owner?.key ? this.owner : { key: username, name: this.#names.get(username) ?? username };
  }
}

const isOld = (key: string): boolean => /^(Received|Sent) /.test(key);
const isRecord = (path: JsonPath): boolean => path.length === 2 && typeof path[1] === "number";
const descend = (path: JsonPath): boolean => path.length < 2;

class HistoryReader {
  readonly #context: ImportContext;
  readonly #file: ExportFile;
  readonly #names: Names;
  readonly #files: SnapchatFiles;
  readonly #owner: PersonRef;
  #current: string | undefined;

  constructor(context: ImportContext, file: ExportFile, names: Names) {
    this.#context = context;
    this.#file = file;
    this.#names = names;
    this.#files = new SnapchatFiles(context.tree);
    this.#owner = names.owner ?? { key: "me", name: "me" };
  }

  async *read(): AsyncGenerator<ImportItem> {
    const look: RecordHandlers = {
      descend,
      isMessage: () => false,
      fact: (path, value) => {
        const record = isRecord(path) ? asObject(value) : undefined;
        if (record !== undefined) this.#files.prepare(mediaIdsOf(record), wantedDay(record));
      },
      message: () => undefined,
    };
    // The second pass says what is wrong.
    for await (const _problem of readRecords(this.#file, this.#context.ports, look));
    yield* readRecords(this.#file, this.#context.ports, {
      descend,
      isMessage: isRecord,
      message: (value, { path, source, neighbour }) => {
        const record = asObject(value);
        if (record === undefined) return undefined;
        const key = keyText(path[0], this.#context.ports);
        const made = snapchatMessage(record, { files: this.#files, sender: this.#sender(record, key), source, neighbour });
        return made && { ...made, ...given("head", this.#head(record, key)) };
      },
    });
  }

  #sender(record: JsonObject, key: string): PersonRef | undefined {
    const from = wordOf(record["From"]);
    if (record["IsSender"] === true || key.startsWith("Sent ")) return from === undefined ? this.#owner : this.#names.person(from);
    return from === undefined ? undefined : this.#names.person(from);
  }

  /** Undefined if the conversation is that of the record before. */
  #head(record: JsonObject, key: string): ConversationHead | undefined {
    const partner = isOld(key) ? (wordOf(record["From"]) ?? wordOf(record["To"]) ?? key) : key;
    if (this.#current === partner) return undefined;
    this.#current = partner;
    const title = asText(record["Conversation Title"]);
    const isGroup = title !== undefined && title !== "";
    const other = this.#names.person(partner);
    return {
      service: "snapchat",
      key: partner,
      kind: isGroup ? "group" : "direct",
      title: wordOf(title) ?? other.name,
      people: isGroup ? [this.#owner] : [other, this.#owner],
      ...given("owner", this.#names.owner?.key),
    };
  }
}

export const snapchatImporter: Importer = {
  name: "snapchat",
  claims: isHistory,
  units: (files, tree) => {
    let names: Promise<Names> | undefined;
    return files.map((file) => ({
      id: `snapchat/${file.place}`,
      service: "snapchat",
      files: [file],
      read: async function* (context) {
        names ??= Names.load(tree, context.ports);
        yield* new HistoryReader(context, file, await names).read();
      },
    }));
  },
};
