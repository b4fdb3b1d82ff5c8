/** People in Meta's exports have a name and nothing else; some names stand for everyone who has left. */
import { ARCHIVE_LIMITS } from "../../limits.ts";
import { cleanText } from "../../records/clean-text.ts";
import type { PersonRef } from "../../records/draft.ts";
import { repairMojibake } from "./mojibake.ts";

const PLACEHOLDERS = new Set([
  "",
  "facebook user",
  "instagram user",
  "instagrammer",
  "messenger user",
  "facebook-nutzer",
  "instagram-nutzer",
]);

export function metaPerson(raw: string): PersonRef {
  const { text: name } = cleanText(repairMojibake(raw).trim(), ARCHIVE_LIMITS.nameMax);
  return PLACEHOLDERS.has(name.toLowerCase()) ? { key: name, name, isPlaceholder: true } : { key: name, name };
}
