/**
 * What can be asked of a state (RFC 9420 §8.5 exporter, §8.7 epoch authenticator, §8.4 resumption).
 */
import { draw } from "../crypto/draw.ts";
import { LIMITS } from "../limits.ts";
import { attempt, check, type Outcome } from "../outcome.ts";
import { exportFrom } from "../schedule/key-schedule.ts";
import type { PskId, ResumptionUsage } from "../structs/psk.ts";
import type { CipherSuite, Random } from "../crypto/provider.ts";
import type { KeyPackage } from "../structs/key-package.ts";
import type { Member } from "../tree/ratchet-tree.ts";
import { encodeRatchetTree } from "../tree/tree-codec.ts";
import { type MlsContext, secondsNow, suiteOf } from "./context.ts";
import { keyPackageReference } from "./key-package.ts";
import { checkKeyPackage, checkLifetime } from "./leaf-rules.ts";
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

/** Equal for all members of an epoch; compare it out of band to detect a split. `group_inactive` for a member who was removed. */
export function epochAuthenticator(state: GroupState): Outcome<Uint8Array> {
  return attempt(() => {
    check(state.status !== "removed", "group_inactive");
    return state.secrets.epochAuthenticator.slice();
  });
}

export function members(state: GroupState): Member[] {
  return [...state.tree.members()];
}

/** The ratchet tree as the content of the ratchet_tree extension, for joiners who get it apart from the Welcome. */
export function exportRatchetTree(state: GroupState): Uint8Array {
  return encodeRatchetTree(state.tree);
}

/** An id for a PSK proposal that resumes the present epoch of `state` in a group with `suite`. Throws Reject. */
export function makeResumptionId(
  state: GroupState,
  usage: ResumptionUsage,
  on: { readonly suite: CipherSuite; readonly random: Random },
): PskId {
  const nonce = draw(on.random, on.suite.hashLength);
  return { kind: "resumption", usage, groupId: state.context.groupId, epoch: state.context.epoch, nonce };
}

/** An id for a PSK proposal of the same group or of one with the same suite (§8.4). Successors and branches make their own. */
export function resumptionPskId(state: GroupState, context: Pick<MlsContext, "crypto" | "random">): Outcome<PskId> {
  return attempt(() => {
    check(state.status !== "removed", "group_inactive");
    const suite = suiteOf(context, state.context.suiteId);
    return makeResumptionId(state, "application", { suite, random: context.random });
  });
}

/** KeyPackageRef (§5.2): the name under which a Welcome and a server know a key package. */
export function keyPackageRef(keyPackage: KeyPackage, context: Pick<MlsContext, "crypto">): Outcome<Uint8Array> {
  return attempt(() => keyPackageReference(suiteOf(context, keyPackage.suiteId), keyPackage));
}

/** Whether a key package could be added now: form, keys, signatures (§10.1), lifetime. Its credential is for the caller to judge. */
export function validateKeyPackage(keyPackage: KeyPackage, context: Pick<MlsContext, "crypto" | "now">): Outcome<KeyPackage> {
  return attempt(() => {
    checkKeyPackage(suiteOf(context, keyPackage.suiteId), keyPackage);
    checkLifetime(keyPackage.leafNode, secondsNow(context));
    return keyPackage;
  });
}
