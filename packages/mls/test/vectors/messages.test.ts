/** messages, message-protection, welcome and the three passive-client files of the official vectors. */
import { beforeAll, describe, expect, test } from "vitest";
import { readWhole } from "../../src/codec/reader.ts";
import { encode, Writer } from "../../src/codec/writer.ts";
import { decryptWithLabel, verifyWithLabel } from "../../src/crypto/labels.ts";
import type { CipherSuite, CryptoProvider } from "../../src/crypto/provider.ts";
import { isMembershipTag, membershipTag, sealPrivate, signFramed } from "../../src/group/framing.ts";
import { welcomeKeys } from "../../src/group/group-info.ts";
import { keyPackageReference } from "../../src/group/key-package.ts";
import { decryptPrivate, type EpochKeys, evidenceFor, isSignedAsClaimed } from "../../src/group/unframing.ts";
import { acceptAnyCredential, joinGroup, type MlsContext, receiveMessage } from "../../src/index.ts";
import { isConfirmationTag, scheduleEpoch, welcomeSecret } from "../../src/schedule/key-schedule.ts";
import { startSecretTree } from "../../src/schedule/secret-tree.ts";
import { readCommit, writeCommit } from "../../src/structs/commit.ts";
import type { Content } from "../../src/structs/framed-content.ts";
import { groupInfoTbs, readGroupInfo } from "../../src/structs/group-info.ts";
import { readGroupSecrets, writeGroupSecrets } from "../../src/structs/group-secrets.ts";
import { readMlsMessage, writeMlsMessage } from "../../src/structs/mls-message.ts";
import { PROPOSAL, readProposal, writeProposal } from "../../src/structs/proposal.ts";
import { encodeRatchetTree, readRatchetTree } from "../../src/tree/tree-codec.ts";
import { testProvider, testRandom } from "../support/provider.ts";
import { hasVectors, hex, readVectors, supported, toHex, whyNoVectors } from "../support/vectors.ts";

let provider: CryptoProvider;

beforeAll(async () => {
  provider = await testProvider();
});

const bareProposals: Record<string, number> = {
  add_proposal: PROPOSAL.add,
  update_proposal: PROPOSAL.update,
  remove_proposal: PROPOSAL.remove,
  pre_shared_key_proposal: PROPOSAL.psk,
  re_init_proposal: PROPOSAL.reinit,
  external_init_proposal: PROPOSAL.externalInit,
  group_context_extensions_proposal: PROPOSAL.groupContextExtensions,
};

/** Decodes one field of messages.json and encodes it again. */
function recode(name: string, bytes: Uint8Array): Uint8Array {
  const type = bareProposals[name];
  if (type !== undefined) {
    const proposal = readWhole(readProposal, new Writer().u16(type).raw(bytes).finish());
    return encode(writeProposal, proposal).slice(2);
  }
  if (name === "ratchet_tree") return encodeRatchetTree(readRatchetTree(bytes));
  if (name === "group_secrets") return encode(writeGroupSecrets, readWhole(readGroupSecrets, bytes));
  if (name === "commit") return encode(writeCommit, readWhole(readCommit, bytes));
  return encode(writeMlsMessage, readWhole(readMlsMessage, bytes));
}

type Protection = Record<
  | "group_id"
  | "tree_hash"
  | "confirmed_transcript_hash"
  | "signature_priv"
  | "signature_pub"
  | "encryption_secret"
  | "sender_data_secret"
  | "membership_key"
  | "proposal"
  | "proposal_priv"
  | "proposal_pub"
  | "commit"
  | "commit_priv"
  | "commit_pub"
  | "application"
  | "application_priv",
  string
> & { cipher_suite: number; epoch: number };

