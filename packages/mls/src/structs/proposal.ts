/**
 * Proposal (RFC 9420 §12.1; SelfRemove of draft-ietf-mls-extensions)
 *
 *   ProposalType proposal_type; select:
 *     add(1): KeyPackage · update(2): LeafNode · remove(3): uint32 removed · psk(4): PreSharedKeyID
 *     reinit(5): opaque group_id<V>; ProtocolVersion version; CipherSuite cipher_suite; Extension extensions<V>
 *     external_init(6): opaque kem_output<V> · group_context_extensions(7): Extension extensions<V> · self_remove(10): empty
 *
 * Any other type is read as `opaque<V>`: that is this package's convention for custom proposals.
 */
import type { Reader } from "../codec/reader.ts";
import type { Writer } from "../codec/writer.ts";
import { LIMITS } from "../limits.ts";
import { type Extension, readExtensions, writeExtensions } from "./extension.ts";
import { type KeyPackage, readKeyPackage, writeKeyPackage } from "./key-package.ts";
import { type LeafNode, readLeafNode, writeLeafNode } from "./leaf-node.ts";
import { type PskId, readPskId, writePskId } from "./psk.ts";

export const PROPOSAL = {
  add: 1,
  update: 2,
  remove: 3,
  psk: 4,
  reinit: 5,
  externalInit: 6,
  groupContextExtensions: 7,
  selfRemove: 0x000a,
} as const;

export type ReInit = {
  readonly kind: "reinit";
  readonly groupId: Uint8Array;
  readonly version: number;
  readonly suiteId: number;
  readonly extensions: readonly Extension[];
};

export type Proposal =
  | { readonly kind: "add"; readonly keyPackage: KeyPackage }
  | { readonly kind: "update"; readonly leafNode: LeafNode }
  | { readonly kind: "remove"; readonly removed: number }
  | { readonly kind: "psk"; readonly psk: PskId }
  | ReInit
  | { readonly kind: "externalInit"; readonly kemOutput: Uint8Array }
  | { readonly kind: "groupContextExtensions"; readonly extensions: readonly Extension[] }
  | { readonly kind: "selfRemove" }
  | { readonly kind: "custom"; readonly type: number; readonly data: Uint8Array };

export function proposalType(proposal: Proposal): number {
  return proposal.kind === "custom" ? proposal.type : PROPOSAL[proposal.kind];
}

/** Types that every client supports and that Capabilities do not list (§7.2). */
export function isDefaultProposal(type: number): boolean {
  return type >= PROPOSAL.add && type <= PROPOSAL.groupContextExtensions;
}

export function writeProposal(writer: Writer, proposal: Proposal): void {
  writer.u16(proposalType(proposal));
  switch (proposal.kind) {
    case "add":
      return writeKeyPackage(writer, proposal.keyPackage);
    case "update":
      return writeLeafNode(writer, proposal.leafNode);
    case "remove":
      writer.u32(proposal.removed);
      return;
    case "psk":
      return writePskId(writer, proposal.psk);
    case "reinit":
      writer.opaque(proposal.groupId).u16(proposal.version).u16(proposal.suiteId);
      return writeExtensions(writer, proposal.extensions);
    case "externalInit":
      writer.opaque(proposal.kemOutput);
      return;
    case "groupContextExtensions":
      return writeExtensions(writer, proposal.extensions);
    case "selfRemove":
      return;
    case "custom":
      writer.opaque(proposal.data);
  }
}

export function readProposal(reader: Reader): Proposal {
  const type = reader.u16();
  switch (type) {
    case PROPOSAL.add:
      return { kind: "add", keyPackage: readKeyPackage(reader) };
    case PROPOSAL.update:
      return { kind: "update", leafNode: readLeafNode(reader) };
    case PROPOSAL.remove:
      return { kind: "remove", removed: reader.u32() };
    case PROPOSAL.psk:
      return { kind: "psk", psk: readPskId(reader) };
    case PROPOSAL.reinit:
      return {
        kind: "reinit",
        groupId: reader.opaque(LIMITS.groupIdBytesMax),
        version: reader.u16(),
        suiteId: reader.u16(),
        extensions: readExtensions(reader),
      };
    case PROPOSAL.externalInit:
      return { kind: "externalInit", kemOutput: reader.opaque(0xffff) };
    case PROPOSAL.groupContextExtensions:
      return { kind: "groupContextExtensions", extensions: readExtensions(reader) };
    case PROPOSAL.selfRemove:
      return { kind: "selfRemove" };
    default:
      return { kind: "custom", type, data: reader.opaque() };
  }
}
