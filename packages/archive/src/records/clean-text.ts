/** Text as the store can keep it: no lone surrogate, no NUL, bounded. What was changed is said. */
import { isWellFormedText } from "@sotto/protocol";
import { ARCHIVE_LIMITS } from "../limits.ts";

const LONE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

export type CleanText = { readonly text: string; readonly problem?: "text_repaired" | "text_truncated" };

export function cleanText(raw: string, max: number = ARCHIVE_LIMITS.textMax): CleanText {
  const isShort = raw.length <= max;
  const text = isShort ? raw : raw.slice(0, max);
  if (!text.includes("\0") && isWellFormedText(text)) return isShort ? { text } : { text, problem: "text_truncated" };
  return { text: text.replaceAll("\0", "\uFFFD").replaceAll(LONE, "\uFFFD"), problem: isShort ? "text_repaired" : "text_truncated" };
}
