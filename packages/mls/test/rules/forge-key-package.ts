/** Key packages with one thing wrong and both signatures made over it. */
import { signWithLabel } from "../../src/crypto/labels.ts";
import { suiteOf } from "../../src/group/context.ts";
import { signLeafNode } from "../../src/group/key-package.ts";
import type { KeyPackage, KeyPackageOptions, LeafNode, OwnKeyPackage, Proposal } from "../../src/index.ts";
import { type KeyPackageContent, keyPackageTbs } from "../../src/structs/key-package.ts";
import type { LeafNodeContent } from "../../src/structs/leaf-node.ts";
import { type Client, keyPackageOf } from "../support/clients.ts";
import { edit } from "./forge.ts";

type Edit<T> = (value: T) => T;

export type KeyPackageForgery = {
  readonly options?: Partial<KeyPackageOptions>;
  /** The leaf before it is signed. */
  readonly leaf?: Edit<LeafNodeContent>;
  readonly leafPosition?: { readonly groupId: Uint8Array; readonly leafIndex: number };
  readonly signedLeaf?: Edit<LeafNode>;
  /** The key package before it is signed. */
  readonly content?: Edit<KeyPackageContent>;
  readonly signed?: Edit<KeyPackage>;
  readonly signWith?: Uint8Array;
};

export function forgeOwnKeyPackage(client: Client, forgery: KeyPackageForgery = {}): OwnKeyPackage {
  const suite = suiteOf(client.context, client.suiteId);
  const own = keyPackageOf(client, forgery.options);
  const { privateKey } = client.identity.signatureKeys;
  const changed = edit<LeafNodeContent>(own.keyPackage.leafNode, forgery.leaf);
  const leafNode = edit(signLeafNode(suite, changed, { privateKey, position: forgery.leafPosition }), forgery.signedLeaf);
  const content = edit<KeyPackageContent>({ ...own.keyPackage, leafNode }, forgery.content);
  const signing = { label: "KeyPackageTBS", content: keyPackageTbs(content) };
  const signature = signWithLabel(suite, forgery.signWith ?? privateKey, signing);
  return { keyPackage: edit<KeyPackage>({ ...content, signature }, forgery.signed), secrets: own.secrets };
}

export function forgeAdd(client: Client, forgery: KeyPackageForgery = {}): Proposal {
  return { kind: "add", keyPackage: forgeOwnKeyPackage(client, forgery).keyPackage };
}
