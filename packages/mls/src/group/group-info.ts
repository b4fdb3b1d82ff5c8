/**
 * GroupInfo and Welcome, sending side (RFC 9420 §12.4.3).
 */
import { empty } from "../bytes.ts";
import { encode } from "../codec/writer.ts";
import { encryptorWithLabel, expandWithLabel, signWithLabel } from "../crypto/labels.ts";
import type { CipherSuite, Random } from "../crypto/provider.ts";
import { attempt, type Outcome } from "../outcome.ts";
import { externalKeyPair, welcomeSecret } from "../schedule/key-schedule.ts";
import { type Extension, EXTENSION } from "../structs/extension.ts";
import { externalPubExtension } from "../structs/external-pub.ts";
import { type GroupInfo, groupInfoTbs, writeGroupInfo } from "../structs/group-info.ts";
import { writeGroupSecrets } from "../structs/group-secrets.ts";
import { checkedMessage, encodeMlsMessage } from "../structs/mls-message.ts";
import type { PskId } from "../structs/psk.ts";
import type { Welcome } from "../structs/welcome.ts";
import { isUnder } from "../tree/math.ts";
import { encodeRatchetTree } from "../tree/tree-codec.ts";
import type { OwnPath } from "../tree/update-path.ts";
import type { Added } from "./apply-proposals.ts";
import { type MlsContext, suiteOf } from "./context.ts";
import { checkOwnExtensions } from "./identity-rules.ts";
import { keyPackageReference } from "./key-package.ts";
import { type GroupState, requireActive } from "./state.ts";

export type GroupInfoOptions = {
  /** Include the ratchet tree (default true). Without it the receiver needs the tree from elsewhere. */
  readonly ratchetTree?: boolean;
  /** Include `external_pub`, so that others can join by an external commit (default false). */
  readonly externalPub?: boolean;
  readonly extensions?: readonly Extension[];
};

function externalPublicKey(suite: CipherSuite, state: GroupState): Uint8Array {
  const { privateKey, publicKey } = externalKeyPair(suite, state.secrets.external);
  privateKey.fill(0);
  return publicKey;
}

function makeGroupInfo(suite: CipherSuite, state: GroupState, options: GroupInfoOptions): GroupInfo {
  const extensions: Extension[] = [...(options.extensions ?? [])];
  if (options.ratchetTree !== false) extensions.push({ type: EXTENSION.ratchetTree, data: encodeRatchetTree(state.tree) });
  if (options.externalPub === true) extensions.push(externalPubExtension(externalPublicKey(suite, state)));
  checkOwnExtensions(extensions);
  const info = { groupContext: state.context, extensions, confirmationTag: state.confirmationTag, signer: state.ownLeafIndex };
  const signature = signWithLabel(suite, state.signaturePrivateKey, { label: "GroupInfoTBS", content: groupInfoTbs(info) });
  return { ...info, signature };
}

/** A signed GroupInfo of the present epoch as an MLSMessage, for external joiners. `externalPub` is on unless said otherwise. */
export function exportGroupInfo(state: GroupState, options: GroupInfoOptions, context: MlsContext): Outcome<Uint8Array> {
  return attempt(() => {
    requireActive(state);
    const groupInfo = makeGroupInfo(suiteOf(context, state.context.suiteId), state, { externalPub: true, ...options });
    return checkedMessage(encodeMlsMessage({ kind: "groupInfo", groupInfo }));
  });
}

export type WelcomeInput = {
  /** The state after the commit. */
  readonly state: GroupState;
  readonly joiner: Uint8Array;
  readonly pskSecret: Uint8Array;
  readonly psks: readonly PskId[];
  readonly added: readonly Added[];
  readonly path: OwnPath | undefined;
  readonly groupInfo: GroupInfoOptions;
  readonly random: Random;
};

/** The path secret of the lowest node above both the new member and the committer. */
function pathSecretFor(leafIndex: number, path: OwnPath | undefined): Uint8Array | undefined {
  if (path === undefined) return undefined;
  return path.secrets[path.steps.findIndex((step) => isUnder(leafIndex, step.copath))];
}

export function makeWelcome(suite: CipherSuite, input: WelcomeInput): Welcome {
  const { key, nonce } = welcomeKeys(suite, welcomeSecret(suite, input.joiner, input.pskSecret));
  const info = encode(writeGroupInfo, makeGroupInfo(suite, input.state, input.groupInfo));
  const encryptedGroupInfo = suite.aeadSeal(key, nonce, { aad: empty(), data: info });
  key.fill(0);
  const encrypt = encryptorWithLabel(suite, { label: "Welcome", context: encryptedGroupInfo, random: input.random });
  const secrets = input.added.map(({ leafIndex, keyPackage }) => {
    const pathSecret = pathSecretFor(leafIndex, input.path);
    const plaintext = encode(writeGroupSecrets, { joinerSecret: input.joiner, pathSecret, psks: input.psks });
    const encryptedGroupSecrets = encrypt(keyPackage.initKey, plaintext);
    plaintext.fill(0);
    return { newMember: keyPackageReference(suite, keyPackage), encryptedGroupSecrets };
  });
  return { suiteId: suite.id, secrets, encryptedGroupInfo };
}

/** Overwrites `secret`, the welcome secret: nothing else comes from it. */
export function welcomeKeys(suite: CipherSuite, secret: Uint8Array): { key: Uint8Array; nonce: Uint8Array } {
  const derive = (label: string, length: number): Uint8Array => expandWithLabel(suite, secret, { label, context: empty(), length });
  const keys = { key: derive("key", suite.aeadKeyLength), nonce: derive("nonce", suite.aeadNonceLength) };
  secret.fill(0);
  return keys;
}
