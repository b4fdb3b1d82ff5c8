/**
 * A state for people: what a developer wants to see of a group, without a single secret.
 */
import { toHex } from "../bytes.ts";
import type { GroupState } from "../group/state.ts";
import { type Credential, credentialType } from "../structs/credential.ts";
import { proposalType } from "../structs/proposal.ts";
import { isLeaf, level } from "../tree/math.ts";

function short(bytes: Uint8Array): string {
  return bytes.length <= 8 ? toHex(bytes) : `${toHex(bytes.subarray(0, 8))}…`;
}

/** Text where the bytes are printable ASCII, hexadecimal otherwise. */
function readable(bytes: Uint8Array): string {
  const isPrintable = bytes.length > 0 && bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
  return isPrintable ? `"${String.fromCharCode(...bytes.subarray(0, 64))}"` : short(bytes);
}

function nameOf(credential: Credential): string {
  if (credential.kind === "basic") return readable(credential.identity);
  return credential.kind === "x509"
    ? `X.509, ${credential.certificates.length} certificates`
    : `credential type ${credentialType(credential)}`;
}

function nodeLine(state: GroupState, index: number): string {
  const node = state.tree.node(index);
  const own = state.privateKeys.has(index) ? " (private key here)" : "";
  const place = `${"  ".repeat(level(index))}${isLeaf(index) ? `leaf ${index / 2}` : `node ${index}`}`;
  if (node === undefined) return `${place}: blank`;
  if (node.kind === "leaf") return `${place}: ${nameOf(node.leaf.credential)}, ${node.leaf.source.kind}${own}`;
  const { unmergedLeaves } = node.parent;
  return `${place}: key ${short(node.parent.encryptionKey)}${unmergedLeaves.length > 0 ? `, unmerged ${unmergedLeaves.join(" ")}` : ""}${own}`;
}

export type InspectOptions = {
  /** Nodes of the tree to print at most (default 64). */
  readonly nodesMax?: number;
};

export function inspectState(state: GroupState, options: InspectOptions = {}): string {
  const { context, tree } = state;
  const shown = Math.min(tree.width, options.nodesMax ?? 64);
  const lines = [
    `group ${readable(context.groupId)}, ${state.status}, epoch ${context.epoch}, suite 0x${context.suiteId.toString(16).padStart(4, "0")}`,
    `own leaf ${state.ownLeafIndex}, members ${[...tree.members()].length}, places ${tree.leafCapacity}`,
    `tree hash ${short(context.treeHash)}, confirmed transcript hash ${short(context.confirmedTranscriptHash)}`,
    `extensions ${context.extensions.map(({ type }) => type).join(" ") || "none"}`,
    `pending proposals ${state.proposals.map(({ proposal }) => `${proposal.kind} (${proposalType(proposal)})`).join(", ") || "none"}`,
    `past epochs kept ${state.pastEpochs.map((past) => past.context.epoch).join(" ") || "none"}`,
    ...Array.from({ length: shown }, (_, index) => nodeLine(state, index)),
  ];
  if (shown < tree.width) lines.push(`and ${tree.width - shown} nodes more`);
  return lines.join("\n");
}
