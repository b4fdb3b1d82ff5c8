/**
 * Values of the records that a state is stored as; `records.ts` has the list. All in TLS presentation language.
 *
 *   group:   u8 status; u32 own_leaf_index; u32 leaf_capacity; u32 node_count; u32 proposal_count; GroupContext; opaque interim<V>; opaque confirmation_tag<V>;
 *            opaque signature_private_key<V>; KeyOfNode private_keys<V>; EpochSecrets (eight opaque<V>);
 *            OwnUpdate own_updates<V>; Resumption psks<V>; optional<Proposal> reinit
 *   KeyOfNode: u32 node; KeyPair. KeyPair: opaque private_key<V>; opaque public_key<V>. OwnUpdate: KeyPair; opaque signature_private_key<V>
 *   Resumption: uint64 epoch; opaque secret<V>
 *   proposal: opaque reference<V>; Sender; Proposal
 *   epoch:   GroupContext; opaque sender_data<V>; u32 leaf_capacity; optional<opaque key<V>> signature_keys<V>
 *   secret:  u8 kind: secret(1): opaque secret<V> · sender(2): Ratchet handshake; Ratchet application. Ratchet: u32 generation; opaque secret<V>
 *   skipped: opaque key<V>; opaque nonce<V>
 */
import type { Reader } from "../codec/reader.ts";
import type { Writer } from "../codec/writer.ts";
import type { KeyPair } from "../crypto/provider.ts";
import type { GroupState, OwnUpdate, PastEpoch, PendingProposal, ResumptionPsk } from "../group/state.ts";
import { LIMITS } from "../limits.ts";
import { check, Reject } from "../outcome.ts";
import type { EpochSecrets } from "../schedule/key-schedule.ts";
import type { Ratchet } from "../schedule/ratchet.ts";
import type { SenderRatchets } from "../schedule/secret-tree.ts";
import { readGroupContext, writeGroupContext } from "../structs/group-context.ts";
import { readProposal, type ReInit, writeProposal } from "../structs/proposal.ts";
import { readSender, writeSender } from "../structs/sender.ts";

const STATUSES = ["active", "removed", "closed"] as const;
/** The part of a state that is stored as one record. */
export type GroupRecord = Omit<GroupState, "tree" | "secretTree" | "proposals" | "pastEpochs"> & RecordCounts;

/** Sizes of the parts that are records of their own, so that a missing record is noticed. */
export type RecordCounts = { readonly leafCapacity: number; readonly nodeCount: number; readonly proposalCount: number };

function writeKeyPair(writer: Writer, pair: KeyPair): void {
  writer.opaque(pair.privateKey).opaque(pair.publicKey);
}

function readKeyPair(reader: Reader): KeyPair {
  return { privateKey: reader.opaque(0xffff), publicKey: reader.opaque(0xffff) };
}

export function writeGroupRecord(writer: Writer, state: GroupRecord): void {
  writer.u8(STATUSES.indexOf(state.status)).u32(state.ownLeafIndex).u32(state.leafCapacity).u32(state.nodeCount).u32(state.proposalCount);
  writeGroupContext(writer, state.context);
  writer.opaque(state.interimTranscriptHash).opaque(state.confirmationTag).opaque(state.signaturePrivateKey);
  const keys = [...state.privateKeys].toSorted(([a], [b]) => a - b);
  writer.vector(keys, (w, [node, pair]) => writeKeyPair(w.u32(node), pair));
  writeSecrets(writer, state.secrets);
  writer.vector(state.ownUpdates, (w, update) => {
    writeKeyPair(w, update.encryptionKeys);
    w.opaque(update.signaturePrivateKey);
  });
  writer.vector(state.resumptionPsks, (w, psk) => w.u64(psk.epoch).opaque(psk.secret));
  writer.optional(state.reinit, writeProposal);
}

function writeSecrets(writer: Writer, secrets: EpochSecrets): void {
  writer.opaque(secrets.senderData).opaque(secrets.exporter).opaque(secrets.external).opaque(secrets.confirmationKey);
  writer.opaque(secrets.membershipKey).opaque(secrets.resumptionPsk).opaque(secrets.epochAuthenticator).opaque(secrets.init);
}

function readSecrets(reader: Reader): EpochSecrets {
  const next = (): Uint8Array => reader.opaque(255);
  return {
    senderData: next(),
    exporter: next(),
    external: next(),
    confirmationKey: next(),
    membershipKey: next(),
    resumptionPsk: next(),
    epochAuthenticator: next(),
    init: next(),
  };
}

