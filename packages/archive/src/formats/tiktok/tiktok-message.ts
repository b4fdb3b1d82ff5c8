/** One direct message of TikTok's export: a time in UTC, a name, a text. Videos and stickers are addresses in the text; there are no files. */
import { asObject, asText, fieldsBeside } from "../../json/fields.ts";
import { cleanText } from "../../records/clean-text.ts";
import type { MadeDraft, MessageDraft } from "../../records/draft.ts";
import { given, givenSome, wordOf } from "../../records/given.ts";
import { statedTime } from "../../records/stated-time.ts";

const KNOWN = new Set(["Date", "From", "Content"]);
const LINK = /https?:\/\/[^\s<>"]{1,4000}/g;

export function tiktokMessage(
  value: unknown,
  at: { readonly source: MessageDraft["source"]; readonly neighbour: number },
): MadeDraft | undefined {
  const record = asObject(value);
  const from = wordOf(record?.["From"]);
  if (record === undefined || (from === undefined && !("Date" in record))) return undefined;
  const time = statedTime(record["Date"]);
  const { text, problem } = cleanText(asText(record["Content"]) ?? "");
  const links = [...text.matchAll(LINK)].slice(0, 1000).map(([link]) => link);
  const draft: MessageDraft = {
    at: time ?? at.neighbour,
    time: { precision: time === undefined ? "none" : "s", zone: "utc" },
    kind: "text",
    text,
    source: at.source,
    ...given("sender", from === undefined ? undefined : { key: from, name: from }),
    ...givenSome("links", links),
    ...given("extra", fieldsBeside(record, KNOWN)),
  };
  return { draft, problems: [...(time === undefined ? (["time_implausible"] as const) : []), ...(problem === undefined ? [] : [problem])] };
}
