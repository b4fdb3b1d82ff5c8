/**
 * What a joiner checks when a Welcome resumes another group (RFC 9420 §11.2 ReInit, §11.3 Subgroup Branching).
 */
import { equalBytes, keyText } from "../bytes.ts";
import { encode } from "../codec/writer.ts";
import { check, need } from "../outcome.ts";
import { writeCredential } from "../structs/credential.ts";
import { writeExtensions } from "../structs/extension.ts";
import type { GroupInfo } from "../structs/group-info.ts";
import type { PskId, ResumptionUsage } from "../structs/psk.ts";
import type { RatchetTree } from "../tree/ratchet-tree.ts";
import type { Policy } from "./context.ts";
import type { GroupState } from "./state.ts";

type Arrived = { readonly info: GroupInfo; readonly tree: RatchetTree; readonly sameClient: Policy["sameClient"] };

type Members = Pick<RatchetTree, "members">;

/** Every member of `some` is a member of `all`, as the application sees it. */
function isWithin(some: Members, all: Members, sameClient: Policy["sameClient"]): boolean {
  const known = [...all.members()];
  const places = new Map(known.map(({ leaf }) => [keyText(encode(writeCredential, leaf.credential)), leaf.credential]));
  return [...some.members()].every(({ leaf: { credential } }) => {
    const twin = places.get(keyText(encode(writeCredential, credential)));
    if (twin !== undefined && sameClient(twin, credential)) return true;
    return known.some(({ leaf }) => sameClient(leaf.credential, credential));
  });
}

/** §12.4.3.1: the new group is what the committed ReInit announced, and brings along everybody. */
function checkSuccessor(resumes: GroupState, { info, tree, sameClient }: Arrived): void {
  const reinit = need(resumes.reinit, "invalid_welcome");
  const { groupContext } = info;
  check(equalBytes(reinit.groupId, groupContext.groupId), "invalid_welcome");
  check(reinit.version === groupContext.version && reinit.suiteId === groupContext.suiteId, "invalid_welcome");
  check(equalBytes(encode(writeExtensions, reinit.extensions), encode(writeExtensions, groupContext.extensions)), "invalid_welcome");
  check(isWithin(resumes.tree, tree, sameClient), "invalid_welcome");
}

/** §11.3: same version and suite, and everybody in the branch is a member of the parent group. */
function checkBranch(resumes: GroupState, { info, tree, sameClient }: Arrived): void {
  check(info.groupContext.version === resumes.context.version, "invalid_welcome");
  check(info.groupContext.suiteId === resumes.context.suiteId, "invalid_welcome");
  check(isWithin(tree, resumes.tree, sameClient), "invalid_welcome");
}

/** What joiners will check of the members (§12.4.3.1): everybody comes along, or nobody new. Throws Reject `usage`. */
export function checkBroughtAlong(
  resumes: GroupState,
  made: { usage: ResumptionUsage; tree: Members },
  sameClient: Policy["sameClient"],
): void {
  const [some, all] = made.usage === "reinit" ? [resumes.tree, made.tree] : [made.tree, resumes.tree];
  check(isWithin(some, all, sameClient), "usage");
}

/** Throws Reject when the Welcome's PSKs and the resumed group do not fit together. */
export function checkResumed(psks: readonly PskId[], resumes: GroupState | undefined, arrived: Arrived): void {
  const special = psks.filter((psk) => psk.kind === "resumption" && psk.usage !== "application");
  check(special.length <= 1, "invalid_welcome");
  const psk = special[0];
  check((psk === undefined) === (resumes === undefined), resumes === undefined ? "unknown_psk" : "invalid_welcome");
  if (psk?.kind !== "resumption") return;
  const group = need(resumes, "unknown_psk");
  check(equalBytes(psk.groupId, group.context.groupId), "invalid_welcome");
  check(arrived.info.groupContext.epoch === 1n, "invalid_welcome");
  if (psk.usage === "reinit") {
    check(psk.epoch === group.context.epoch, "invalid_welcome");
    checkSuccessor(group, arrived);
  } else {
    // Of a closed group the caller expects the successor, which has everybody in it.
    check(group.status === "active", "invalid_welcome");
    checkBranch(group, arrived);
  }
}
