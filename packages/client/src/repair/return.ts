/**
 * An invitation into a group that this device knows (spec/groups.md §Returning): it was removed and is asked in again, or somebody repeats himself.
 * The conversation goes on under the name it has here. Anybody can make a group with the same id, so a device that waits to be let in again takes an
 * invitation of those only who were in when it last was; to one that is out, it is an invitation like any other.
 */
import { type Conversation, isActive, memberAccounts } from "@sotto/core";
import { type AccountId, equalBytes, type LogId } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import { newcomers } from "../groups/commit-facts.ts";
import { cameStatements } from "../groups/member-since.ts";
import type { Statement } from "../ports.ts";
import { unsendStatements } from "../send/sent.ts";
import { moveTo, type Place, placeOfGroup, timelineEnd } from "../store/places.ts";
import { sql } from "../store/statements.ts";

const GAP = 4_096;
const HELD_MAX = 4;

export type Returning =
  | { readonly kind: "new" }
  | { readonly kind: "back"; readonly place: Place }
  /** This device is in, as far as it knows. If it reads that it was removed, the invitation counts. */
  | { readonly kind: "hold"; readonly place: Place }
  | { readonly kind: "refused" };

export async function judgeReturn(engine: Engine, joined: Conversation, inviter: AccountId): Promise<Returning> {
  const place = await placeOfGroup(engine.ports.store, joined.mls.context.groupId);
  if (place === undefined) return { kind: "new" };
  const before = await engine.conversations.get(place.log);
  const isMember = memberAccounts(before).some((account) => equalBytes(account, inviter));
  if (joined.kind !== before.kind || (place.isRejoining && !isMember)) return { kind: "refused" };
  return { kind: isActive(before) && !place.isRejoining ? "hold" : "back", place };
}

export async function returnStatements(
  engine: Engine,
  place: Place,
  to: { readonly anchor: LogId; readonly firstSeq: number; readonly joined: Conversation },
): Promise<Statement[]> {
  const isElsewhere = !equalBytes(to.anchor, place.anchor);
  const end = (await timelineEnd(engine.ports.store, place)) + (isElsewhere ? to.firstSeq + GAP : 0);
  const move = { anchor: to.anchor, cursor: to.firstSeq, epochFirst: to.firstSeq, timelineEnd: end };
  const came = newcomers(memberAccounts(to.joined), memberAccounts(await engine.conversations.get(place.log)));
  return [...unsendStatements(place.log), ...moveTo(place, move), ...cameStatements(place.log, came)];
}

/** Keeps the body of an inbox item for later: the last few. */
export function holdStatements(log: LogId, body: Uint8Array): Statement[] {
  const old = "DELETE FROM held WHERE log = ? AND id NOT IN (SELECT id FROM held WHERE log = ? ORDER BY id DESC LIMIT ?)";
  return [sql("INSERT INTO held (log, body) VALUES (?, ?)", log, body), sql(old, log, log, HELD_MAX)];
}
