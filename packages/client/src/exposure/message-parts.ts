/** What of a message is looked at: its text, and what an imported one has besides. */
import type { Row } from "../ports.ts";
import { fromStored } from "../archive/stored-record.ts";
import { textIn } from "../store/statements.ts";

type MessageText = { readonly part: "text" | "caption" | "edit" | "quote"; readonly text: string };
export type MessageParts = {
  /** Its files that are on the shelf, by their SHA-256 in base64url. */
  readonly files: readonly { readonly sha256: string; readonly name: string; readonly isPicture: boolean }[];
  readonly texts: readonly MessageText[];
  readonly place: { readonly latitude: number; readonly longitude: number } | undefined;
};

/** Most records have none of these, and are not parsed. */
const MORE = /"(?:caption|edits|reply|place|sha256)":/;

export function partsOf(row: Row): MessageParts {
  const texts: MessageText[] = [{ part: "text", text: textIn(row, "text") }];
  const stored = row["imported"];
  if (typeof stored !== "string" || !MORE.test(stored)) return { texts, files: [], place: undefined };
  const { media = [], edits = [], reply, place } = fromStored(stored);
  for (const { caption } of media) if (caption !== undefined) texts.push({ part: "caption", text: caption });
  for (const { text } of edits) texts.push({ part: "edit", text });
  if (reply?.text !== undefined) texts.push({ part: "quote", text: reply.text });
  const { latitude, longitude } = place ?? {};
  const files = media.flatMap(({ state, sha256, name, kind }) =>
    state === "stored" && sha256 !== undefined ? [{ sha256, name, isPicture: kind === "photo" || kind === "file" }] : [],
  );
  return { texts, files, place: latitude === undefined || longitude === undefined ? undefined : { latitude, longitude } };
}
