/**
 * Invitations (spec/groups.md §Invitations). A commit makes one Welcome for all whom it adds; each of them gets it with only the own secret, so
 * that its size does not grow with the number of those who join, and none learns who else does before it has the tree.
 */
import { decodeMlsMessage, encodeMlsMessage } from "@sotto/mls";
import type { DeviceAddress } from "../identity/credential.ts";
import { type CoreOutcome, done, failed, fromMls } from "../outcome.ts";

export type Invitation = {
  readonly to: DeviceAddress;
  /** A Welcome (MLSMessage) for this one device. */
  readonly welcome: Uint8Array;
};

/** `added` in the order in which the commit adds. */
export function splitWelcome(message: Uint8Array, added: readonly DeviceAddress[]): CoreOutcome<Invitation[]> {
  const decoded = decodeMlsMessage(message);
  if (!decoded.ok) return fromMls(decoded);
  if (decoded.value.kind !== "welcome" || decoded.value.welcome.secrets.length !== added.length) return failed("conversation_invalid");
  const { welcome } = decoded.value;
  const { secrets } = welcome;
  return done(
    added.map((to, i) => ({
      to,
      welcome: encodeMlsMessage({ kind: "welcome", welcome: { ...welcome, secrets: secrets.slice(i, i + 1) } }),
    })),
  );
}
