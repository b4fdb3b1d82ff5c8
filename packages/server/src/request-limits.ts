/** Limits of requests beyond those of one connection: by account, log and address (spec/server.md §Rates). */
import { accountIdToText, type AnyRequest } from "@sotto/protocol";
import type { Peer } from "./connection/peer.ts";
import { keyOf } from "./log/log-index.ts";
import type { Settings } from "./options.ts";
import { RateTable } from "./rate.ts";

/** What needs no login and is worth guessing at, or costs much. */
const OPEN_DOORS: ReadonlySet<string> = new Set(["account.register", "account.login", "account.recover", "account.kept"]);

/** 0, or the milliseconds to wait. */
export type RequestLimit = (peer: Peer, request: AnyRequest) => number;

export function createRequestLimit({ limits, now }: Settings): RequestLimit {
  const [accounts, logs, addresses] = [new RateTable(limits.account), new RateTable(limits.log), new RateTable(limits.address)];
  const strangersAt = new RateTable(limits.strangersAtAddress);
  const newLogs = new RateTable(limits.newLogsAtAddress);
  const bytes = new RateTable(limits.bytesAtAddress);
  return (peer, { operation, request }) => {
    if (operation === "log.ephemeral") return logs.take(keyOf(request.log), now());
    if (operation === "log.append") {
      return logs.take(keyOf(request.log), now()) || bytes.take(peer.address, now(), request.body.length);
    }
    if (operation === "log.create") return newLogs.take(peer.address, now());
    if (OPEN_DOORS.has(operation)) return addresses.take(peer.address, now());
    if ((operation === "inbox.deliver" || operation === "keyPackages.claim") && request.authorisation.as === "stranger") {
      return strangersAt.take(peer.address, now(), request.devices.length);
    }
    return peer.session === undefined ? 0 : accounts.take(accountIdToText(peer.session.account), now());
  };
}
