/**
 * DiscordChatExporter's JSON: one channel a file, or several parts of one. `guild` and `channel` stand before the messages, `messageCount` behind them: a file
 * without it was cut off while it was written, and what is there is read.
 */
import type { ArchiveConversationKind } from "@sotto/protocol";
import type { ExportFile } from "../../input/export-file.ts";
import { fileNameOf } from "../../input/safe-path.ts";
import { asObject, asText, type JsonObject } from "../../json/fields.ts";
import { readRecords } from "../../json/json-records.ts";
import { ARCHIVE_LIMITS } from "../../limits.ts";
import type { ConversationHead, ImportItem } from "../../records/draft.ts";
import { wordOf } from "../../records/given.ts";
import type { ImportContext, Importer } from "../format.ts";
import { discordMessage } from "./discord-message.ts";
import { quoteLongNumbers } from "./snowflake.ts";

function isChannel(file: ExportFile, head: string): boolean {
  if (!/\.json$/i.test(file.path)) return false;
  return /"guild"\s*:\s*\{/.test(head) && /"channel"\s*:\s*\{/.test(head) && /"(dateRange|messages)"\s*:/.test(head);
}

function kindOf(type: string): ArchiveConversationKind {
  if (/^(Direct(Text|Private)Chat|DirectMessage|1)$/.test(type)) return "direct";
  return /^(DirectGroup|GroupDM|3$)/.test(type) ? "group" : "channel";
}

function headOf(file: ExportFile, guild: JsonObject | undefined, channel: JsonObject | undefined): ConversationHead {
  const [id, name] = [wordOf(channel?.["id"], 64), wordOf(channel?.["name"]) ?? fileNameOf(file.path).replace(/\.json$/i, "")];
  const kind = kindOf(asText(channel?.["type"]) ?? "");
  const [server, category] = [wordOf(guild?.["name"]), wordOf(channel?.["category"])];
  const parts = kind === "channel" ? [server, category, `#${name}`] : [name];
  const title = parts.filter((part) => part !== undefined).join(" / ");
  return { service: "discord", key: id ?? title, kind, title: title.slice(0, ARCHIVE_LIMITS.nameMax), people: [] };
}

async function* readChannel(context: ImportContext, file: ExportFile): AsyncGenerator<ImportItem> {
  const facts = new Map<unknown, JsonObject | undefined>();
  let isAnnounced = false;
  const announce = (): ConversationHead | undefined => {
    if (isAnnounced) return undefined;
    isAnnounced = true;
    return headOf(file, facts.get("guild"), facts.get("channel"));
  };
  yield* readRecords(file, context.ports, {
    descend: ([first, second]) => first === undefined || (first === "messages" && second === undefined),
    isMessage: ([first, second]) => first === "messages" && second !== undefined,
    repair: quoteLongNumbers,
    fact: ([name], value) => void facts.set(name, asObject(value)),
    message: (value, { source, neighbour }) => {
      const made = discordMessage(value, { tree: context.tree, file, source, neighbour });
      const head = made === undefined ? undefined : announce();
      return made === undefined || head === undefined ? made : { ...made, head };
    },
  });
  const head = announce();
  if (head !== undefined) yield { kind: "conversation", head };
}

const partNumber = ({ path }: ExportFile): number => Number(/\[part (\d+)\]/i.exec(path)?.[1] ?? 1);

export const discordImporter: Importer = {
  name: "discord",
  claims: isChannel,
  units: (files) =>
    files
      .toSorted((a, b) => partNumber(a) - partNumber(b))
      .map((file) => ({
        id: `discord/${file.place}`,
        service: "discord",
        files: [file],
        read: (context) => readChannel(context, file),
      })),
};