function readReInit(reader: Reader): ReInit {
  const proposal = readProposal(reader);
  check(proposal.kind === "reinit", "invalid_snapshot");
  return proposal;
}

export function readGroupRecord(reader: Reader): GroupRecord {
  const status = STATUSES[reader.u8()];
  if (status === undefined) throw new Reject("invalid_snapshot");
  const ownLeafIndex = reader.u32();
  const counts = { leafCapacity: reader.u32(), nodeCount: reader.u32(), proposalCount: reader.u32() };
  const context = readGroupContext(reader);
  const interimTranscriptHash = reader.opaque(255);
  const confirmationTag = reader.opaque(255);
  const signaturePrivateKey = reader.opaque(0xffff);
  const keys = reader.vector((r): [number, KeyPair] => [r.u32(), readKeyPair(r)], 64);
  for (let i = 1; i < keys.length; i++) check((keys[i]?.[0] ?? 0) > (keys[i - 1]?.[0] ?? 0), "invalid_snapshot");
  const secrets = readSecrets(reader);
  const readUpdate = (r: Reader): OwnUpdate => ({ encryptionKeys: readKeyPair(r), signaturePrivateKey: r.opaque(0xffff) });
  const ownUpdates = reader.vector(readUpdate, LIMITS.pendingProposalsMax);
  const readPsk = (r: Reader): ResumptionPsk => ({ epoch: r.u64(), secret: r.opaque(255) });
  const resumptionPsks = reader.vector(readPsk, LIMITS.resumptionEpochsMax + 1);
  const reinit = reader.optional(readReInit);
  return {
    status,
    ownLeafIndex,
    ...counts,
    context,
    interimTranscriptHash,
    confirmationTag,
    signaturePrivateKey,
    privateKeys: new Map(keys),
    secrets,
    ownUpdates,
    resumptionPsks,
    reinit,
  };
}

export function writePending(writer: Writer, pending: PendingProposal): void {
  writer.opaque(pending.reference);
  writeSender(writer, pending.sender);
  writeProposal(writer, pending.proposal);
}

export function readPending(reader: Reader): PendingProposal {
  const reference = reader.opaque(255);
  const sender = readSender(reader);
  return { reference, sender, proposal: readProposal(reader) };
}

/** A past epoch without its secret tree. */
export type EpochRecord = Omit<PastEpoch, "secretTree"> & { readonly leafCapacity: number };

export function writeEpoch(writer: Writer, epoch: EpochRecord): void {
  writeGroupContext(writer, epoch.context);
  writer.opaque(epoch.senderData).u32(epoch.leafCapacity);
  writer.vector(epoch.signatureKeys, (w, key) => w.optional(key, (v, bytes) => v.opaque(bytes)));
}

export function readEpoch(reader: Reader): EpochRecord {
  const context = readGroupContext(reader);
  const senderData = reader.opaque(255);
  const leafCapacity = reader.u32();
  const signatureKeys = reader.vector((r) => r.optional((v) => v.opaque(0xffff)), LIMITS.leavesMax);
  check(signatureKeys.length === leafCapacity, "invalid_snapshot");
  return { context, senderData, leafCapacity, signatureKeys };
}

type RatchetHead = Pick<Ratchet, "generation" | "secret">;

/** Content of one place of a secret tree; the keys of skipped messages are records of their own. */
export type SecretRecord =
  | { readonly kind: "secret"; readonly secret: Uint8Array }
  | { readonly kind: "sender"; readonly handshake: RatchetHead; readonly application: RatchetHead };

export function senderRecord(ratchets: SenderRatchets): SecretRecord {
  return { kind: "sender", handshake: ratchets.handshake, application: ratchets.application };
}

export function writeSecret(writer: Writer, record: SecretRecord): void {
  if (record.kind === "secret") {
    writer.u8(1).opaque(record.secret);
    return;
  }
  writer.u8(2);
  for (const head of [record.handshake, record.application]) writer.u32(head.generation).opaque(head.secret);
}

export function readSecret(reader: Reader): SecretRecord {
  const kind = reader.u8();
  if (kind === 1) return { kind: "secret", secret: reader.opaque(255) };
  check(kind === 2, "invalid_snapshot");
  const readHead = (): RatchetHead => ({ generation: reader.u32(), secret: reader.opaque(255) });
  return { kind: "sender", handshake: readHead(), application: readHead() };
}
