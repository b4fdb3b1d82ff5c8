/**
 * Framing of what members send: signing (RFC 9420 §6.1), PublicMessage (§6.2) and PrivateMessage (§6.3).
 */
import { draw } from "../crypto/draw.ts";
import { equalTags } from "../bytes.ts";
import { encode, Writer } from "../codec/writer.ts";
import { expandWithLabel, refHash, signWithLabel } from "../crypto/labels.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { LIMITS } from "../limits.ts";
import { check } from "../outcome.ts";
import { advance } from "../schedule/ratchet.ts";
import { type SecretTree, withSender } from "../schedule/secret-tree.ts";
import {
  type AuthenticatedContent,
  framedContentTbs,
  WIRE_FORMAT,
  writeAuthData,
  writeAuthenticatedContent,
} from "../structs/authenticated-content.ts";
import { type FramedContent, writeContent } from "../structs/framed-content.ts";
import type { GroupContext } from "../structs/group-context.ts";
import { encodeMlsMessage } from "../structs/mls-message.ts";
import { privateContentAad, type PrivateMessage, senderDataAad } from "../structs/private-message.ts";
import { writeSenderData } from "../structs/sender-data.ts";
import { type MlsContext, policyOf } from "./context.ts";
import type { GroupState } from "./state.ts";

export type WireFormatName = "publicMessage" | "privateMessage";

/** Signs content; the confirmation tag of a commit is filled in afterwards. */
export function signFramed(
  suite: CipherSuite,
  framed: FramedContent,
  by: { readonly wireFormat: WireFormatName; readonly context: GroupContext; readonly privateKey: Uint8Array },
): AuthenticatedContent {
  const wireFormat = WIRE_FORMAT[by.wireFormat];
  const content = framedContentTbs(wireFormat, framed, by.context);
  const signature = signWithLabel(suite, by.privateKey, { label: "FramedContentTBS", content });
  return { wireFormat, framed, auth: { signature, confirmationTag: undefined } };
}

/** membership_tag over AuthenticatedContentTBM = FramedContentTBS || FramedContentAuthData (§6.2) */
export function membershipTag(
  suite: CipherSuite,
  content: AuthenticatedContent,
  by: { key: Uint8Array; context: GroupContext },
): Uint8Array {
  const writer = new Writer(2048).raw(framedContentTbs(content.wireFormat, content.framed, by.context));
  writeAuthData(writer, content.auth);
  return suite.hmac(by.key, writer.view());
}

export function isMembershipTag(
  suite: CipherSuite,
  content: AuthenticatedContent,
  seen: { key: Uint8Array; context: GroupContext; tag: Uint8Array },
): boolean {
  return equalTags(membershipTag(suite, content, seen), seen.tag);
}

/** ProposalRef (§5.2) */
export function proposalReference(suite: CipherSuite, content: AuthenticatedContent): Uint8Array {
  return refHash(suite, "MLS 1.0 Proposal Reference", encode(writeAuthenticatedContent, content));
}

export type SenderDataKeys = { readonly key: Uint8Array; readonly nonce: Uint8Array };

/** §6.3.2: from the first Nh bytes of the ciphertext. */
export function senderDataKeys(suite: CipherSuite, senderData: Uint8Array, ciphertext: Uint8Array): SenderDataKeys {
  const context = ciphertext.subarray(0, suite.hashLength);
  return {
    key: expandWithLabel(suite, senderData, { label: "key", context, length: suite.aeadKeyLength }),
    nonce: expandWithLabel(suite, senderData, { label: "nonce", context, length: suite.aeadNonceLength }),
  };
}

/** §6.3.1: the first four bytes of the nonce are masked, so that a reused key does not reuse a nonce. */
export function guardNonce(nonce: Uint8Array, reuseGuard: Uint8Array): Uint8Array {
  const guarded = nonce.slice();
  for (let i = 0; i < 4; i++) guarded[i] = (guarded[i] ?? 0) ^ (reuseGuard[i] ?? 0);
  return guarded;
}

type Sealing = {
  readonly leafIndex: number;
  readonly senderData: Uint8Array;
  readonly secretTree: SecretTree;
  readonly paddingBytes: number;
  readonly reuseGuard: Uint8Array;
};

/** Encodes the content and its authentication, then `paddingBytes` zero bytes (§6.3.1 PrivateMessageContent). */
export function privateMessageContent(content: AuthenticatedContent, paddingBytes: (length: number) => number): Uint8Array {
  const body = content.framed.content;
  const writer = new Writer((body.kind === "application" ? body.data.length : 1024) + 256);
  writeContent(writer, body);
  writeAuthData(writer, content.auth);
  const padding = paddingBytes(writer.view().length);
  check(Number.isInteger(padding) && padding >= 0 && padding <= LIMITS.messageBytesMax, "usage");
  return writer.raw(new Uint8Array(padding)).finish();
}

/** Encrypts content with the next key of the sender's ratchet. */
export function sealPrivate(
  suite: CipherSuite,
  content: AuthenticatedContent,
  by: Omit<Sealing, "paddingBytes"> & { readonly paddingBytes: (length: number) => number },
): { readonly message: PrivateMessage; readonly secretTree: SecretTree } {
  const { framed } = content;
  const contentKind = framed.content.kind;
  const ratchetKind = contentKind === "application" ? "application" : "handshake";
  const { tree, value: messageKey } = withSender(suite, by.secretTree, {
    leafIndex: by.leafIndex,
    step: (ratchets) => {
      const { ratchet, key } = advance(suite, ratchets[ratchetKind]);
      return { ratchets: { ...ratchets, [ratchetKind]: ratchet }, value: key };
    },
  });
  const header = { groupId: framed.groupId, epoch: framed.epoch, contentKind };
  const ciphertext = suite.aeadSeal(messageKey.key, guardNonce(messageKey.nonce, by.reuseGuard), {
    aad: privateContentAad(header, framed.authenticatedData),
    data: privateMessageContent(content, by.paddingBytes),
  });
  messageKey.key.fill(0);
  const keys = senderDataKeys(suite, by.senderData, ciphertext);
  const senderData = encode(writeSenderData, { leafIndex: by.leafIndex, generation: messageKey.generation, reuseGuard: by.reuseGuard }, 12);
  const encryptedSenderData = suite.aeadSeal(keys.key, keys.nonce, { aad: senderDataAad(header), data: senderData });
  keys.key.fill(0);
  return { message: { ...header, authenticatedData: framed.authenticatedData, encryptedSenderData, ciphertext }, secretTree: tree };
}

/** Frames a member's signed content for the wire; a PrivateMessage moves the sender's ratchet in the returned state. */
export function frame(
  suite: CipherSuite,
  state: GroupState,
  input: { readonly content: AuthenticatedContent; readonly context: MlsContext },
): { readonly state: GroupState; readonly message: Uint8Array } {
  const { content, context } = input;
  if (content.wireFormat === WIRE_FORMAT.publicMessage) {
    const tag = membershipTag(suite, content, { key: state.secrets.membershipKey, context: state.context });
    const message = { framed: content.framed, auth: content.auth, membershipTag: tag };
    return { state, message: encodeMlsMessage({ kind: "publicMessage", message }) };
  }
  const sealed = sealPrivate(suite, content, {
    leafIndex: state.ownLeafIndex,
    senderData: state.secrets.senderData,
    secretTree: state.secretTree,
    paddingBytes: policyOf(context).paddingBytes,
    reuseGuard: draw(context.random, 4),
  });
  return {
    state: { ...state, secretTree: sealed.secretTree },
    message: encodeMlsMessage({ kind: "privateMessage", message: sealed.message }),
  };
}
