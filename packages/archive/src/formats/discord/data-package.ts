/**
 * What Discord's data package says of a channel and of its owner, in files of the folder `messages` (or `Messages`) and beside it:
 *
 *   index.json             {"CHANNEL": "Direct Message with name#0" | "general in Server" | null}
 *   cCHANNEL/channel.json  {id, type, name?, guild?: {id, name}, recipients?: [id]}       type a number, later a word
 *   ../account/user.json   {id, username, global_name}
 */
import type { ArchiveConversationKind } from "@sotto/protocol";
import type { ExportFile } from "../../input/export-file.ts";
import type { FileTree } from "../../input/file-tree.ts";
import { fileNameOf, folderOf } from "../../input/safe-path.ts";
import { asInteger, asObject, asText, type JsonObject } from "../../json/fields.ts";
import { objectIn } from "../../json/json-records.ts";
import { ARCHIVE_LIMITS } from "../../limits.ts";
import type { ArchivePorts } from "../../ports.ts";
import type { ConversationHead, PersonRef } from "../../records/draft.ts";
import { wordOf } from "../../records/given.ts";
import { quoteLongNumbers } from "./snowflake.ts";

export type PackageFacts = { readonly owner: PersonRef; readonly index: JsonObject };

/** `near` is a file of messages of it. */
export async function packageFacts(tree: FileTree, ports: ArchivePorts, near: ExportFile): Promise<PackageFacts> {
  const messages = folderOf(folderOf(near.path));
  const index = await objectIn(tree.find(messages === "" ? "index.json" : `${messages}/index.json`, near), ports, quoteLongNumbers);
  const isUser = (file: ExportFile): boolean => /(^|\/)account\/user\.json$/i.test(file.path);
  const users = tree.files.filter(isUser);
  const user = await objectIn(users.find(({ container }) => container === near.container) ?? users[0], ports, quoteLongNumbers);
  const id = wordOf(user?.["id"], 64);
  const name = wordOf(user?.["global_name"]) ?? wordOf(user?.["username"]) ?? "me";
  return { owner: { key: id ?? "me", name }, index: index ?? {} };
}

const KINDS: Readonly<Record<string, ArchiveConversationKind>> = { "1": "direct", DM: "direct", "3": "group", GROUP_DM: "group" };

export async function packageHead(
  tree: FileTree,
  ports: ArchivePorts,
  at: { readonly file: ExportFile; readonly facts: PackageFacts },
): Promise<ConversationHead> {
  const { file, facts } = at;
  const folder = folderOf(file.path);
  const channel = await objectIn(tree.find(folder === "" ? "channel.json" : `${folder}/channel.json`, file), ports, quoteLongNumbers);
  const id = wordOf(channel?.["id"], 64) ?? fileNameOf(folder).replace(/^c(?=\d)/, "");
  const type = asText(channel?.["type"]) ?? String(asInteger(channel?.["type"]) ?? "");
  const listed = wordOf(facts.index[id]);
  const partner = /^Direct Message with (.+?)(#0)?$/.exec(listed ?? "")?.[1];
  const kind = KINDS[type] ?? (partner === undefined ? "channel" : "direct");
  const [server, name] = [wordOf(asObject(channel?.["guild"])?.["name"]), wordOf(channel?.["name"])];
  const inServer = name === undefined ? listed : server === undefined ? name : `${server} / #${name}`;
  const { recipients: ids } = channel ?? {};
  const people = Array.isArray(ids) ? ids.flatMap((recipient) => wordOf(recipient, 64) ?? []) : [];
  const others = people.filter((person) => person !== facts.owner.key).slice(0, ARCHIVE_LIMITS.peopleMax);
  const nameOf = (person: string): string => (others.length === 1 && partner !== undefined ? partner : person);
  return {
    service: "discord",
    key: id || file.place,
    kind,
    title: (kind === "direct" ? (partner ?? listed) : inServer) ?? (id || "Discord"),
    people: [facts.owner, ...others.map((person) => ({ key: person, name: nameOf(person) }))],
    owner: facts.owner.key,
  };
}
