/**
 * Commit (RFC 9420 §12.4)
 *
 *   struct {
 *     ProposalOrRefType type;                 proposal(1), reference(2)
 *     select (ProposalOrRef.type) {
 *       case proposal: Proposal proposal;
 *       case reference: ProposalRef reference;
 *     };
 *   } ProposalOrRef;
 *
 *   struct {
 *     ProposalOrRef proposals<V>;
 *     optional<UpdatePath> path;
 *   } Commit;
 */
import type { Reader } from "../codec/reader.ts";
import type { Writer } from "../codec/writer.ts";
import { LIMITS } from "../limits.ts";
import { Reject } from "../outcome.ts";
import { type Proposal, readProposal, writeProposal } from "./proposal.ts";
import { readUpdatePath, type UpdatePath, writeUpdatePath } from "./update-path.ts";

type ProposalOrRef =
  { readonly kind: "proposal"; readonly proposal: Proposal } | { readonly kind: "reference"; readonly reference: Uint8Array };

export type Commit = { readonly proposals: readonly ProposalOrRef[]; readonly path: UpdatePath | undefined };

export function writeCommit(writer: Writer, commit: Commit): void {
  writer.vector(commit.proposals, (w, item) => {
    if (item.kind === "proposal") writeProposal(w.u8(1), item.proposal);
    else w.u8(2).opaque(item.reference);
  });
  writer.optional(commit.path, writeUpdatePath);
}

function readProposalOrRef(reader: Reader): ProposalOrRef {
  const kind = reader.u8();
  if (kind === 1) return { kind: "proposal", proposal: readProposal(reader) };
  if (kind === 2) return { kind: "reference", reference: reader.opaque(255) };
  throw new Reject("decode_invalid");
}

export function readCommit(reader: Reader): Commit {
  return { proposals: reader.vector(readProposalOrRef, LIMITS.proposalsPerCommitMax), path: reader.optional(readUpdatePath) };
}
