/** Telegram's text: a string, or pieces of which some have a style. Spans are counted in UTF-16 units of the joined text. */
import type { ArchiveSpan } from "@sotto/protocol";
import { asObject, asText } from "../../json/fields.ts";
import { ARCHIVE_LIMITS } from "../../limits.ts";

export type StyledText = { readonly text: string; readonly spans: readonly ArchiveSpan[] };

export function telegramText(value: unknown): StyledText {
  if (typeof value === "string") return { text: value, spans: [] };
  if (!Array.isArray(value)) return { text: "", spans: [] };
  let text = "";
  const spans: ArchiveSpan[] = [];
  for (const piece of value) {
    const object = asObject(piece);
    const words = typeof piece === "string" ? piece : (asText(object?.["text"]) ?? "");
    const style = asText(object?.["type"]);
    if (style !== undefined && style !== "plain" && words !== "" && spans.length < ARCHIVE_LIMITS.peopleMax) {
      const href = asText(object?.["href"]);
      spans.push({ start: text.length, length: words.length, style, ...(href === undefined ? {} : { href }) });
    }
    text += words;
    if (text.length > ARCHIVE_LIMITS.textMax) break;
  }
  return { text, spans };
}
