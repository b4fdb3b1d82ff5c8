/**
 * What a joiner checks when a Welcome resumes another group (RFC 9420 §11.2 ReInit, §11.3 Subgroup Branching).
 */
import { equalBytes, keyText } from "../bytes.ts";
import { encode } from "../codec/writer.ts";
import { check, need } from "../outcome.ts";
import { writeCredential } from "../structs/credential.ts";
import { writeExtensions } from "../structs/extension.ts";
import type { GroupInfo } from "../structs/group-info.ts";
import type { PskId } from "../structs/psk.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import type { GroupState } from "./state.ts";

type Arrived = { readonly info: GroupInfo; readonly tree: RatchetTree };

/** §11.2: the new group is what the committed ReInit announced. */
function checkSuccessor(resumes: GroupState, { info }: Arrived): void {
  const reinit = need(resumes.reinit, "invalid_welcome");
  const { groupContext } = info;
  check(equalBytes(reinit.groupId, groupContext.groupId), "invalid_welcome");
  check(reinit.version === groupContext.version && reinit.suiteId === groupContext.suiteId, "invalid_welcome");
  check(equalBytes(encode(writeExtensions, reinit.extensions), encode(writeExtensions, groupContext.extensions)), "invalid_welcome");
}

/** §11.3: same version and suite, and everybody in the branch is a member of the parent group (by credential). */
function checkBranch(resumes: GroupState, { info, tree }: Arrived): void {
  check(info.groupContext.version === resumes.context.version, "invalid_welcome");
  check(info.groupContext.suiteId === resumes.context.suiteId, "invalid_welcome");
  const known = new Set([...resumes.tree.members()].map(({ leaf }) => keyText(encode(writeCredential, leaf.credential))));
  for (const { leaf } of tree.members()) {
    check(known.has(keyText(encode(writeCredential, leaf.credential))), "invalid_welcome");
  }
}

/** Throws Reject when the Welcome's PSKs and the resumed group do not fit together. */
export function checkResumed(psks: readonly PskId[], resumes: GroupState | undefined, arrived: Arrived): void {
  const special = psks.filter((psk) => psk.kind === "resumption" && psk.usage !== "application");
  check(special.length <= 1, "invalid_welcome");
  const psk = special[0];
  if (psk?.kind !== "resumption") return;
  const group = need(resumes, "unknown_psk");
  check(equalBytes(psk.groupId, group.context.groupId), "invalid_welcome");
  check(arrived.info.groupContext.epoch === 1n, "invalid_welcome");
  if (psk.usage === "reinit") {
    check(psk.epoch === group.context.epoch, "invalid_welcome");
    checkSuccessor(group, arrived);
  } else {
    checkBranch(group, arrived);
  }
}
