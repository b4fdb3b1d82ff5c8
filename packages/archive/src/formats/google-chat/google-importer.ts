/**
 * Google Chat in a takeout: `Groups/{DM|Space} ID/{messages.json, group_info.json, files}` and `Users/User ID/user_info.json`, which says whose it is. Parts of
 * a takeout hold files of one folder between them.
 */
import type { ExportFile } from "../../input/export-file.ts";
import type { FileTree } from "../../input/file-tree.ts";
import { fileNameOf, folderOf } from "../../input/safe-path.ts";
import { objects } from "../../json/fields.ts";
import { objectIn, readRecords } from "../../json/json-records.ts";
import { ARCHIVE_LIMITS } from "../../limits.ts";
import type { ArchivePorts } from "../../ports.ts";
import type { ConversationHead, ImportItem, PersonRef } from "../../records/draft.ts";
import { given, wordOf } from "../../records/given.ts";
import type { ImportContext, Importer } from "../format.ts";
import { googleMessage, googlePerson } from "./google-message.ts";

function isMessages(file: ExportFile, head: string): boolean {
  if (!/\.json$/i.test(file.path) || !/"messages"\s*:\s*\[/.test(head)) return false;
  return /"creator"\s*:\s*\{/.test(head) && /"(created_date|message_id|topic_id|deleted_date)"\s*:/.test(head);
}

const stemOf = (name: string): string => name.replace(/\.[^.]*$/, "");
const endOf = (name: string): string => name.slice(stemOf(name).length).toLowerCase();
/** A takeout writes `_` for what a file system may not like. */
const plainName = (name: string): string => name.normalize("NFC").replaceAll(/[^\p{L}\p{M}\p{N}.]/gu, "_");
const SHORTENED_MIN = 20;

/** Files of the folder by the name that the message gives them: names on the disk are cut short, and lose characters. */
function fileFinder(tree: FileTree, near: ExportFile): (exportName: string) => ExportFile | undefined {
  const folder = folderOf(near.path);
  let inside: readonly ExportFile[] | undefined;
  return (exportName) => {
    const exact = tree.find(folder === "" ? exportName : `${folder}/${exportName}`, near);
    if (exact !== undefined) return exact;
    inside ??= tree.files.filter((file) => folderOf(file.path) === folder && file !== near);
    const wanted = plainName(exportName);
    const found = inside.filter((file) => {
      const name = plainName(fileNameOf(file.path));
      if (name === wanted) return true;
      return stemOf(name).length >= SHORTENED_MIN && endOf(name) === endOf(wanted) && stemOf(wanted).startsWith(stemOf(name));
    });
    return found.length === 1 ? found[0] : undefined;
  };
}

/** Whose takeout it is: whom `user_info.json` names. */
async function ownerOf(tree: FileTree, ports: ArchivePorts): Promise<PersonRef | undefined> {
  for (const file of tree.files) {
    if (fileNameOf(file.path) !== "user_info.json") continue;
    const person = googlePerson((await objectIn(file, ports))?.["user"]);
    if (person !== undefined && person.isPlaceholder !== true) return person;
  }
  return undefined;
}

async function headOf(context: ImportContext, file: ExportFile, owner: PersonRef | undefined): Promise<ConversationHead> {
  const folder = folderOf(file.path);
  const info = await objectIn(context.tree.find(folder === "" ? "group_info.json" : `${folder}/group_info.json`, file), context.ports);
  const people = objects(info?.["members"])
    .slice(0, ARCHIVE_LIMITS.peopleMax)
    .flatMap((member) => googlePerson(member) ?? []);
  const [, form, id] = /^(DM|Space) (.+)$/.exec(fileNameOf(folder)) ?? [];
  const name = wordOf(info?.["name"]);
  const others = people.filter(({ key }) => key !== owner?.key);
  const isDirect = form === "DM" || (form === undefined && name === undefined);
  const kind = !isDirect || people.length > 2 ? "group" : people.length === 1 ? "self" : people.length === 0 ? "unknown" : "direct";
  const title = name ?? (others.map((person) => person.name).join(", ") || (people[0]?.name ?? (id || "Google Chat")));
  return {
    service: "google-chat",
    key: id ?? (fileNameOf(folder) || title),
    kind,
    title: title.slice(0, ARCHIVE_LIMITS.nameMax),
    people,
    ...given("owner", owner?.key),
  };
}

async function* readGroup(context: ImportContext, file: ExportFile, owner: PersonRef | undefined): AsyncGenerator<ImportItem> {
  const head = await headOf(context, file, owner);
  yield { kind: "conversation", head };
  const fileOf = fileFinder(context.tree, file);
  const names = new Map([...head.people, ...(owner === undefined ? [] : [owner])].map(({ key, name }) => [key, name]));
  yield* readRecords(file, context.ports, {
    descend: ([first, second]) => first === undefined || (first === "messages" && second === undefined),
    isMessage: ([first, second]) => first === "messages" && second !== undefined,
    message: (value, { source, neighbour }) => googleMessage(value, { fileOf, nameOf: (email) => names.get(email), source, neighbour }),
  });
}

export const googleChatImporter: Importer = {
  name: "google-chat",
  claims: isMessages,
  units: (files, tree) => {
    let owner: Promise<PersonRef | undefined> | undefined;
    return files.map((file) => ({
      id: `google-chat/${file.place}`,
      service: "google-chat",
      files: [file],
      read: async function* (context) {
        owner ??= ownerOf(tree, context.ports);
        yield* readGroup(context, file, await owner);
      },
    }));
  },
};