function runProtection(suite: CipherSuite, vector: Protection): void {
  const context = {
    version: 1,
    suiteId: suite.id,
    groupId: hex(vector.group_id),
    epoch: BigInt(vector.epoch),
    treeHash: hex(vector.tree_hash),
    confirmedTranscriptHash: hex(vector.confirmed_transcript_hash),
    extensions: [],
  };
  const keys: EpochKeys = {
    context,
    senderData: hex(vector.sender_data_secret),
    secretTree: startSecretTree(hex(vector.encryption_secret), 2),
    signatureKey: (leafIndex) => (leafIndex === 1 ? hex(vector.signature_pub) : undefined),
  };
  const encodeContent = (content: Content): string => {
    if (content.kind === "application") return toHex(content.data);
    return toHex(content.kind === "proposal" ? encode(writeProposal, content.proposal) : encode(writeCommit, content.commit));
  };
  const open = (bytes: Uint8Array): string => {
    const message = readWhole(readMlsMessage, bytes);
    if (message.kind === "publicMessage") {
      const { framed, auth, membershipTag: tag } = message.message;
      const content = { wireFormat: 1, framed, auth };
      expect(isMembershipTag(suite, content, { key: hex(vector.membership_key), context, tag: tag ?? new Uint8Array(0) })).toBe(true);
      expect(isSignedAsClaimed(suite, evidenceFor(content, keys))).toBe(true);
      return encodeContent(framed.content);
    }
    if (message.kind !== "privateMessage") throw new Error("unexpected kind of message");
    const window = { forwardGenerations: 10, skippedKeys: 10 };
    const { content } = decryptPrivate(suite, message.message, { keys, window, ownLeafIndex: 0 });
    expect(isSignedAsClaimed(suite, evidenceFor(content, keys))).toBe(true);
    return encodeContent(content.framed.content);
  };
  expect(open(hex(vector.proposal_pub))).toBe(vector.proposal);
  expect(open(hex(vector.proposal_priv))).toBe(vector.proposal);
  expect(open(hex(vector.commit_pub))).toBe(vector.commit);
  expect(open(hex(vector.commit_priv))).toBe(vector.commit);
  expect(open(hex(vector.application_priv))).toBe(vector.application);

  const contents: Content[] = [
    { kind: "application", data: hex(vector.application) },
    { kind: "proposal", proposal: readWhole(readProposal, hex(vector.proposal)) },
    { kind: "commit", commit: readWhole(readCommit, hex(vector.commit)) },
  ];
  for (const content of contents) {
    const sender = { kind: "member" as const, leafIndex: 1 };
    const framed = { groupId: context.groupId, epoch: context.epoch, sender, authenticatedData: hex("aabb"), content };
    for (const wireFormat of ["publicMessage", "privateMessage"] as const) {
      if (wireFormat === "publicMessage" && content.kind === "application") continue;
      const signed = signFramed(suite, framed, { wireFormat, context, privateKey: hex(vector.signature_priv) });
      const confirmationTag = content.kind === "commit" ? hex("00".repeat(suite.hashLength)) : undefined;
      const authenticated = { ...signed, auth: { ...signed.auth, confirmationTag } };
      if (wireFormat === "publicMessage") {
        const tag = membershipTag(suite, authenticated, { key: hex(vector.membership_key), context });
        const message = { framed, auth: authenticated.auth, membershipTag: tag };
        expect(open(encode(writeMlsMessage, { kind: "publicMessage", message }))).toBe(encodeContent(content));
      } else {
        const how = { leafIndex: 1, senderData: keys.senderData, secretTree: keys.secretTree, reuseGuard: hex("01020304") };
        const { message } = sealPrivate(suite, authenticated, { ...how, paddingBytes: () => 7 });
        expect(open(encode(writeMlsMessage, { kind: "privateMessage", message }))).toBe(encodeContent(content));
      }
    }
  }
}

type Passive = Record<"key_package" | "signature_priv" | "encryption_priv" | "init_priv" | "welcome" | "initial_epoch_authenticator", string> & {
  cipher_suite: number;
  ratchet_tree: string | null;
  external_psks: { psk_id: string; psk: string }[];
  epochs: { proposals: string[]; commit: string; epoch_authenticator: string }[];
};

