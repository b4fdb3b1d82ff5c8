/**
 * Between the JSON in which openmls-wasm stores key packages and trees, and the wire format of RFC 9420.
 */
import type { Bytes } from "./peer.ts";

interface Vec {
  readonly vec: readonly number[];
}

export interface StoredLeaf {
  readonly payload: {
    readonly encryption_key: { readonly key: Vec };
    readonly signature_key: { readonly value: Vec };
    readonly credential: { readonly credential_type: string; readonly serialized_credential_content: Vec };
    readonly capabilities: {
      readonly versions: readonly string[];
      readonly ciphersuites: readonly number[];
      readonly extensions: readonly unknown[];
      readonly proposals: readonly unknown[];
      readonly credentials: readonly string[];
    };
    readonly leaf_node_source:
      "Update" | { readonly KeyPackage: { readonly not_before: number; readonly not_after: number } } | { readonly Commit: Vec };
    readonly extensions: { readonly unique: readonly unknown[] };
  };
  readonly signature: { readonly value: Vec };
}

export interface StoredKeyPackage {
  readonly key_package: {
    readonly payload: {
      readonly ciphersuite: string;
      readonly init_key: { readonly key: Vec };
      readonly leaf_node: StoredLeaf;
      readonly extensions: { readonly unique: readonly unknown[] };
    };
    readonly signature: { readonly value: Vec };
  };
}

export interface StoredTree {
  readonly tree: {
    readonly leaf_nodes: readonly { readonly node: StoredLeaf | null }[];
    readonly parent_nodes: readonly { readonly node: StoredParent | null }[];
  };
  readonly tree_hash: readonly number[];
}

interface StoredParent {
  readonly encryption_key: { readonly key: Vec };
  readonly parent_hash: Vec;
  readonly unmerged_leaves: { readonly list: readonly number[] };
}

const u16 = (value: number): number[] => [value >> 8, value & 0xff];
const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value & 0xffff)];
const u64 = (value: number): number[] => [...u32(Math.floor(value / 2 ** 32)), ...u32(value % 2 ** 32)];

function vector(content: readonly number[]): number[] {
  const { length } = content;
  const prefix = length < 64 ? [length] : length < 16384 ? [0x40 | (length >> 8), length & 0xff] : u32((0x80000000 | length) >>> 0);
  return [...prefix, ...content];
}

const chaCha = "MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519";
const mls10 = u16(1);
const basic = u16(1);

function empty(list: readonly unknown[]): number[] {
  if (list.length > 0) throw new Error(`openmls-wasm: unexpected extensions or proposals ${JSON.stringify(list)}`);
  return vector([]);
}

function leafSource(source: StoredLeaf["payload"]["leaf_node_source"]): number[] {
  if (source === "Update") return [2];
  if ("Commit" in source) return [3, ...vector(source.Commit.vec)];
  return [1, ...u64(source.KeyPackage.not_before), ...u64(source.KeyPackage.not_after)];
}

function encodeLeaf({ payload, signature }: StoredLeaf): number[] {
  const { capabilities } = payload;
  return [
    ...vector(payload.encryption_key.key.vec),
    ...vector(payload.signature_key.value.vec),
    ...basic,
    ...vector(payload.credential.serialized_credential_content.vec),
    ...vector(capabilities.versions.flatMap(() => mls10)),
    ...vector(capabilities.ciphersuites.flatMap(u16)),
    ...empty(capabilities.extensions),
    ...empty(capabilities.proposals),
    ...vector(capabilities.credentials.flatMap(() => basic)),
    ...leafSource(payload.leaf_node_source),
    ...empty(payload.extensions.unique),
    ...vector(signature.value.vec),
  ];
}

/** As MLSMessage. */
export function encodeKeyPackage({ key_package: { payload, signature } }: StoredKeyPackage): Bytes {
  if (payload.ciphersuite !== chaCha) throw new Error(`openmls-wasm: unexpected suite ${payload.ciphersuite}`);
  const content = [
    ...mls10,
    ...u16(3),
    ...vector(payload.init_key.key.vec),
    ...encodeLeaf(payload.leaf_node),
    ...empty(payload.extensions.unique),
  ];
  return Uint8Array.from([...mls10, ...u16(5), ...content, ...vector(signature.value.vec)]);
}

/** `optional<Node> ratchet_tree<V>`: leaves and parents alternate, and the trailing blanks are left out. */
export function encodeRatchetTree({ tree }: StoredTree): Bytes {
  const nodes = tree.leaf_nodes.flatMap(({ node }, index) => {
    const parent = tree.parent_nodes[index]?.node;
    return [
      node === null ? [0] : [1, 1, ...encodeLeaf(node)],
      parent === undefined || parent === null ? [0] : [1, 2, ...encodeParent(parent)],
    ];
  });
  while (nodes.at(-1)?.length === 1) nodes.pop();
  return Uint8Array.from(vector(nodes.flat()));
}

function encodeParent(parent: StoredParent): number[] {
  return [...vector(parent.encryption_key.key.vec), ...vector(parent.parent_hash.vec), ...vector(parent.unmerged_leaves.list.flatMap(u32))];
}

/** The fields of a key package that may differ from another of the same shape. */
export interface KeyPackageFields {
  readonly initKey: Bytes;
  readonly encryptionKey: Bytes;
  readonly signatureKey: Bytes;
  readonly identity: Bytes;
  readonly capabilities: Bytes;
  readonly notBefore: Bytes;
  readonly notAfter: Bytes;
  readonly leafSignature: Bytes;
  readonly signature: Bytes;
}

/** Reads a key package of a basic credential without extensions; throws on any other. */
export function keyPackageFields(message: Bytes): KeyPackageFields {
  let at = 0;
  const take = (length: number): Bytes => message.slice(at, (at += length));
  const takeVector = (): Bytes => {
    const first = message[at] ?? 0;
    return take(first < 64 ? (take(1)[0] ?? 0) : new DataView(take(2).buffer).getUint16(0) & 0x3fff);
  };
  const expect = (bytes: readonly number[], what: string): void => {
    if (!Buffer.from(take(bytes.length)).equals(Uint8Array.from(bytes)))
      throw new Error(`openmls-wasm takes only key packages with ${what}`);
  };
  expect([...mls10, ...u16(5), ...mls10, ...u16(3)], "suite 3");
  const [initKey, encryptionKey, signatureKey] = [takeVector(), takeVector(), takeVector()];
  expect(basic, "a basic credential");
  const identity = takeVector();
  const capabilitiesStart = at;
  for (let list = 0; list < 5; list += 1) takeVector();
  const capabilities = message.slice(capabilitiesStart, at);
  expect([1], "leaf_node_source key_package");
  const [notBefore, notAfter] = [take(8), take(8)];
  expect([0], "no leaf extensions");
  const leafSignature = takeVector();
  expect([0], "no extensions");
  return { initKey, encryptionKey, signatureKey, identity, capabilities, notBefore, notAfter, leafSignature, signature: takeVector() };
}
