/**
 * Opening what others send (RFC 9420 §6): decrypt, check membership tag, find the sender's key, verify the signature.
 */
import { readWhole, Reader } from "../codec/reader.ts";
import { verifyWithLabel } from "../crypto/labels.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { attempt, check, need, type Outcome } from "../outcome.ts";
import { keyAt, type RatchetWindow } from "../schedule/ratchet.ts";
import { type SecretTree, withSender } from "../schedule/secret-tree.ts";
import { type AuthenticatedContent, framedContentTbs, readAuthData, WIRE_FORMAT } from "../structs/authenticated-content.ts";
import { externalSenders } from "../structs/external-senders.ts";
import { readContent } from "../structs/framed-content.ts";
import type { GroupContext } from "../structs/group-context.ts";
import { privateContentAad, type PrivateMessage, senderDataAad } from "../structs/private-message.ts";
import type { PublicMessage } from "../structs/public-message.ts";
import { readSenderData } from "../structs/sender-data.ts";
import { type MlsContext, suiteOf } from "./context.ts";
import { guardNonce, isMembershipTag, senderDataKeys } from "./framing.ts";
import type { GroupState } from "./state.ts";

/** What a third party needs to check who wrote a message: FramedContentTBS, the signature and its key. No secret is in it. */
export type Evidence = {
  readonly suiteId: number;
  readonly toBeSigned: Uint8Array;
  readonly signature: Uint8Array;
  readonly signatureKey: Uint8Array;
};

/** Keys of one epoch, the present or a past one. */
export type EpochKeys = {
  readonly context: GroupContext;
  readonly senderData: Uint8Array;
  readonly secretTree: SecretTree;
  readonly signatureKey: (leafIndex: number) => Uint8Array | undefined;
};

export type Decrypted = { readonly content: AuthenticatedContent; readonly generation: number; readonly secretTree: SecretTree };

/** PrivateMessageContent of the given kind; everything after it must be zero. */
function readPadded(
  plaintext: Uint8Array,
  message: PrivateMessage,
): Pick<AuthenticatedContent, "auth"> & { content: AuthenticatedContent["framed"]["content"] } {
  const reader = new Reader(plaintext);
  const content = readContent(reader, message.contentKind);
  const auth = readAuthData(reader, message.contentKind);
  check(reader.isZeroFromHere(), "invalid_padding");
  return { content, auth };
}

/** Decrypts a PrivateMessage without checking its signature. Throws Reject. */
export function decryptPrivate(
  suite: CipherSuite,
  message: PrivateMessage,
  by: { readonly keys: EpochKeys; readonly window: RatchetWindow; readonly ownLeafIndex: number },
): Decrypted {
  const { keys } = by;
  const header = { groupId: message.groupId, epoch: message.epoch, contentKind: message.contentKind };
  const outer = senderDataKeys(suite, keys.senderData, message.ciphertext);
  const opened = suite.aeadOpen(outer.key, outer.nonce, { aad: senderDataAad(header), data: message.encryptedSenderData });
  outer.key.fill(0);
  const senderData = readWhole(readSenderData, need(opened, "decrypt_failed"));
  check(keys.signatureKey(senderData.leafIndex) !== undefined, "unknown_sender");
  check(senderData.leafIndex !== by.ownLeafIndex, "own_message");
  const kind = message.contentKind === "application" ? "application" : "handshake";
  const { tree, value: messageKey } = withSender(suite, keys.secretTree, {
    leafIndex: senderData.leafIndex,
    step: (ratchets) => {
      const { ratchet, key } = keyAt(suite, ratchets[kind], { generation: senderData.generation, window: by.window });
      return { ratchets: { ...ratchets, [kind]: ratchet }, value: key };
    },
  });
  const aad = privateContentAad(header, message.authenticatedData);
  const nonce = guardNonce(messageKey.nonce, senderData.reuseGuard);
  const plaintext = suite.aeadOpen(messageKey.key, nonce, { aad, data: message.ciphertext });
  messageKey.key.fill(0);
  const { content, auth } = readPadded(need(plaintext, "decrypt_failed"), message);
  const framed = {
    groupId: message.groupId,
    epoch: message.epoch,
    sender: { kind: "member" as const, leafIndex: senderData.leafIndex },
    authenticatedData: message.authenticatedData,
    content,
  };
  return { content: { wireFormat: WIRE_FORMAT.privateMessage, framed, auth }, generation: senderData.generation, secretTree: tree };
}

