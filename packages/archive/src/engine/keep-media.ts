/** The files of one message: kept once, whatever their names, and counted whatever becomes of them. */
import { type ArchiveMedia, bytesToBase64url } from "@sotto/protocol";
import { FileDamage } from "../input/export-file.ts";
import { ARCHIVE_LIMITS } from "../limits.ts";
import type { ProblemLog } from "../problems.ts";
import type { MediaDraft } from "../records/draft.ts";
import { sniffType } from "../records/sniff-type.ts";
import type { Tally } from "./report.ts";
import type { ArchiveSink } from "./sink.ts";

type At = { readonly sink: ArchiveSink; readonly tally: Tally; readonly problems: ProblemLog };
type Kept = { readonly media: ArchiveMedia[]; readonly bytes: number; readonly isCompleted: boolean };

/** `before`: what the store has of this message, if it is known. A file that was stored then is not read again, nor one
 * that its owner has deleted since. Changes the tally. */
export async function keepMedia(drafts: readonly MediaDraft[], before: readonly ArchiveMedia[] | undefined, at: At): Promise<Kept> {
  const media: ArchiveMedia[] = [];
  const counts = at.tally.media;
  let [bytes, isCompleted] = [0, false];
  for (const [index, draft] of drafts.entries()) {
    counts.read += 1;
    const known = before?.[index];
    if (known?.state === "stored" || known?.state === "removed") {
      counts.duplicate += 1;
      media.push(known);
    } else if (draft.file === undefined) {
      counts.missing += 1;
      media.push(withoutFile(draft, draft.state));
    } else {
      const made = await keepFile(draft, draft.file, at);
      if (made.state === "stored") {
        bytes += made.bytes ?? 0;
        isCompleted ||= before !== undefined;
      }
      media.push(made);
    }
  }
  return { media, bytes, isCompleted };
}

function withoutFile(draft: MediaDraft, state: ArchiveMedia["state"]): ArchiveMedia {
  const { file: _file, ...rest } = draft;
  return { ...rest, state };
}

async function keepFile(draft: MediaDraft, file: NonNullable<MediaDraft["file"]>, { sink, tally, problems }: At): Promise<ArchiveMedia> {
  if (file.bytes > ARCHIVE_LIMITS.mediaBytesMax) {
    tally.media.skipped += 1;
    problems.add({ path: file.place, code: "media_too_large", at: 0 });
    return withoutFile(draft, "refused");
  }
  try {
    const { sha256, head, isNew } = await sink.keep({ bytes: file.bytes, open: () => exactly(file) });
    if (isNew) tally.media.imported += 1;
    else tally.media.duplicate += 1;
    const type = sniffType(head) ?? draft.type;
    return {
      ...withoutFile(draft, "stored"),
      sha256: bytesToBase64url(sha256),
      bytes: file.bytes,
      ...(type === undefined ? {} : { type }),
    };
  } catch (error) {
    if (!(error instanceof FileDamage)) throw error;
    tally.media.skipped += 1;
    problems.add({ path: file.place, code: error.code, at: 0 });
    return withoutFile(draft, "refused");
  }
}

/** The bytes of a file that has as many as it said, or {@link FileDamage}: what it is sealed for must be known before. */
async function* exactly(file: NonNullable<MediaDraft["file"]>): AsyncGenerator<Uint8Array> {
  let count = 0;
  for await (const chunk of file.open()) {
    count += chunk.length;
    if (count > file.bytes) break;
    yield chunk;
  }
  if (count !== file.bytes) throw new FileDamage("zip_size");
}