function runPassive(suite: CipherSuite, vector: Passive): void {
  const psks = new Map(vector.external_psks.map(({ psk_id: id, psk }) => [id, hex(psk)]));
  const context: MlsContext = {
    crypto: provider,
    random: testRandom(0),
    now: 0,
    policy: { authenticate: acceptAnyCredential, psk: (id) => (id.kind === "external" ? psks.get(toHex(id.id)) : undefined) },
  };
  const message = readWhole(readMlsMessage, hex(vector.key_package));
  if (message.kind !== "keyPackage") throw new Error("not a key package");
  const keyPairOf = (privateKey: Uint8Array, publicKey: Uint8Array): { privateKey: Uint8Array; publicKey: Uint8Array } => ({ privateKey, publicKey });
  const { keyPackage } = message;
  const secrets = {
    initKeys: keyPairOf(hex(vector.init_priv), keyPackage.initKey),
    encryptionKeys: keyPairOf(hex(vector.encryption_priv), keyPackage.leafNode.encryptionKey),
    signaturePrivateKey: hex(vector.signature_priv),
  };
  const joined = joinGroup(
    {
      welcome: hex(vector.welcome),
      keyPackages: [{ keyPackage, secrets }],
      ...(vector.ratchet_tree === null ? {} : { ratchetTree: hex(vector.ratchet_tree) }),
    },
    context,
  );
  if (!joined.ok) throw new Error(`join: ${joined.code}`);
  let { state } = joined.value;
  expect(toHex(state.secrets.epochAuthenticator)).toBe(vector.initial_epoch_authenticator);
  for (const [index, epoch] of vector.epochs.entries()) {
    for (const bytes of [...epoch.proposals, epoch.commit]) {
      const received = receiveMessage(state, hex(bytes), context);
      if (!received.ok) throw new Error(`epoch ${index} of ${vector.epochs.length}, suite ${suite.id}: ${received.code}`);
      state = received.value.state;
    }
    expect(toHex(state.secrets.epochAuthenticator)).toBe(epoch.epoch_authenticator);
  }
}

describe("official vectors", () => {
  test.beforeEach((context) => {
    if (!hasVectors) context.skip(whyNoVectors);
  });

  test("messages", { timeout: 120_000 }, async () => {
    const vectors = await readVectors<Record<string, string>>("messages");
    expect(vectors.length).toBeGreaterThan(100);
    for (const vector of vectors) {
      for (const [name, text] of Object.entries(vector)) expect([name, toHex(recode(name, hex(text)))]).toEqual([name, text]);
    }
  });

  test("message-protection", async () => {
    const { cases } = supported(await readVectors<Protection>("message-protection"), provider);
    expect(cases.length).toBeGreaterThan(2);
    for (const { vector, suite } of cases) runProtection(suite, vector);
  });

  test("welcome", async () => {
    type Vector = Record<"init_priv" | "key_package" | "signer_pub" | "welcome", string> & { cipher_suite: number };
    const { cases } = supported(await readVectors<Vector>("welcome"), provider);
    expect(cases.length).toBeGreaterThan(2);
    for (const { vector, suite } of cases) {
      const keyPackage = readWhole(readMlsMessage, hex(vector.key_package));
      const welcome = readWhole(readMlsMessage, hex(vector.welcome));
      if (keyPackage.kind !== "keyPackage" || welcome.kind !== "welcome") throw new Error("wrong kind of message");
      const reference = toHex(keyPackageReference(suite, keyPackage.keyPackage));
      const entry = welcome.welcome.secrets.find(({ newMember }) => toHex(newMember) === reference);
      if (entry === undefined) throw new Error("the welcome has no entry for the key package");
      const keys = { privateKey: hex(vector.init_priv), publicKey: keyPackage.keyPackage.initKey };
      const sealed = { label: "Welcome", context: welcome.welcome.encryptedGroupInfo, sealed: entry.encryptedGroupSecrets };
      const secrets = readWhole(readGroupSecrets, decryptWithLabel(suite, keys, sealed) ?? new Uint8Array(0));
      const pskSecret = new Uint8Array(suite.hashLength);
      const { key, nonce } = welcomeKeys(suite, welcomeSecret(suite, secrets.joinerSecret, pskSecret));
      const info = suite.aeadOpen(key, nonce, { aad: new Uint8Array(0), data: welcome.welcome.encryptedGroupInfo });
      const groupInfo = readWhole(readGroupInfo, info ?? new Uint8Array(0));
      const signed = { label: "GroupInfoTBS", content: groupInfoTbs(groupInfo), signature: groupInfo.signature };
      expect(verifyWithLabel(suite, hex(vector.signer_pub), signed)).toBe(true);
      const epoch = scheduleEpoch(suite, { joiner: secrets.joinerSecret, pskSecret, context: groupInfo.groupContext });
      const seen = { hash: groupInfo.groupContext.confirmedTranscriptHash, tag: groupInfo.confirmationTag };
      expect(isConfirmationTag(suite, epoch.secrets, seen)).toBe(true);
    }
  });

  for (const name of ["passive-client-welcome", "passive-client-handling-commit", "passive-client-random"]) {
    test(name, { timeout: 120_000 }, async () => {
      const { cases } = supported(await readVectors<Passive>(name), provider);
      expect(cases.length).toBeGreaterThan(0);
      for (const { vector, suite } of cases) runPassive(suite, vector);
    });
  }
});

