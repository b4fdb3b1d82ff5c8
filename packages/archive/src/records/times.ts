/** Times of messages: what is outside of 1970 to 2200 is damage, and gets the time of the message before it. */
import { ARCHIVE_TIME_MAX, type ArchiveTime } from "@sotto/protocol";

export const UTC_MS: ArchiveTime = { precision: "ms", zone: "utc" };

export function isPlausible(at: number | undefined): at is number {
  return at !== undefined && Number.isSafeInteger(at) && at > 0 && at < ARCHIVE_TIME_MAX;
}
