/** Every form that core stores or sends: a sample with what it is made from, and changed bytes with the code that refuses them. */
import { encodeMlsMessage, encodeSafeAad, exportRatchetTree, type GroupState as MlsState } from "@sotto/mls";
import * as c from "@sotto/core";
import * as p from "@sotto/protocol";
import { exportEpochSecret } from "../../src/capabilities.ts";
import { decodeCommitData, encodeCommitData } from "../../src/groups/group-change-item.ts";
import { groupExtensions } from "../../src/groups/group-extensions.ts";
import { HANDSHAKE_KEY, unwrapHandshake, wrapHandshake } from "../../src/groups/wrapped-handshake.ts";
import { credentialOf, readCredential } from "../../src/identity/credential.ts";
import { asOutcome, contextFor, crypto, must } from "./provider.ts";
import { linkCases } from "./link-cases.ts";
import { addressOf, Person, say, type Seat, wordsAt, World } from "./people.ts";

export type VectorCase = {
  readonly name: string;
  readonly spec: string;
  readonly input: unknown;
  readonly output: unknown;
  /** Reads the output back, for forms that a program reads. */
  readonly read?: (bytes: Uint8Array) => c.CoreOutcome<unknown>;
  /** Writes what was read, for forms of which bytes other than the output may be accepted. */
  readonly again?: (bytes: Uint8Array) => Uint8Array;
  /** Codes of what is refused. */
  readonly refused?: readonly string[];
};

const identityOf = (address: c.DeviceAddress | undefined): Uint8Array =>
  address === undefined ? new Uint8Array() : (credentialOf(address) as { identity: Uint8Array }).identity;

const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

/** Randomness that gives out the given arrays, one a call. */
function scripted(...parts: readonly Uint8Array[]): (length: number) => Uint8Array {
  const left = [...parts];
  return (length) => {
    const next = left.shift();
    if (next?.length !== length) throw new Error("the script of the randomness does not fit");
    return next;
  };
}

const context = contextFor("vectors");
const world = new World();
const [ada, bob] = [new Person(world, "ada"), new Person(world, "bob", 1)];
const seats = ada.phone.start("group", [ada.laptop, bob.phone], "Lake people");
const [adaPhone, , bobPhone] = seats as [Seat, Seat, Seat];
say(adaPhone, "Have you seen it?");
wordsAt(bobPhone);
const { conversation } = bobPhone;
const { mls, group, log } = conversation;
const [opened] = bobPhone.heard;
if (opened?.kind !== "message") throw new Error("no message");
const { evidence, bytes } = opened;

const exported = (state: MlsState, label: string, length: number): Uint8Array => must(exportEpochSecret(state, { label, length }, context));

