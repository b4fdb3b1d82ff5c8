/**
 * Short-lived signals such as typing (spec/groups.md §Ephemeral): sent to those who listen, never stored, and lost for the others. So they must not
 * use up message keys, of which a device that was away may only skip so many. They are encrypted to the epoch:
 *
 *   nonce (12) ‖ AES-128-GCM(exporter("sotto ephemeral", "", 16), padded CBOR [ version 1, leaf index, content, signature ])
 *
 * aad = labelled("ephemeral v1", logId ‖ epoch u64); the signature is by the leaf's key over labelled("ephemeral v1", logId ‖ epoch u64 ‖ leaf
 * index u64 ‖ content). A signal may be repeated by the server while the epoch lasts: nothing that matters may rest on one.
 */
import {
  concatBytes,
  type Content,
  decodeContent,
  encodeCbor,
  encodeContent,
  LIMITS,
  padContent,
  SALT_BYTES,
  uint64ToBytes,
  unpadContent,
} from "@sotto/protocol";
import { epochTokens, exportEpochSecret } from "../capabilities.ts";
import type { CoreContext } from "../context.ts";
import { bytesFrom, isOne, readForm, tupleOf, uintUpTo } from "../form.ts";
import { type Acting, type Conversation, epochOf } from "../groups/conversation.ts";
import { memberAt } from "../groups/members.ts";
import type { DeviceAddress } from "../identity/credential.ts";
import { signAsDevice } from "../identity/device.ts";
import { labelledFor } from "../labels.ts";
import { type CoreOutcome, done, failed } from "../outcome.ts";
import { messageSuite } from "../suite.ts";
import type { ContentDraft } from "./seal.ts";

const EXPORT = { label: "sotto ephemeral", length: 16 } as const;
const NONCE_BYTES = 12;
const form = tupleOf<[1, number, Uint8Array, Uint8Array]>(
  isOne,
  uintUpTo(0xffff_ffff),
  bytesFrom(1, LIMITS.ephemeralBodyBytesMax),
  bytesFrom(1, LIMITS.signatureBytesMax),
);

/** Arguments of `log.ephemeral`. */
export type EphemeralRequest = Pick<Conversation, "log"> & {
  readonly epoch: number;
  readonly token: Uint8Array;
  readonly body: Uint8Array;
};

const placeOf = ({ log, mls }: Conversation): Uint8Array => concatBytes(log, uint64ToBytes(epochOf({ mls })));

function signedBytes(conversation: Conversation, leafIndex: number, content: Uint8Array): Uint8Array {
  return labelledFor("ephemeral v1", placeOf(conversation), uint64ToBytes(leafIndex), content);
}

export function sealEphemeral({ conversation, self }: Acting, draft: ContentDraft, context: CoreContext): CoreOutcome<EphemeralRequest> {
  const encoded = encodeContent({ ...draft, salt: context.random(SALT_BYTES) });
  if (!encoded.ok) return encoded;
  const key = exportEpochSecret(conversation.mls, EXPORT, context);
  if (!key.ok) return key;
  const tokens = epochTokens(conversation, context);
  if (!tokens.ok) return tokens;
  const { ownLeafIndex } = conversation.mls;
  const signature = signAsDevice(self, signedBytes(conversation, ownLeafIndex, encoded.value), context);
  const padded = padContent(encodeCbor([1, ownLeafIndex, encoded.value, signature]));
  if (!padded.ok) return padded;
  const nonce = context.random(NONCE_BYTES);
  const aad = labelledFor("ephemeral v1", placeOf(conversation));
  const body = concatBytes(nonce, messageSuite(context.crypto).aeadSeal(key.value, nonce, { aad, data: padded.value }));
  if (body.length > LIMITS.ephemeralBodyBytesMax) return failed("content_too_large");
  return done({ log: conversation.log, epoch: tokens.value.epoch, token: tokens.value.write, body });
}

export type OpenedEphemeral = { readonly sender: DeviceAddress; readonly content: Content };

export function openEphemeral(
  conversation: Conversation,
  signal: { readonly epoch: number; readonly body: Uint8Array },
  context: CoreContext,
): CoreOutcome<OpenedEphemeral> {
  const suite = messageSuite(context.crypto);
  if (signal.epoch !== epochOf(conversation)) return failed("ephemeral_invalid");
  const key = exportEpochSecret(conversation.mls, EXPORT, context);
  if (!key.ok) return key;
  const aad = labelledFor("ephemeral v1", placeOf(conversation));
  const sealed = { aad, data: signal.body.subarray(NONCE_BYTES) };
  const padded = suite.aeadOpen(key.value, signal.body.subarray(0, NONCE_BYTES), sealed);
  const encoded = padded && unpadContent(padded);
  const read = encoded?.ok === true ? readForm(encoded.value, LIMITS.ephemeralBodyBytesMax, form) : undefined;
  if (read === undefined) return failed("ephemeral_invalid");
  const [, leafIndex, bytes, signature] = read;
  const sender = memberAt(conversation.mls, leafIndex);
  const leaf = conversation.mls.tree.leaf(leafIndex);
  const isSigned = leaf !== undefined && suite.verify(leaf.signatureKey, signedBytes(conversation, leafIndex, bytes), signature);
  if (sender === undefined || !isSigned) return failed("ephemeral_invalid");
  const content = decodeContent(bytes);
  return content.ok ? done({ sender, content: content.value }) : content;
}