/** A PublicMessage's content after the checks of §6.2 that need no signature. Throws Reject. */
export function openPublic(suite: CipherSuite, message: PublicMessage, state: GroupState): AuthenticatedContent {
  const content: AuthenticatedContent = { wireFormat: WIRE_FORMAT.publicMessage, framed: message.framed, auth: message.auth };
  const { sender } = message.framed;
  check(message.framed.content.kind !== "application", "invalid_content");
  if (sender.kind === "member") {
    check(state.tree.leaf(sender.leafIndex) !== undefined, "unknown_sender");
    const seen = { key: state.secrets.membershipKey, context: state.context, tag: need(message.membershipTag, "invalid_membership_tag") };
    check(isMembershipTag(suite, content, seen), "invalid_membership_tag");
  }
  return content;
}

/** The key that must have signed (§6.1). Also checks that this sender may send this kind of content. Throws Reject. */
function signatureKeyOf(content: AuthenticatedContent, keys: EpochKeys): Uint8Array {
  const { sender, content: body } = content.framed;
  if (sender.kind === "member") return need(keys.signatureKey(sender.leafIndex), "unknown_sender");
  if (sender.kind === "newMemberCommit") {
    check(body.kind === "commit" && body.commit.path !== undefined, "invalid_content");
    return body.commit.path.leafNode.signatureKey;
  }
  check(body.kind === "proposal", "invalid_content");
  if (sender.kind === "newMemberProposal") {
    check(body.proposal.kind === "add", "invalid_content");
    return body.proposal.keyPackage.leafNode.signatureKey;
  }
  const listed = externalSenders(keys.context.extensions)[sender.senderIndex];
  return need(listed, "unknown_sender").signatureKey;
}

/** What would have to verify, unverified. Throws Reject when no key can be named. */
export function evidenceFor(content: AuthenticatedContent, keys: EpochKeys): Evidence {
  return {
    suiteId: keys.context.suiteId,
    toBeSigned: framedContentTbs(content.wireFormat, content.framed, keys.context),
    signature: content.auth.signature,
    signatureKey: signatureKeyOf(content, keys),
  };
}

export function isSignedAsClaimed(suite: CipherSuite, evidence: Evidence): boolean {
  const signed = { label: "FramedContentTBS", content: evidence.toBeSigned, signature: evidence.signature };
  return verifyWithLabel(suite, evidence.signatureKey, signed);
}

/** Checks evidence offline: `true` when `signatureKey` signed `toBeSigned` as MLS framed content. */
export function verifyEvidence(evidence: Evidence, context: Pick<MlsContext, "crypto">): Outcome<boolean> {
  return attempt(() => isSignedAsClaimed(suiteOf(context, evidence.suiteId), evidence));
}

export function presentKeys(state: GroupState): EpochKeys {
  return {
    context: state.context,
    senderData: state.secrets.senderData,
    secretTree: state.secretTree,
    signatureKey: (leafIndex) => state.tree.leaf(leafIndex)?.signatureKey,
  };
}

/** Keys of a past epoch that are still kept. */
export function pastKeys(state: GroupState, epoch: bigint): EpochKeys | undefined {
  const past = state.pastEpochs.find((entry) => entry.context.epoch === epoch);
  return (
    past && {
      context: past.context,
      senderData: past.senderData,
      secretTree: past.secretTree,
      signatureKey: (at) => past.signatureKeys[at],
    }
  );
}
