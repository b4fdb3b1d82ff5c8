/**
 * What a later report of one message needs (spec/reports.md §Evidence), gathered when the message is opened, since it cannot be had later:
 *
 *   toBeSigned     FramedContentTBS of MLS (RFC 9420 §6.1): group id, epoch, sender's leaf, tag, padded content, GroupContext
 *   signature      over it, by signatureKey, the leaf key of the sender's device
 *   tag, receipt   the commitment, and the server's MAC over it with log, place and time
 *
 * It opens nothing: no message key, group secret or token is in it. It discloses the GroupContext, which holds hashes only.
 */
import type { Evidence } from "@sotto/mls";
import type { LogId } from "@sotto/protocol";
import type { DeviceAddress } from "../identity/credential.ts";

export type MessageEvidence = Evidence & {
  readonly sender: DeviceAddress;
  readonly log: LogId;
  readonly seq: number;
  readonly acceptedAt: number;
  readonly tag: Uint8Array;
  readonly receipt: Uint8Array;
};
