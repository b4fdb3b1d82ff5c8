/**
 * Making key packages (RFC 9420 §10) and leaf nodes (§7.2).
 */
import { draw } from "../crypto/draw.ts";
import { encode } from "../codec/writer.ts";
import { refHash, signWithLabel } from "../crypto/labels.ts";
import type { CipherSuite, KeyPair, Random } from "../crypto/provider.ts";
import { attempt, check, type Outcome } from "../outcome.ts";
import { withLastResort } from "../structs/app-data.ts";
import { type Capabilities, PROTOCOL_VERSION } from "../structs/capabilities.ts";
import { type Credential, credentialType } from "../structs/credential.ts";
import { type Extension, EXTENSION, isDefaultExtension } from "../structs/extension.ts";
import { type KeyPackage, keyPackageTbs, writeKeyPackage } from "../structs/key-package.ts";
import { type LeafNode, type LeafNodeContent, leafNodeTbs, type LeafPosition, type Lifetime } from "../structs/leaf-node.ts";
import { isDefaultProposal, PROPOSAL } from "../structs/proposal.ts";
import { type MlsContext, policyOf, secondsNow, suiteOf } from "./context.ts";
import { checkOwnExtensions, checkOwnLeaf, checkSignatureKeys } from "./identity-rules.ts";
import { checkLifetimeSpan } from "./leaf-rules.ts";

/** Who a client is: what goes into its leaf, and the key that signs for it. */
export type Identity = { readonly credential: Credential; readonly signatureKeys: KeyPair };

/** Private halves of a key package. Keep them until a Welcome for it was processed (last resort: longer). */
export type KeyPackageSecrets = { readonly initKeys: KeyPair; readonly encryptionKeys: KeyPair; readonly signaturePrivateKey: Uint8Array };

export type OwnKeyPackage = { readonly keyPackage: KeyPackage; readonly secrets: KeyPackageSecrets };

export type KeyPackageOptions = {
  readonly suiteId: number;
  readonly identity: Identity;
  /** Default: {@link defaultCapabilities}. */
  readonly capabilities?: Partial<Capabilities>;
  /** Default: from one hour ago for 90 days. */
  readonly lifetime?: Lifetime;
  readonly leafExtensions?: readonly Extension[];
  readonly extensions?: readonly Extension[];
  /** Marks the key package as one of last resort (draft-ietf-mls-extensions). */
  readonly lastResort?: boolean;
  /** Adds random GREASE values to the capabilities (RFC 9420 §13.5). */
  readonly grease?: boolean;
};

const TIME_MAX = 0xffff_ffff_ffff_ffffn;
const HOUR = 3_600;
const LIFETIME_DAYS = 90;

/** Generates a signature key pair for an identity. */
export function createIdentity(
  options: { readonly suiteId: number; readonly credential: Credential },
  context: MlsContext,
): Outcome<Identity> {
  return attempt(() => ({
    credential: options.credential,
    signatureKeys: suiteOf(context, options.suiteId).signatureKeyPair(context.random),
  }));
}

/** Sixteen values are reserved for GREASE: 0x0A0A, 0x1A1A, … 0xEAEA; 0xFAFA is private use. */
function greaseValue(random: Random): number {
  const nibble = (draw(random, 1)[0] ?? 0) % 15;
  return nibble * 0x1010 + 0x0a0a;
}

export function defaultCapabilities(suiteId: number, credential: Credential): Capabilities {
  return {
    versions: [PROTOCOL_VERSION],
    suites: [suiteId],
    extensions: [EXTENSION.appDataDictionary],
    proposals: [PROPOSAL.selfRemove],
    credentials: [credentialType(credential)],
  };
}

/** §7.2: types that every client supports are not listed. */
export function withoutDefaults(capabilities: Capabilities): Capabilities {
  return {
    ...capabilities,
    extensions: capabilities.extensions.filter((type) => !isDefaultExtension(type)),
    proposals: capabilities.proposals.filter((type) => !isDefaultProposal(type)),
  };
}

