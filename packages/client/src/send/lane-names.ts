/** Lanes of the outbox beside those of the logs (spec/client-store.md §Outbox). What waits in one holds up no other. */
import { type DeviceId, idToText, type LogId } from "@sotto/protocol";

const NOTES = "notes ";
const FULL = "inbox ";
const LIMITED = "limited ";

/** A blob that a note names stands in it before the note. */
export const noteLane = (log: LogId): string => `${NOTES}${idToText(log)}`;

export const isNoteLane = (lane: string): boolean => lane.startsWith(NOTES);

/** What waits there depends on when its recipient is online. */
export const isForRoom = (lane: string): boolean => lane.replace(NOTES, "").startsWith(FULL);

/** The same for SQL: `lane LIKE ? OR lane LIKE ?`. */
export const FOR_ROOM: readonly string[] = [`${FULL}%`, `${NOTES}${FULL}%`];

/** Where what could not be delivered to that device waits; undefined if it stays where it is. */
export function apartLane(lane: string, device: DeviceId, why: "inbox_full" | "rate_limited"): string | undefined {
  // No message waits for notes, and how many stand in their lane is counted.
  if (why === "rate_limited" && (isNoteLane(lane) || isForRoom(lane))) return undefined;
  const apart = `${isNoteLane(lane) ? NOTES : ""}${why === "inbox_full" ? FULL : LIMITED}${idToText(device)}`;
  return lane === apart ? undefined : apart;
}
