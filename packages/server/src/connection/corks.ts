/**
 * What goes to one connection during one turn of the event loop leaves in one write: answers and pushes together. A write costs a system call and,
 * with TLS, a record, which is more than all else about a small frame.
 */
import type { Duplex } from "node:stream";

let held: Duplex[] = [];

/** Holds back what is written to the stream until the promises of this turn have run. */
export function holdUntilTurnEnds(stream: Duplex): void {
  if (stream.writableCorked > 0) return;
  stream.cork();
  held.push(stream);
  // Answers are given by promises. Those run to the end before the next tick that one of them asks for.
  if (held.length === 1) queueMicrotask(() => process.nextTick(release));
}

function release(): void {
  const streams = held;
  held = [];
  for (const stream of streams) stream.uncork();
}
