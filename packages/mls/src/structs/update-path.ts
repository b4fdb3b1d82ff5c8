/**
 * UpdatePath (RFC 9420 §7.6)
 *
 *   struct {
 *     HPKEPublicKey encryption_key;
 *     HPKECiphertext encrypted_path_secret<V>;
 *   } UpdatePathNode;
 *
 *   struct {
 *     LeafNode leaf_node;
 *     UpdatePathNode nodes<V>;
 *   } UpdatePath;
 */
import type { Reader } from "../codec/reader.ts";
import type { Writer } from "../codec/writer.ts";
import type { HpkeCiphertext } from "../crypto/provider.ts";
import { LIMITS } from "../limits.ts";
import { readHpkeCiphertext, writeHpkeCiphertext } from "./hpke-ciphertext.ts";
import { type LeafNode, readLeafNode, writeLeafNode } from "./leaf-node.ts";

export type UpdatePathNode = { readonly encryptionKey: Uint8Array; readonly encryptedPathSecrets: readonly HpkeCiphertext[] };

export type UpdatePath = { readonly leafNode: LeafNode; readonly nodes: readonly UpdatePathNode[] };

export function writeUpdatePath(writer: Writer, path: UpdatePath): void {
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
