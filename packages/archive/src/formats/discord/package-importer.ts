/**
 * Discord's data package ("Request all of my data"): only one's own messages, a file for each channel, as JSON or, until 2024, as CSV:
 *
 *   [{"ID": 123, "Timestamp": "2020-01-02 03:04:05.678000+00:00", "Contents": "…", "Attachments": "https://… https://…"}]
 */
import { type ExportFile, FileDamage } from "../../input/export-file.ts";
import { csvRecords } from "../../input/csv.ts";
import { folderOf } from "../../input/safe-path.ts";
import { asInteger, asObject, asText, type JsonObject } from "../../json/fields.ts";
import { readRecords } from "../../json/json-records.ts";
import { ARCHIVE_LIMITS } from "../../limits.ts";
import type { ArchivePorts } from "../../ports.ts";
import { cleanText } from "../../records/clean-text.ts";
import type { ImportItem, MadeDraft, MessageDraft, PersonRef } from "../../records/draft.ts";
import { givenSome, wordOf } from "../../records/given.ts";
import { mediaDraft } from "../../records/media-draft.ts";
import { isPlausible } from "../../records/times.ts";
import type { ImportContext, Importer } from "../format.ts";
import { type PackageFacts, packageFacts, packageHead } from "./data-package.ts";
import { discordText } from "./discord-text.ts";
import { quoteLongNumbers, snowflakeTime } from "./snowflake.ts";

function isOwnMessages(file: ExportFile, head: string): boolean {
  if (/\.csv$/i.test(file.path)) return /^(?:\u00EF\u00BB\u00BF)?ID,Timestamp,Contents,Attachments\r?\n/.test(head);
  if (!/\.json$/i.test(file.path) || !/^(?:\u00EF\u00BB\u00BF)?\s*\[/.test(head)) return false;
  return /"ID"\s*:\s*"?\d/.test(head) && /"Timestamp"\s*:/.test(head) && /"Contents"\s*:/.test(head);
}

/** "2020-01-02 03:04:05[.678000][+00:00]" and ISO; UTC where it says nothing. */
function timeOf(value: unknown): number | undefined {
  const match = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?$/.exec(asText(value) ?? "");
  if (match === null) return undefined;
  const [, date = "", clock = "", fraction = "", offset = "Z"] = match;
  const at = Date.parse(
    `${date}T${clock}${fraction.slice(0, 4)}${/^[+-]\d{4}$/.test(offset) ? `${offset.slice(0, 3)}:${offset.slice(3)}` : offset}`,
  );
  return isPlausible(at) ? at : undefined;
}

/**
 * The time in the id is exact, and is what other exports of the same message say; older packages give seconds only. Where both differ by more than that, what
 * is written counts.
 */
function timeIn(message: JsonObject, id: string): number | undefined {
  const [written, inId] = [timeOf(message["Timestamp"]), snowflakeTime(id)];
  if (written === undefined || inId === undefined) return written ?? inId;
  return Math.floor(written / 1000) === Math.floor(inId / 1000) ? inId : written;
}

type At = { readonly source: MessageDraft["source"]; readonly neighbour: number; readonly owner: PersonRef };

function ownMessage(value: unknown, { source, neighbour, owner }: At): MadeDraft | undefined {
  const message = asObject(value);
  const id = wordOf(message?.["ID"], 64) ?? asInteger(message?.["ID"])?.toString();
  if (message === undefined || id === undefined) return undefined;
  const time = timeIn(message, id);
  const isKnown = isPlausible(time);
  const shown = discordText(asText(message["Contents"]) ?? "", () => undefined);
  const { text, problem } = cleanText(shown.text);
  const addresses = (asText(message["Attachments"]) ?? "").split(/\s+/).filter((address) => address !== "");
  const media = addresses.slice(0, ARCHIVE_LIMITS.mediaPerMessageMax).map((name) => mediaDraft({ name, state: "remote" }));
  const draft: MessageDraft = {
    nativeId: id,
    at: isKnown ? time : neighbour,
    time: isKnown ? { precision: "ms", zone: "utc" } : { precision: "none", zone: "utc" },
    kind: "text",
    text,
    source,
    sender: owner,
    ...givenSome("spans", problem === undefined ? shown.spans : []),
    ...givenSome(
      "links",
      shown.links.map((link) => cleanText(link).text),
    ),
    ...givenSome("media", media),
  };
  return { draft, problems: [...(isKnown ? [] : (["time_implausible"] as const)), ...(problem === undefined ? [] : [problem])] };
}

async function* readCsv({ ports }: ImportContext, file: ExportFile, owner: PersonRef): AsyncGenerator<ImportItem> {
  const problem = (code: Extract<ImportItem, { kind: "problem" }>["problem"]["code"], at: number, lost: number): ImportItem => ({
    kind: "problem",
    problem: { path: file.place, code, at },
    lost,
  });
  let [neighbour, isHeader] = [1, true];
  try {
    for await (const record of csvRecords(file, ports.decodeUtf8)) {
      if (record.kind === "problem") yield problem(record.code, record.at, 1);
      else if (!isHeader && record.fields.some((field) => field !== "")) {
        const [ID, Timestamp, Contents, Attachments] = record.fields;
        const source = { path: file.place, at: record.at, raw: ports.sha256(record.bytes) };
        const made =
          record.fields.length < 3 ? undefined : ownMessage({ ID, Timestamp, Contents, Attachments }, { source, neighbour, owner });
        if (made === undefined) yield problem("record_invalid", record.at, 1);
        else {
          for (const code of made.problems) yield problem(code, record.at, 0);
          neighbour = made.draft.at;
          yield { kind: "message", draft: made.draft };
        }
      }
      isHeader = false;
    }
  } catch (error) {
    if (!(error instanceof FileDamage)) throw error;
    yield problem(error.code, 0, 0);
  }
}

async function* readOwn(context: ImportContext, file: ExportFile, facts: PackageFacts): AsyncGenerator<ImportItem> {
  yield { kind: "conversation", head: await packageHead(context.tree, context.ports, { file, facts }) };
  if (/\.csv$/i.test(file.path)) yield* readCsv(context, file, facts.owner);
  else
    yield* readRecords(file, context.ports, {
      descend: (path) => path.length === 0,
      isMessage: (path) => path.length === 1,
      repair: quoteLongNumbers,
      message: (value, { source, neighbour }) => ownMessage(value, { source, neighbour, owner: facts.owner }),
    });
}

export const discordPackageImporter: Importer = {
  name: "discord-package",
  claims: isOwnMessages,
  units: (files, tree) => {
    const packages = new Map<string, Promise<PackageFacts>>();
    const factsOf = (file: ExportFile, ports: ArchivePorts): Promise<PackageFacts> => {
      const key = `${file.container} ${folderOf(folderOf(file.path))}`;
      const facts = packages.get(key) ?? packageFacts(tree, ports, file);
      packages.set(key, facts);
      return facts;
    };
    return files.map((file) => ({
      id: `discord-package/${file.place}`,
      service: "discord",
      files: [file],
      read: async function* (context) {
        yield* readOwn(context, file, await factsOf(file, context.ports));
      },
    }));
  },
};
