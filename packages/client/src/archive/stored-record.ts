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

/** What this program wrote; a store that was changed by other means may give anything. */
export function fromStored(text: string): Stored {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return JSON.parse(text) as Stored;
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
