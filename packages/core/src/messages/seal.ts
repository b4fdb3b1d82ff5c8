/**
 * Sealing: content → MIMI bytes → padded → PrivateMessage (spec/content.md, spec/reports.md §Commitment).
 *
 *   tag = HMAC-SHA256(salt, content)      in the MLS authenticated data as Safe AAD item 0x8000, and beside the entry for the server's receipt
 *
 * The one place that seals. Store `current` and the request before the bytes leave, and send the same bytes again after a failure: a message
 * key must not be used twice.
 */
import { encodeSafeAad, type Evidence, sealMessage } from "@sotto/mls";
import {
  accountUri,
  type AppendRequest,
  type Content,
  deriveMessageId,
  encodeContent,
  groupUri,
  type MessageId,
  padContent,
  SALT_BYTES,
} from "@sotto/protocol";
import type { CoreContext } from "../context.ts";
import { appendRequestFor } from "../groups/append.ts";
import type { Acting, Conversation } from "../groups/conversation.ts";
import { SOTTO_COMPONENT } from "../groups/group-extensions.ts";
import { callMls } from "../groups/mls-context.ts";
import { type CoreOutcome, done, failed, fromMls } from "../outcome.ts";
import { messageSuite } from "../suite.ts";
import { isPostAllowed } from "./posting.ts";

/** Content to be sent. Sealing adds a salt; what is sealed once more brings the one it had, and so keeps tag and message id. */
export type ContentDraft = Omit<Content, "salt"> & { readonly salt?: Uint8Array };

export type SealedContent = {
  /** Store it before the request leaves. */
  readonly current: Conversation;
  readonly request: AppendRequest;
  readonly content: Content;
  /** The encoded content: what tag and message id are about. */
  readonly bytes: Uint8Array;
  readonly messageId: MessageId;
  /** What others will get as evidence, before the log gives it a place. */
  readonly evidence: Evidence;
};

export function messageIdOf(
  conversation: Conversation,
  message: { readonly account: Acting["self"]["account"]; readonly bytes: Uint8Array; readonly salt: Uint8Array },
): MessageId {
  const roomUri = groupUri(conversation.mls.context.groupId);
  return deriveMessageId({ senderUri: accountUri(message.account), roomUri, content: message.bytes, salt: message.salt });
}

/** Fails with `proposals_pending` while somebody's leaving waits for a commit: commit first, then seal. */
export function sealContent(acting: Acting, draft: ContentDraft, context: CoreContext): CoreOutcome<SealedContent> {
  const content: Content = { ...draft, salt: draft.salt ?? context.random(SALT_BYTES) };
  const encoded = encodeContent(content);
  return encoded.ok ? sealEncoded(acting, { content, bytes: encoded.value }, context) : encoded;
}

/** As {@link sealContent}, for content that is encoded already. */
export function sealEncoded(
  { conversation, self }: Acting,
  { content, bytes }: { readonly content: Content; readonly bytes: Uint8Array },
  context: CoreContext,
): CoreOutcome<SealedContent> {
  if (!isPostAllowed(conversation, self.account, content.body)) return failed("group_forbidden");
  const padded = padContent(bytes);
  if (!padded.ok) return padded;
  const tag = messageSuite(context.crypto).hmac(content.salt, bytes);
  const framed = encodeSafeAad({ items: [{ componentId: SOTTO_COMPONENT.franking, data: tag }], rest: new Uint8Array(0) });
  if (!framed.ok) return fromMls(framed);
  const options = { data: padded.value, authenticatedData: framed.value };
  const sealed = callMls({ ...context, chains: () => undefined }, "own", (on) => sealMessage(conversation.mls, options, on));
  if (!sealed.ok) return sealed;
  const request = appendRequestFor(conversation, { kind: "message", body: sealed.value.message, tag }, context);
  if (!request.ok) return request;
  const messageId = messageIdOf(conversation, { account: self.account, bytes, salt: content.salt });
  const current = { ...conversation, mls: sealed.value.state };
  const { evidence } = sealed.value;
  return done({ current, request: request.value, content, bytes, messageId, evidence });
}
