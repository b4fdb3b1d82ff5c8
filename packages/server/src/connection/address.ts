/**
 * Whom the limits for one address count (spec/server.md §Rates), the same at every door. Behind a proxy it is what the proxy saw, the last
 * element of X-Forwarded-For: whoever connects to the proxy can write all the others.
 */
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";

const GROUPS = 8;
/** One home or one machine has a /64 of IPv6, so a limit for a single address would be none. */
const PREFIX_GROUPS = 4;

export function addressOf(request: Pick<IncomingMessage, "headers" | "socket">, trustProxy: boolean): string {
  const forwarded = trustProxy ? request.headers["x-forwarded-for"] : undefined;
  const last = (Array.isArray(forwarded) ? forwarded.at(-1) : forwarded)?.split(",").at(-1)?.trim() ?? "";
  return networkOf(isIP(last) === 0 ? (request.socket.remoteAddress ?? "") : last);
}

/** An IPv4 address as it is, also one that is written as IPv6 (RFC 4291 §2.5.5.2); of IPv6 the /64. */
function networkOf(address: string): string {
  const [plain = ""] = address.split("%");
  if (isIP(plain) !== 6) return plain;
  const groups = groupsOf(plain);
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 0xff])
      .join(".");
  }
  const prefix = groups.slice(0, PREFIX_GROUPS).map((group) => group.toString(16));
  return `${prefix.join(":")}::/64`;
}

function groupsOf(address: string): number[] {
  // The URL parser writes an IPv4 part at the end as two groups.
  const [head = "", tail = ""] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const [left, right] = [head, tail].map((part) => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16))));
  const [start, end] = [left ?? [], right ?? []];
  return [...start, ...Array.from({ length: GROUPS - start.length - end.length }, () => 0), ...end];
}
