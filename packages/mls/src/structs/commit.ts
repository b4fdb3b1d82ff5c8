/**
 * Commit and UpdatePath (RFC 9420 §12.4, §7.6)
 *
 *   struct { ProposalOrRef proposals<V>; optional<UpdatePath> path; } Commit;
 *   ProposalOrRef: proposal(1): Proposal; reference(2): opaque ProposalRef<V>
 *   struct { LeafNode leaf_node; UpdatePathNode nodes<V>; } UpdatePath;
 *   struct { HPKEPublicKey encryption_key; HPKECiphertext encrypted_path_secret<V>; } UpdatePathNode;
 *   struct { opaque kem_output<V>; opaque ciphertext<V>; } HPKECiphertext;
 */
import type { Reader } from "../codec/reader.ts";
import type { Writer } from "../codec/writer.ts";
import type { HpkeCiphertext } from "../crypto/provider.ts";
import { LIMITS } from "../limits.ts";
import { Reject } from "../outcome.ts";
import { type LeafNode, readLeafNode, writeLeafNode } from "./leaf-node.ts";
import { type Proposal, readProposal, writeProposal } from "./proposal.ts";

type ProposalOrRef =
  { readonly kind: "proposal"; readonly proposal: Proposal } | { readonly kind: "reference"; readonly reference: Uint8Array };

export type UpdatePathNode = { readonly encryptionKey: Uint8Array; readonly encryptedPathSecrets: readonly HpkeCiphertext[] };
export type UpdatePath = { readonly leafNode: LeafNode; readonly nodes: readonly UpdatePathNode[] };
export type Commit = { readonly proposals: readonly ProposalOrRef[]; readonly path: UpdatePath | undefined };

export function writeHpkeCiphertext(writer: Writer, sealed: HpkeCiphertext): void {
  writer.opaque(sealed.kemOutput).opaque(sealed.ciphertext);
}

export function readHpkeCiphertext(reader: Reader): HpkeCiphertext {
  return { kemOutput: reader.opaque(0xffff), ciphertext: reader.opaque() };
}

function writeUpdatePath(writer: Writer, path: UpdatePath): void {
  writeLeafNode(writer, path.leafNode);
  writer.vector(path.nodes, (w, node) => w.opaque(node.encryptionKey).vector(node.encryptedPathSecrets, writeHpkeCiphertext));
}

export function readUpdatePath(reader: Reader): UpdatePath {
  return {
    leafNode: readLeafNode(reader),
    nodes: reader.vector(
      (r) => ({ encryptionKey: r.opaque(0xffff), encryptedPathSecrets: r.vector(readHpkeCiphertext, LIMITS.leavesMax) }),
      LIMITS.pathNodesMax,
    ),
  };
}

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
