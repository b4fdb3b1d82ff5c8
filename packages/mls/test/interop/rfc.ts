/**
 * Parts of RFC 9420 computed once more, from its text and by Node's crypto alone, so that a test can say which side of a disagreement is
 * right: the encoding of §2.1, the labelled derivations of §8, the transcript of §8.2 and the schedule of an epoch. For suites with SHA-256
 * and Ed25519, and commits in a PublicMessage.
 */
import { createHash, createHmac } from "node:crypto";
import type { GroupContext } from "../../src/index.ts";

type Bytes = Uint8Array;

const hashBytes = 32;

const join = (...parts: readonly Bytes[]): Bytes => Uint8Array.from(Buffer.concat(parts));
const ascii = (text: string): Bytes => Uint8Array.from(Buffer.from(text, "latin1"));

/** §2.1.2: the two highest bits of the first byte say in how many bytes the length stands. */
export function vector(content: Bytes): Bytes {
  const { length } = content;
  if (length < 64) return join(Uint8Array.of(length), content);
  if (length < 16384) return join(Uint8Array.of(0x40 | (length >> 8), length & 0xff), content);
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE((0x80000000 | length) >>> 0);
  return join(prefix, content);
}

const u16 = (value: number): Bytes => Uint8Array.of(value >> 8, value & 0xff);

function u64(value: bigint): Bytes {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

const hash = (...parts: readonly Bytes[]): Bytes =>
  Uint8Array.from(
    createHash("sha256")
      .update(join(...parts))
      .digest(),
  );
const hmac = (key: Bytes, data: Bytes): Bytes => Uint8Array.from(createHmac("sha256", key).update(data).digest());

/** §8: ExpandWithLabel(Secret, Label, Context, KDF.Nh); one block of HKDF-Expand. */
function expandWithLabel(secret: Bytes, label: string, context: Bytes): Bytes {
  return hmac(secret, join(u16(hashBytes), vector(ascii(`MLS 1.0 ${label}`)), vector(context), Uint8Array.of(1)));
}

export const deriveSecret = (secret: Bytes, label: string): Bytes => expandWithLabel(secret, label, Uint8Array.of());

/** §5.1.3: what HPKE takes as info. */
export const encryptContext = (label: string, context: Bytes): Bytes => join(vector(ascii(`MLS 1.0 ${label}`)), vector(context));

/** §8.1 */
export function groupContextBytes(context: GroupContext): Bytes {
  const extensions = context.extensions.map(({ type, data }) => join(u16(type), vector(data)));
  return join(
    u16(1),
    u16(context.suiteId),
    vector(context.groupId),
    u64(context.epoch),
    vector(context.treeHash),
    vector(context.confirmedTranscriptHash),
    vector(join(...extensions)),
  );
}

/** §7.8: the tree hash of a group with one member, given its encoded leaf. */
export const loneTreeHash = (leafNode: Bytes): Bytes => hash(Uint8Array.of(1, 0, 0, 0, 0, 1), leafNode);

export interface Epoch {
  readonly context: GroupContext;
  readonly confirmationTag: Bytes;
  readonly initSecret: Bytes;
}

export interface Derived extends Epoch {
  readonly epochAuthenticator: Bytes;
  readonly exporterSecret: Bytes;
}

const tagBytes = 1 + hashBytes;

/** The tag that a commit carries: before the membership tag, which stands last. */
export const tagOf = (commit: Bytes): Bytes => commit.slice(commit.length - 2 * tagBytes + 1, commit.length - tagBytes);

/**
 * §8, §8.2: the epoch that a commit begins, from the one before. What of a PublicMessage is hashed lies in one piece: wire format, content
 * and signature; the version comes before it and the two tags after it.
 */
export function nextEpoch(before: Epoch, commit: Bytes, next: { readonly treeHash: Bytes; readonly commitSecret: Bytes }): Derived {
  const interim = hash(before.context.confirmedTranscriptHash, vector(before.confirmationTag));
  const confirmed = hash(interim, commit.slice(2, commit.length - 2 * tagBytes));
  const context = { ...before.context, epoch: before.context.epoch + 1n, treeHash: next.treeHash, confirmedTranscriptHash: confirmed };
  const encoded = groupContextBytes(context);
  const joiner = expandWithLabel(hmac(before.initSecret, next.commitSecret), "joiner", encoded);
  const noPsk = new Uint8Array(hashBytes);
  const epochSecret = expandWithLabel(hmac(joiner, noPsk), "epoch", encoded);
  return {
    context,
    confirmationTag: hmac(deriveSecret(epochSecret, "confirm"), confirmed),
    initSecret: deriveSecret(epochSecret, "init"),
    epochAuthenticator: deriveSecret(epochSecret, "authentication"),
    exporterSecret: deriveSecret(epochSecret, "exporter"),
  };
}

/** §8.5, for 32 bytes. */
export const exportedBy = (exporterSecret: Bytes, label: string, context: Bytes): Bytes =>
  expandWithLabel(deriveSecret(exporterSecret, label), "exported", hash(context));