function identity(): VectorCase[] {
  const { own } = ada.phone;
  const { masterKey } = ada.made;
  const unlocking = { account: ada.account, unlocker: "recoveryKey" as const, secret: filled(32, 0x11) };
  const [salt, nonce] = [filled(16, 0x22), filled(12, 0x33)];
  const wrapped = must(c.wrapMasterKey(masterKey, unlocking, { ...context, random: scripted(salt, nonce) }));
  const inDevice = { signatureKeys: own.signatureKeys, inboxKeys: own.inboxKeys };
  const card = { username: p.expectSuccess(p.parseAddress("ada")).username, contactToken: filled(32, 0x66) };
  const inVault = { item: filled(16, 0x55), bytes: p.encodeUtf8("a record of the vault") };
  const inCard = { account: ada.account, masterKey: masterKey.key };
  const stored = must(c.makeKeyPackage(own, { lastResort: true }, contextFor("key package")));
  const note: p.InboxNote = { kind: "contact", contactToken: filled(32, 1), username: "ada", host: "sotto.example" };
  const sealed = must(c.sealNote(own, { to: addressOf(bob.phone), note }, { ...contextFor("note"), chains: world.lookup }));
  return [
    {
      name: "device keys",
      spec: "spec/identity.md, Device keys",
      input: inDevice,
      output: c.encodeDeviceKeys(own),
      read: (changed) => c.decodeDeviceKeys(changed, context),
      again: (changed) => c.encodeDeviceKeys(must(c.decodeDeviceKeys(changed, context))),
      refused: ["device_keys_invalid", "version_unsupported"],
    },
    {
      name: "recovery key as text",
      spec: "spec/identity.md, Recovery key",
      input: filled(32, 0x5a),
      output: c.recoveryKeyToText(filled(32, 0x5a)),
    },
    {
      name: "keys of an account",
      spec: "spec/backup.md, Keys",
      input: { masterKey: masterKey.key, account: ada.account },
      output: { ...c.accountKeys(masterKey.key, ada.account, context), recoverySigner: c.recoveryPublicKey(masterKey.key, context).key },
    },
    {
      name: "wrapped master key",
      spec: "spec/backup.md, Unlockers",
      input: { ...masterKey, ...unlocking, salt, nonce },
      output: wrapped,
      read: (changed) => c.unwrapMasterKey(changed, unlocking, context),
      refused: ["form_invalid", "unlock_failed", "version_unsupported"],
    },
    {
      name: "vault lock",
      spec: "spec/vault.md, Lock",
      input: { key: filled(32, 0x44), secret: filled(32, 0x11), salt, nonce },
      output: must(c.lockVault(filled(32, 0x44), filled(32, 0x11), { ...context, random: scripted(salt, nonce) })),
      read: (changed) => c.unlockVault(changed, filled(32, 0x11), context),
      refused: ["store_damaged", "unlock_failed", "version_unsupported"],
    },
    {
      name: "vault record",
      spec: "spec/vault.md, Lock",
      input: { ...inVault, key: filled(32, 0x44), nonce },
      output: c.sealVaultRecord(filled(32, 0x44), inVault, { ...context, random: scripted(nonce) }),
      read: (changed) => c.openVaultRecord(filled(32, 0x44), { ...inVault, bytes: changed }, context),
      refused: ["store_damaged"],
    },
    {
      name: "account card",
      spec: "spec/backup.md, Account card",
      input: { masterKey: masterKey.key, account: ada.account, nonce, ...card },
      output: c.sealAccountCard(card, inCard, { ...context, random: scripted(nonce) }),
      read: (changed) => c.openAccountCard(changed, inCard, context),
      refused: ["account_card_invalid", "version_unsupported"],
    },
    {
      name: "archive segment keys",
      spec: "spec/backup.md, Segments",
      input: { archiveKey: filled(32, 0x44), segmentId: filled(16, 0x55) },
      output: c.archiveSegmentKeys(filled(32, 0x44), filled(16, 0x55), { crypto }),
    },
    {
      name: "stored key package",
      spec: "spec/groups.md, Key packages",
      input: {
        initKey: stored.own.secrets.initKeys.privateKey,
        leafKey: stored.own.secrets.encryptionKeys.privateKey,
        message: stored.message,
      },
      output: c.encodeStoredKeyPackage(stored),
      read: (changed) => c.decodeStoredKeyPackage(changed, own, context),
      again: (changed) => c.encodeStoredKeyPackage(must(c.decodeStoredKeyPackage(changed, own, context))),
      refused: ["device_keys_invalid", "version_unsupported"],
    },
    {
      name: "sealed note",
      spec: "spec/inbox.md, Seal",
      input: {
        note: { ...note },
        sender: addressOf(ada.phone),
        to: addressOf(bob.phone),
        inboxPrivateKey: bob.phone.own.inboxKeys.privateKey,
      },
      output: sealed,
      read: (changed) => c.openNote(bob.phone.own, changed, bob.phone.context),
      refused: ["inbox_item_invalid", "version_unsupported"],
    },
  ];
}

