/** Discord's text, where an exporter left its marks in: `<@id>`, `<@!id>`, `<@&id>`, `<#id>`, `<:name:id>`, `<a:name:id>`. */
import type { ArchiveSpan } from "@sotto/protocol";

const MARK = /<(@!?|@&|#)(\d{15,20})>|<a?:(\w{1,64}):\d{15,20}>/g;
const LINK = /https?:\/\/[^\s<>"]{1,4000}/g;
const MANY = 10_000;

export type DiscordText = { readonly text: string; readonly spans: readonly ArchiveSpan[]; readonly links: readonly string[] };

/** `nameOf` gives the name of a person, or undefined. */
export function discordText(raw: string, nameOf: (id: string) => string | undefined): DiscordText {
  const spans: ArchiveSpan[] = [];
  let [text, from] = ["", 0];
  for (const match of raw.matchAll(MARK)) {
    const [whole, sign, id = "", emoji] = match;
    text += raw.slice(from, match.index);
    from = match.index + whole.length;
    const shown = emoji !== undefined ? `:${emoji}:` : sign === "#" ? `#${id}` : `@${nameOf(id) ?? id}`;
    const style = emoji !== undefined ? "custom_emoji" : sign === "#" ? "channel" : "mention";
    if (spans.length < MANY) spans.push({ start: text.length, length: shown.length, style });
    text += shown;
  }
  text += raw.slice(from);
  const links = [...text.matchAll(LINK)].slice(0, MANY).map(([link]) => link);
  return { text, spans, links };
}
