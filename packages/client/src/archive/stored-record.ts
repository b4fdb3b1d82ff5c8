/**
 * The part of an imported message that has no column of its own, as JSON in `messages.imported`:
 *
 *   {"t": [precision, zone], "s": [number of the file, place, raw hash], …}      "t" is absent for ["ms", "utc"]; the rest as in the record
 */
import { type ArchiveDetails, type ArchiveMessage, type ArchiveTime, bytesToBase64url } from "@sotto/protocol";
import type { Row } from "../ports.ts";
import { bytesIn, numberIn, oneOf, textIn } from "../store/statements.ts";
import { ARCHIVE_MESSAGE_KINDS } from "@sotto/protocol";

type Stored = Omit<ArchiveDetails, "time" | "source"> & {
  readonly t?: readonly [ArchiveTime["precision"], ArchiveTime["zone"]];
  readonly s: readonly [file: number, at: number, raw: string];
};

export function toStored(record: ArchiveMessage, file: number): string {
  const { id: _id, at: _at, sender: _sender, kind: _kind, text: _text, time, source, ...rest } = record;
  const t = time.precision === "ms" && time.zone === "utc" ? {} : { t: [time.precision, time.zone] as const };
  const stored: Stored = { ...rest, ...t, s: [file, source.at, source.raw] };
  return JSON.stringify(stored);
}

/** Of a message whose rest cannot be read: it still has its text, sender and time, and says so. */
const DAMAGED: Stored = { s: [0, 0, "AAAAAAAAAAAAAAAAAAAAAA"], doubt: "what is stored beside the text is damaged" };
const LISTS = ["spans", "media", "reactions", "edits", "links"] as const;

function isStored(value: unknown): value is Stored {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const fields: { readonly [key: string]: unknown } = { ...value };
  const { s, t } = fields;
  const [file, at, raw]: readonly unknown[] = Array.isArray(s) ? s : [];
  const isPlaced = Number.isSafeInteger(file) && Number.isSafeInteger(at) && typeof raw === "string";
  const isTimed = t === undefined || (Array.isArray(t) && t.length === 2 && t.every((word) => typeof word === "string"));
  return isPlaced && isTimed && LISTS.every((name) => fields[name] === undefined || Array.isArray(fields[name]));
}

/** What this program wrote. */
export function fromStored(text: string): Stored {
  try {
    const value: unknown = JSON.parse(text);
    return isStored(value) ? value : DAMAGED;
  } catch {
    return DAMAGED;
  }
}

export const NOBODY = new Uint8Array(32);

/** A row of `messages` joined with `path` of archive_files. */
export function recordFrom(row: Row): ArchiveMessage {
  const { t, s, ...rest } = fromStored(textIn(row, "imported"));
  const sender = bytesIn(row, "sender");
  const [precision, zone] = t ?? ["ms", "utc"];
  const [, place, raw] = s;
  return {
    id: bytesToBase64url(bytesIn(row, "local_id")),
    at: numberIn(row, "at"),
    ...(sender.every((byte) => byte === 0) ? {} : { sender: bytesToBase64url(sender) }),
    kind: oneOf(row, "kind", ARCHIVE_MESSAGE_KINDS),
    text: textIn(row, "text"),
    time: { precision, zone },
    ...rest,
    source: { path: textIn(row, "path"), at: place, raw },
  };
}