function groups(): VectorCase[] {
  const change: p.GroupChange = { kind: "name", revision: 0, name: "Lake people again" };
  const nonce = filled(12, 0x66);
  const once = { ...context, random: scripted(nonce) };
  const message = encodeMlsMessage({
    kind: "keyPackage",
    keyPackage: must(c.makeKeyPackage(ada.phone.own, { lastResort: false }, context)).own.keyPackage,
  });
  const handshakeKey = filled(HANDSHAKE_KEY.length, 0x77);
  const info = must(c.makeJoinInfo(conversation, { to: addressOf(bob.phone), nextSeq: 2 }, bob.phone.context));
  const tokens = must(c.epochTokens(conversation, context));
  const typing = p.encodeContent(p.plainContent(filled(16, 0x12), { kind: "typing", isTyping: true }));
  const { salt: _, ...draft } = p.plainContent(filled(16, 0), { kind: "typing", isTyping: true });
  const random = scripted(filled(16, 0x12), nonce);
  const signal = must(c.sealEphemeral({ conversation, self: bob.phone.own }, draft, { ...context, random }));
  return [
    {
      name: "credential identity",
      spec: "spec/groups.md, Credential",
      input: addressOf(ada.phone),
      output: (credentialOf(addressOf(ada.phone)) as { identity: Uint8Array }).identity,
      read: (changed) => asOutcome(readCredential({ kind: "basic", identity: changed }), "key_package_invalid"),
      again: (changed) => identityOf(readCredential({ kind: "basic", identity: changed })),
      refused: ["key_package_invalid"],
    },
    {
      name: "extensions of the GroupContext",
      spec: "spec/groups.md, GroupContext",
      input: { kind: "group", state: p.encodeGroupState(group) },
      output: groupExtensions("group", group),
    },
    {
      name: "token hashes",
      spec: "spec/log.md, Capabilities",
      input: { log, ...tokens },
      output: c.tokenHashes(log, tokens),
    },
    {
      name: "authenticated data of a commit with a change",
      spec: "spec/groups.md, Changes",
      input: { key: exported(mls, "sotto group change", 16), nonce, changes: [p.encodeGroupChange(change)] },
      output: must(encodeCommitData(mls, [change], once)),
      read: (changed) => decodeCommitData(mls, changed, context),
    },
    {
      name: "authenticated data of a message",
      spec: "spec/groups.md, Entries",
      input: { tag: filled(32, 0xaa) },
      output: must(encodeSafeAad({ items: [{ componentId: 0x8000, data: filled(32, 0xaa) }], rest: new Uint8Array(0) })),
    },
    {
      name: "wrapped handshake",
      spec: "spec/groups.md, Wrapped handshakes",
      input: { log, key: handshakeKey, nonce, message },
      output: wrapHandshake(message, { log, key: handshakeKey }, { ...context, random: scripted(nonce) }),
      read: (changed) => asOutcome(unwrapHandshake(changed, { log, key: handshakeKey }, context), "conversation_invalid"),
      refused: ["conversation_invalid"],
    },
    {
      name: "log after a break",
      spec: "spec/groups.md, Re-anchoring",
      input: { exporterSecret: mls.status === "removed" ? null : mls.secrets.exporter, log, attempt: 2 },
      output: must(c.reanchor(conversation, 2, context)).create,
    },
    {
      name: "join info",
      spec: "spec/groups.md, External joins",
      input: { ...info, group: p.encodeGroupState(info.group), ratchetTree: exportRatchetTree(mls) },
      output: c.encodeJoinInfo(info),
      read: c.decodeJoinInfo,
      again: (changed) => c.encodeJoinInfo(must(c.decodeJoinInfo(changed))),
      refused: ["join_info_invalid", "version_unsupported"],
    },
    {
      name: "ephemeral signal",
      spec: "spec/groups.md, Ephemeral",
      input: {
        log,
        epoch: tokens.epoch,
        key: exported(mls, "sotto ephemeral", 16),
        nonce,
        content: must(typing),
        leafIndex: mls.ownLeafIndex,
        signaturePrivateKey: bob.phone.own.signatureKeys.privateKey,
      },
      output: signal.body,
      read: (changed) => c.openEphemeral(adaPhone.conversation, { epoch: tokens.epoch, body: changed }, context),
      refused: ["ephemeral_invalid"],
    },
  ];
}

/** What a device keeps of a conversation beside the records of the MLS engine (packages/mls has vectors of those). */
function records(): VectorCase[] {
  const { put } = c.conversationDelta(undefined, conversation);
  const [head, rest] = [put.filter(([key]) => key === "conversation"), put.filter(([key]) => key !== "conversation")];
  const record = head[0]?.[1] ?? new Uint8Array();
  const read = (changed: Uint8Array): c.CoreOutcome<c.Conversation> => c.conversationFromRecords([["conversation", changed], ...rest]);
  return [
    {
      name: "record of a conversation",
      spec: "spec/groups.md, Stored state",
      input: { log, kind: conversation.kind, group: p.encodeGroupState(group) },
      output: record,
      read,
      again: (changed) =>
        c.conversationDelta(undefined, must(read(changed))).put.find(([key]) => key === "conversation")?.[1] ?? new Uint8Array(),
      refused: ["conversation_invalid", "version_unsupported"],
    },
  ];
}

function reports(): VectorCase[] {
  const stored = must(c.encodeEvidence(evidence, bytes));
  const report = must(c.encodeReport([{ bytes, evidence }], ada.entries));
  const keys = { key: filled(32, 0x11), noncePrefix: filled(7, 0x22) };
  const plan = c.planBlob(keys, 5);
  const data = Uint8Array.of(1, 2, 3, 4, 5);
  return [
    {
      name: "stored evidence",
      spec: "spec/reports.md, Stored evidence",
      input: { ...evidence, content: bytes },
      output: stored,
      read: (changed) => c.decodeEvidence(changed, bytes),
      again: (changed) => must(c.encodeEvidence(must(c.decodeEvidence(changed, bytes)), bytes)),
      refused: ["evidence_invalid", "version_unsupported"],
    },
    {
      name: "report",
      spec: "spec/reports.md, Report",
      input: { content: bytes, storedEvidence: stored, chain: ada.entries },
      output: report,
      read: (changed) => c.verifyReport(changed, { crypto }),
    },
    {
      name: "segment of a blob",
      spec: "spec/blobs.md, Segments",
      input: { ...keys, data, index: 0 },
      output: must(c.sealSegment(plan, { index: 0, data }, { crypto })),
      read: (changed) => c.openSegment(plan, { index: 0, sealed: changed }, { crypto }),
      refused: ["blob_damaged"],
    },
  ];
}

export const CASES: readonly VectorCase[] = [...identity(), ...linkCases(ada.account, context), ...groups(), ...records(), ...reports()];
