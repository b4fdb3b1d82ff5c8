/** Requests of which a person's one wish makes hundreds: a server that has enough for the moment says how long to wait (spec/log.md §Frames). */
import type { FrameOperation, RequestOf, ResponseOf } from "@sotto/protocol";
import type { Ports } from "../ports.ts";
import type { Asked, Line } from "./line.ts";

/** All waiting for one answer together; after it the failure counts. */
const WAIT_MS_MAX = 30_000;
const WAIT_MS_MIN = 20;
const UNTOLD_WAIT_MS = 1_000;

/** Asks, and asks again after the wait that a `rate_limited` names. */
export async function askPatiently<Name extends FrameOperation>(
  { anonymous, ports }: { readonly anonymous: Pick<Line, "ask">; readonly ports: Pick<Ports, "clock"> },
  operation: Name,
  request: RequestOf<Name>,
): Promise<Asked<ResponseOf<Name>>> {
  for (let waited = 0; ;) {
    const answer = await anonymous.ask(operation, request);
    if (answer.ok || answer.code !== "rate_limited") return answer;
    const waitMs = Math.max(WAIT_MS_MIN, answer.retryAfterMs ?? UNTOLD_WAIT_MS);
    waited += waitMs;
    if (waited > WAIT_MS_MAX) return answer;
    await new Promise<void>((resolve) => void ports.clock.after(waitMs, resolve));
  }
}
