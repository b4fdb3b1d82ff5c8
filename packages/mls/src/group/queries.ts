/**
 * What can be asked of a state (RFC 9420 §8.5 exporter, §8.7 epoch authenticator, §8.4 resumption).
 */
import { LIMITS } from "../limits.ts";
import { attempt, check, type Outcome } from "../outcome.ts";
import { exportFrom } from "../schedule/key-schedule.ts";
import type { PskId, ResumptionUsage } from "../structs/psk.ts";
import type { Random } from "../crypto/provider.ts";
import type { Member } from "../tree/ratchet-tree.ts";
import { encodeRatchetTree } from "../tree/tree-codec.ts";
import { type MlsContext, suiteOf } from "./context.ts";
import type { GroupState } from "./state.ts";

export type ExportRequest = { readonly label: string; readonly context: Uint8Array; readonly length: number };

/** MLS-Exporter of the present epoch; the label is printable ASCII, `length` in bytes, at most 255 hash lengths. */
export function exportSecret(state: GroupState, request: ExportRequest, context: MlsContext): Outcome<Uint8Array> {
  return attempt(() => {
    check(state.status !== "removed", "group_inactive");
    const suite = suiteOf(context, state.context.suiteId);
    check(Number.isInteger(request.length) && request.length > 0 && request.length <= 255 * suite.hashLength, "usage");
    check(request.label.length <= LIMITS.groupIdBytesMax && /^[\x20-\x7e]*$/.test(request.label), "usage");
    return exportFrom(suite, state.secrets.exporter, request);
  });
}

/** Equal for all members of an epoch; compare it out of band to detect a split. */
export function epochAuthenticator(state: GroupState): Uint8Array {
  return state.secrets.epochAuthenticator.slice();
}

export function members(state: GroupState): Member[] {
  return [...state.tree.members()];
}

/** The ratchet tree as the content of the ratchet_tree extension, for joiners who get it apart from the Welcome. */
export function exportRatchetTree(state: GroupState): Uint8Array {
  return encodeRatchetTree(state.tree);
}

/** An id for a PSK proposal that resumes an epoch of this group. */
export function resumptionPskId(
  state: GroupState,
  usage: ResumptionUsage,
  on: { readonly nonceLength: number; readonly random: Random },
): PskId {
  return { kind: "resumption", usage, groupId: state.context.groupId, epoch: state.context.epoch, nonce: on.random(on.nonceLength) };
}
