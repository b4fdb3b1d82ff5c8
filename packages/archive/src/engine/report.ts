/**
 * The loss report. It balances, for messages and for media:
 *
 *   messages   read = imported + duplicate + skipped + unparsed
 *   media      read = imported + duplicate + missing + skipped
 */
import type { ArchiveService } from "@sotto/protocol";
import type { CountedProblem } from "../problems.ts";
import type { SkipReason } from "../records/draft.ts";

export type MessageCounts = { read: number; imported: number; duplicate: number; skipped: number; unparsed: number };
export type MediaCounts = { read: number; imported: number; duplicate: number; missing: number; skipped: number };

export type LossReport = {
  readonly messages: Readonly<MessageCounts>;
  readonly media: Readonly<MediaCounts>;
  /** Of this import: those that a message of it belongs to or was written by. */
  readonly conversations: number;
  readonly people: number;
  readonly services: readonly ArchiveService[];
  readonly skipped: { readonly [Reason in SkipReason]?: number };
  readonly problems: readonly CountedProblem[];
};

export type Tally = {
  readonly messages: MessageCounts;
  readonly media: MediaCounts;
  readonly skipped: { [Reason in SkipReason]?: number };
};

export function emptyTally(): Tally {
  return {
    messages: { read: 0, imported: 0, duplicate: 0, skipped: 0, unparsed: 0 },
    media: { read: 0, imported: 0, duplicate: 0, missing: 0, skipped: 0 },
    skipped: {},
  };
}

export function isBalanced({ messages, media }: Pick<LossReport, "messages" | "media">): boolean {
  return (
    messages.read === messages.imported + messages.duplicate + messages.skipped + messages.unparsed &&
    media.read === media.imported + media.duplicate + media.missing + media.skipped
  );
}

/** Changes `tally`. */
export function countSkipped(tally: Tally, reason: SkipReason, count: number): void {
  tally.messages.read += count;
  tally.messages.skipped += count;
  tally.skipped[reason] = (tally.skipped[reason] ?? 0) + count;
}

/** Changes `tally`. */
export function countUnparsed(tally: Tally, count: number): void {
  tally.messages.read += count;
  tally.messages.unparsed += count;
}
