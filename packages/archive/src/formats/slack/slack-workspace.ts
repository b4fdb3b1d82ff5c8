/**
 * What a Slack export says beside its messages, in files at its root:
 *
 *   users.json      [{id, name, real_name, is_bot, profile: {display_name, real_name}}]
 *   channels.json   [{id, name, members}]      groups.json, mpims.json the same;  dms.json [{id, members}]
 *
 * A public export has channels only. Messages lie in a folder that has the name of the conversation, or the id of a direct one.
 */
import type { ArchiveConversationKind } from "@sotto/protocol";
import type { ExportFile } from "../../input/export-file.ts";
import type { FileTree } from "../../input/file-tree.ts";
import { fileNameOf, folderOf } from "../../input/safe-path.ts";
import { asObject, type JsonObject, objects } from "../../json/fields.ts";
import { itemsIn } from "../../json/json-records.ts";
import { ARCHIVE_LIMITS } from "../../limits.ts";
import type { ArchivePorts } from "../../ports.ts";
import type { ConversationHead, PersonRef } from "../../records/draft.ts";
import { given, wordOf } from "../../records/given.ts";

const LISTS: readonly (readonly [file: string, kind: ArchiveConversationKind])[] = [
  ["channels.json", "channel"],
  ["groups.json", "group"],
  ["mpims.json", "group"],
  ["dms.json", "direct"],
];

type Listed = { readonly id: string; readonly name: string; readonly kind: ArchiveConversationKind; readonly members: readonly string[] };

export class Workspace {
  readonly #users = new Map<string, PersonRef>();
  readonly #channels = new Map<string, Listed>();
  readonly #byFolder = new Map<string, Listed>();
  #owner: string | undefined;

  static async load(tree: FileTree, ports: ArchivePorts, near: ExportFile): Promise<Workspace> {
    const made = new Workspace();
    const root = folderOf(folderOf(near.path));
    const listed = (name: string): Promise<readonly unknown[]> => {
      return itemsIn(tree.find(root === "" ? name : `${root}/${name}`, near), ports);
    };
    for (const user of objects(await listed("users.json"))) made.#addUser(user);
    for (const [name, kind] of LISTS) for (const channel of objects(await listed(name))) made.#addChannel(channel, kind);
    made.#findOwner();
    return made;
  }

  #addUser(user: JsonObject): void {
    const id = wordOf(user["id"]);
    const profile = asObject(user["profile"]);
    const name = [profile?.["display_name"], profile?.["real_name"], user["real_name"], user["name"]].map((word) => wordOf(word));
    if (id !== undefined) this.#users.set(id, { key: id, name: name.find((word) => word !== undefined) ?? id });
  }

  #addChannel(channel: JsonObject, kind: ArchiveConversationKind): void {
    const id = wordOf(channel["id"]);
    if (id === undefined) return;
    const { members: list } = channel;
    const members = Array.isArray(list) ? list.filter((member) => typeof member === "string").slice(0, ARCHIVE_LIMITS.peopleMax) : [];
    const listed = { id, name: wordOf(channel["name"]) ?? id, kind, members };
    this.#channels.set(id, listed);
    this.#byFolder.set(kind === "direct" ? id : listed.name, listed);
  }

  /** Who is in every direct conversation is the one whose they are. */
  #findOwner(): void {
    const direct = [...this.#channels.values()].filter(({ kind }) => kind === "direct");
    const [first, second] = direct;
    const common = first?.members.filter((member) => direct.every(({ members }) => members.includes(member))) ?? [];
    if (second !== undefined && common.length === 1) this.#owner = common[0];
  }

  person(id: string): PersonRef {
    return this.#users.get(id) ?? { key: id, name: id === "USLACKBOT" ? "Slackbot" : id };
  }

  isUser(id: string): boolean {
    return this.#users.has(id);
  }

  channelName(id: string): string | undefined {
    return this.#channels.get(id)?.name;
  }

  headOf(folder: string): ConversationHead {
    const name = fileNameOf(folder);
    const listed = this.#byFolder.get(name) ?? this.#channels.get(name);
    if (listed === undefined)
      return { service: "slack", key: name, kind: "unknown", title: name, people: [], ...given("owner", this.#owner) };
    const people = listed.members.map((member) => this.person(member));
    const isSelf = listed.kind === "direct" && new Set(listed.members).size === 1;
    const others = people.filter(({ key }) => isSelf || key !== this.#owner);
    const isNamed = listed.kind === "channel" || (listed.kind === "group" && !listed.name.startsWith("mpdm-"));
    const title = isNamed || others.length === 0 ? listed.name : others.map((person) => person.name).join(", ");
    return {
      service: "slack",
      key: listed.id,
      kind: isSelf ? "self" : listed.kind,
      title: title.slice(0, ARCHIVE_LIMITS.nameMax),
      people,
      ...given("owner", this.#owner),
    };
  }
}
