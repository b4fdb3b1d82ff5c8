/**
 * Makes messages as a member with a changed program would: signed, keyed and tagged as they must be, except for what a test
 * changes. Nothing is validated here. A forgery without a change is a good message; each test file shows that first.
 */
import { empty } from "../../src/bytes.ts";
import { encode } from "../../src/codec/writer.ts";
import type { CipherSuite } from "../../src/crypto/provider.ts";
import { suiteOf } from "../../src/group/context.ts";
import {
  guardNonce,
  membershipTag,
  privateMessageContent,
  proposalReference,
  senderDataKeys,
  signFramed,
  type WireFormatName,
} from "../../src/group/framing.ts";
import type { ListedProposal } from "../../src/group/proposal-rules.ts";
import type { GroupState } from "../../src/group/state.ts";
import type { Identity, MlsContext, Proposal, Sender } from "../../src/index.ts";
import { advance } from "../../src/schedule/ratchet.ts";
import { withSender } from "../../src/schedule/secret-tree.ts";
import { type AuthenticatedContent, WIRE_FORMAT } from "../../src/structs/authenticated-content.ts";
import type { Content } from "../../src/structs/framed-content.ts";
import { encodeMlsMessage } from "../../src/structs/mls-message.ts";
import { privateContentAad, type PrivateMessage, senderDataAad } from "../../src/structs/private-message.ts";
import { type SenderData, writeSenderData } from "../../src/structs/sender-data.ts";

/** Who forges: a member, or with `joiner` somebody outside who knows what a GroupInfo tells. */
export type Forger = { readonly state: GroupState; readonly context: MlsContext; readonly joiner?: Identity };

type Edit<T> = (value: T) => T;

/** What is wrong about the frame. */
export type Framing = {
  /** Default: publicMessage. */
  readonly wireFormat?: WireFormatName;
  readonly sender?: Sender;
  readonly groupId?: Uint8Array;
  readonly epoch?: bigint;
  readonly authenticatedData?: Uint8Array;
  readonly signWith?: Uint8Array;
  readonly signature?: Edit<Uint8Array>;
  readonly confirmationTag?: Edit<Uint8Array>;
  readonly membershipTag?: Edit<Uint8Array>;
  /** PrivateMessage: the content as it is encrypted, padding included. */
  readonly plaintext?: Edit<Uint8Array>;
  readonly senderData?: Edit<SenderData>;
  readonly privateMessage?: Edit<PrivateMessage>;
};

export function edit<T>(value: T, change: Edit<T> | undefined): T {
  return change === undefined ? value : change(value);
}

export function flip(bytes: Uint8Array): Uint8Array {
  const changed = bytes.slice();
  changed[0] = (changed[0] ?? 0) ^ 1;
  return changed;
}

export function suiteFor(by: Forger): CipherSuite {
  return suiteOf(by.context, by.state.context.suiteId);
}

function ownSender(by: Forger): Sender {
  return by.joiner === undefined ? { kind: "member", leafIndex: by.state.ownLeafIndex } : { kind: "newMemberCommit" };
}

export function sign(by: Forger, content: Content, framing: Framing = {}): AuthenticatedContent {
  const { state } = by;
  const framed = {
    groupId: framing.groupId ?? state.context.groupId,
    epoch: framing.epoch ?? state.context.epoch,
    sender: framing.sender ?? ownSender(by),
    authenticatedData: framing.authenticatedData ?? empty(),
    content,
  };
  const privateKey = framing.signWith ?? by.joiner?.signatureKeys.privateKey ?? state.signaturePrivateKey;
  const wireFormat = framing.wireFormat ?? "publicMessage";
  const signed = signFramed(suiteFor(by), framed, { wireFormat, context: state.context, privateKey });
  return { ...signed, auth: { ...signed.auth, signature: edit(signed.auth.signature, framing.signature) } };
}

function wrapPrivate(by: Forger, content: AuthenticatedContent, framing: Framing): Uint8Array {
  const suite = suiteFor(by);
  const { framed } = content;
  const contentKind = framed.content.kind;
  const ratchetKind = contentKind === "application" ? "application" : "handshake";
  const leafIndex = by.state.ownLeafIndex;
  const { value: key } = withSender(suite, by.state.secretTree, {
    leafIndex,
    step: (ratchets) => ({ ratchets, value: advance(suite, ratchets[ratchetKind]).key }),
  });
  const senderData = edit({ leafIndex, generation: key.generation, reuseGuard: by.context.random(4) }, framing.senderData);
  const header = { groupId: framed.groupId, epoch: framed.epoch, contentKind };
  const ciphertext = suite.aeadSeal(key.key, guardNonce(key.nonce, senderData.reuseGuard), {
    aad: privateContentAad(header, framed.authenticatedData),
    data: edit(
      privateMessageContent(content, () => 0),
      framing.plaintext,
    ),
  });
  const outer = senderDataKeys(suite, by.state.secrets.senderData, ciphertext);
  const data = { aad: senderDataAad(header), data: encode(writeSenderData, senderData) };
  const encryptedSenderData = suite.aeadSeal(outer.key, outer.nonce, data);
  const message = { ...header, authenticatedData: framed.authenticatedData, encryptedSenderData, ciphertext };
  return encodeMlsMessage({ kind: "privateMessage", message: edit(message, framing.privateMessage) });
}

export function wrap(by: Forger, content: AuthenticatedContent, framing: Framing = {}): Uint8Array {
  if (content.wireFormat === WIRE_FORMAT.privateMessage) return wrapPrivate(by, content, framing);
  const isMember = content.framed.sender.kind === "member";
  const key = by.state.secrets.membershipKey;
  const tag = isMember ? edit(membershipTag(suiteFor(by), content, { key, context: by.state.context }), framing.membershipTag) : undefined;
  return encodeMlsMessage({ kind: "publicMessage", message: { framed: content.framed, auth: content.auth, membershipTag: tag } });
}

export function forgeApplication(by: Forger, data: Uint8Array, framing: Framing = {}): Uint8Array {
  const how = { wireFormat: "privateMessage" as const, ...framing };
  return wrap(by, sign(by, { kind: "application", data }, how), how);
}

/** A proposal message, and the proposal as a commit lists it by reference. */
export function forgeProposal(
  by: Forger,
  proposal: Proposal,
  framing: Framing = {},
): { readonly message: Uint8Array; readonly listed: ListedProposal } {
  const content = sign(by, { kind: "proposal", proposal }, framing);
  const reference = proposalReference(suiteFor(by), content);
  return { message: wrap(by, content, framing), listed: { proposal, sender: content.framed.sender, reference } };
}

/** A proposal as a commit of `by` carries it by value. */
export function byValue(by: Forger, ...proposals: readonly Proposal[]): ListedProposal[] {
  const sender = ownSender(by);
  return proposals.map((proposal) => ({ proposal, sender, reference: undefined }));
}
