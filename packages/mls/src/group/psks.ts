/**
 * Finding pre-shared keys (RFC 9420 §8.4, §8.6) and the rules for their ids.
 */
import { equalBytes } from "../bytes.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { check, need } from "../outcome.ts";
import { pskSecret } from "../schedule/psk-secret.ts";
import type { PskId, ResumptionUsage } from "../structs/psk.ts";
import type { MlsContext } from "./context.ts";
import { type GroupState, resumptionSecret } from "./state.ts";

export type PskSearch = {
  readonly context: MlsContext;
  /** Groups whose resumption PSKs may be used: the group itself, and one that is resumed. */
  readonly groups: readonly GroupState[];
  readonly usages: readonly ResumptionUsage[];
};

/** Form of an id: nonce of Nh bytes; allowed usage. Throws Reject. */
export function checkPskId(suite: CipherSuite, id: PskId, usages: readonly ResumptionUsage[]): void {
  check(id.nonce.length === suite.hashLength, "invalid_psk");
  check(id.kind === "external" || usages.includes(id.usage), "invalid_psk");
}

function findPsk(id: PskId, search: PskSearch): Uint8Array {
  if (id.kind === "resumption") {
    for (const group of search.groups) {
      const secret = equalBytes(group.context.groupId, id.groupId) ? resumptionSecret(group, id.epoch) : undefined;
      if (secret !== undefined) return secret;
    }
  }
  return need(search.context.policy?.psk?.(id), "unknown_psk");
}

/** psk_secret over a list of ids, in order. Throws Reject when one is unknown or malformed. */
export function combinePsks(suite: CipherSuite, ids: readonly PskId[], search: PskSearch): Uint8Array {
  for (const id of ids) checkPskId(suite, id, search.usages);
  return pskSecret(
    suite,
    ids.map((id) => ({ id, secret: findPsk(id, search) })),
  );
}