/** The given capabilities over the defaults, with GREASE where asked for. */
export function chooseCapabilities(options: Omit<KeyPackageOptions, "lifetime" | "extensions">, random: Random): Capabilities {
  const chosen = withoutDefaults({ ...defaultCapabilities(options.suiteId, options.identity.credential), ...options.capabilities });
  if (options.grease !== true) return chosen;
  return {
    versions: chosen.versions,
    suites: [...chosen.suites, greaseValue(random)],
    extensions: [...chosen.extensions, greaseValue(random)],
    proposals: [...chosen.proposals, greaseValue(random)],
    credentials: [...chosen.credentials, greaseValue(random)],
  };
}

/** §10: a client supports what its own key package carries, so these types are listed too. */
function listing(capabilities: Capabilities, extensions: readonly Extension[]): Capabilities {
  const missing = extensions.map(({ type }) => type).filter((type) => !isDefaultExtension(type) && !capabilities.extensions.includes(type));
  return missing.length === 0 ? capabilities : { ...capabilities, extensions: [...capabilities.extensions, ...missing] };
}

export function signLeafNode(
  suite: CipherSuite,
  leaf: LeafNodeContent,
  signer: { readonly privateKey: Uint8Array; readonly position: LeafPosition | undefined },
): LeafNode {
  const content = leafNodeTbs(leaf, signer.position);
  return { ...leaf, signature: signWithLabel(suite, signer.privateKey, { label: "LeafNodeTBS", content }) };
}

/** A fresh HPKE key pair from the caller's randomness. */
export function freshKeys(suite: CipherSuite, random: Random): KeyPair {
  return suite.hpkeDeriveKeyPair(draw(random, suite.hashLength));
}

export function createKeyPackage(options: KeyPackageOptions, context: MlsContext): Outcome<OwnKeyPackage> {
  return attempt(() => makeKeyPackage(options, context));
}

export function makeKeyPackage(options: KeyPackageOptions, context: MlsContext): OwnKeyPackage {
  const suite = suiteOf(context, options.suiteId);
  const { credential, signatureKeys } = options.identity;
  checkSignatureKeys(suite, signatureKeys);
  const now = secondsNow(context);
  const lifetime = options.lifetime ?? { notBefore: now - BigInt(HOUR), notAfter: now + BigInt(LIFETIME_DAYS * 24 * HOUR) };
  check(lifetime.notBefore >= 0n && lifetime.notBefore <= lifetime.notAfter && lifetime.notAfter <= TIME_MAX, "usage");
  const encryptionKeys = freshKeys(suite, context.random);
  const initKeys = freshKeys(suite, context.random);
  const extensions = options.lastResort === true ? withLastResort(options.extensions ?? []) : (options.extensions ?? []);
  const leaf: LeafNodeContent = {
    encryptionKey: encryptionKeys.publicKey,
    signatureKey: signatureKeys.publicKey,
    credential,
    capabilities: listing(chooseCapabilities(options, context.random), extensions),
    source: { kind: "keyPackage", lifetime },
    extensions: options.leafExtensions ?? [],
  };
  const leafNode = signLeafNode(suite, leaf, { privateKey: signatureKeys.privateKey, position: undefined });
  checkOwnLeaf(suite, leafNode);
  checkLifetimeSpan(leafNode, policyOf(context).lifetimeSecondsMax);
  checkOwnExtensions(extensions);
  const content = {
    version: PROTOCOL_VERSION,
    suiteId: options.suiteId,
    initKey: initKeys.publicKey,
    leafNode,
    extensions,
  };
  const signature = signWithLabel(suite, signatureKeys.privateKey, { label: "KeyPackageTBS", content: keyPackageTbs(content) });
  // A copy, so that whoever used the key package may overwrite its secrets and keeps the identity.
  const signaturePrivateKey = signatureKeys.privateKey.slice();
  return { keyPackage: { ...content, signature }, secrets: { initKeys, encryptionKeys, signaturePrivateKey } };
}

/** KeyPackageRef (§5.2) */
export function keyPackageReference(suite: CipherSuite, keyPackage: KeyPackage): Uint8Array {
  return refHash(suite, "MLS 1.0 KeyPackage Reference", encode(writeKeyPackage, keyPackage));
}
