/** Members that break the rules: their engine does what MLS allows, whatever Sotto's rules say. */
import { type CommitOptions, createCommit, encodeSafeAad, type MlsContext } from "@sotto/mls";
import { type AppendRequest, entryId, NO_TAG, toId } from "@sotto/protocol";
import { type CoreOutcome, epochHashes, epochTokens, openEntry, type Opened } from "@sotto/core";
import { codeOf, crypto, must, NOW } from "./provider.ts";
import type { Seat } from "./people.ts";

export function looseContext(seat: Seat): MlsContext {
  const policy = { authenticate: () => "accept" as const, pastEpochs: 0, resumptionEpochs: 0 };
  return { crypto, random: seat.device.random, now: NOW / 1000, policy };
}

function requestFor(seat: Seat, entry: Pick<AppendRequest, "kind" | "body" | "tag" | "next">): AppendRequest {
  const { epoch, write: token } = must(epochTokens(seat.conversation, seat.device.context));
  return { log: seat.conversation.log, epoch, token, entryId: toId(entryId, seat.device.random(16)), ...entry };
}

/** A commit that only MLS has checked, accepted by the log. The forger stays where it is, as the others will. */
export function forgeCommit(seat: Seat, options: CommitOptions): number {
  const data = encodeSafeAad({ items: [], rest: new Uint8Array(0) });
  const made = must(
    createCommit(
      seat.conversation.mls,
      { authenticatedData: must(data), groupInfo: { ratchetTree: false }, ...options },
      looseContext(seat),
    ),
  );
  seat.conversation = { ...seat.conversation, mls: made.current };
  const next = must(epochHashes({ log: seat.conversation.log, mls: made.next }, seat.device.context));
  return send(seat, requestFor(seat, { kind: "handshake", body: made.message, tag: NO_TAG, next }));
}

export function forgeEntry(seat: Seat, entry: Pick<AppendRequest, "kind" | "body" | "tag" | "next">): number {
  return send(seat, requestFor(seat, entry));
}

export function send(seat: Seat, request: AppendRequest): number {
  const result = seat.device.world.server.append(request);
  if (result === "capability_invalid" || result.outcome === "conflict") throw new Error("not appended");
  return result.seq;
}

/** What each seat says to one entry. */
export function verdicts(seats: readonly Seat[], seq: number): CoreOutcome<Opened>[] {
  return seats.map((seat) => {
    const entry = seat.device.world.server.entry(seat.conversation.log, seq);
    return openEntry(seat.conversation, entry, seat.device.context);
  });
}

export function codesOf(outcomes: readonly CoreOutcome<unknown>[]): string[] {
  return outcomes.map(codeOf);
}
