/** Each limit of `LIMITS`: what is just within it passes, what is just beyond gives `limit_exceeded`. */
import { describe, expect, test } from "vitest";
import { decode, Reader, readWhole } from "../../src/codec/reader.ts";
import { encode, Writer } from "../../src/codec/writer.ts";
import { policyOf } from "../../src/group/context.ts";
import {
  createGroup,
  decodeMlsMessage,
  decodeSafeAad,
  exportSecret,
  externalSendersExtension,
  LIMITS,
  type LeafNode,
  receiveMessage,
} from "../../src/index.ts";
import { attempt } from "../../src/outcome.ts";
import { readCapabilities } from "../../src/structs/capabilities.ts";
import { readCommit, writeCommit } from "../../src/structs/commit.ts";
import { readCredential, writeCredential } from "../../src/structs/credential.ts";
import { readExtensions, writeExtensions } from "../../src/structs/extension.ts";
import { externalSenders } from "../../src/structs/external-senders.ts";
import { readGroupContext, writeGroupContext } from "../../src/structs/group-context.ts";
import { readGroupSecrets, writeGroupSecrets } from "../../src/structs/group-secrets.ts";
import { readWelcome, writeWelcome } from "../../src/structs/welcome.ts";
import { RatchetTree, type TreeNode } from "../../src/tree/ratchet-tree.ts";
import { readRatchetTree, readTreeNode, writeTreeNode } from "../../src/tree/tree-codec.ts";
import { cast, forger, stranger, under, verdict } from "../rules/cast.ts";
import { forgeApplication, forgeProposal } from "../rules/forge.ts";
import { codeOf, must, say, text } from "../support/clients.ts";

const none = new Uint8Array(0);

function many<T>(count: number, item: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => item(i));
}

/** What a decoder says at the limit and one beyond. */
function around(max: number, outcome: (count: number) => string): string[] {
  return [outcome(max), outcome(max + 1)];
}

const kept = ["ok", "limit_exceeded"];

const leaf: LeafNode = {
  encryptionKey: none,
  signatureKey: none,
  credential: { kind: "basic", identity: none },
  capabilities: { versions: [], suites: [], extensions: [], proposals: [], credentials: [] },
  source: { kind: "update" },
  extensions: [],
  signature: none,
};

function nodeVector(nodes: readonly (TreeNode | undefined)[]): Uint8Array {
  return encode((w: Writer, list: typeof nodes) => w.vector(list, (v, node) => v.optional(node, writeTreeNode)), nodes);
}

describe("the limit of", () => {
  test("messageBytesMax", () => {
    const outcome = (length: number): string => codeOf(decodeMlsMessage(new Uint8Array(length)));
    expect(around(LIMITS.messageBytesMax, outcome)).toEqual(["unsupported_version", "limit_exceeded"]);
    expect(codeOf(attempt(() => new Reader(Uint8Array.of(0x80, 0xff, 0xff, 0xff)).opaque()))).toBe("decode_truncated");
  });
  test("itemsMax", () => {
    const outcome = (count: number): string =>
      codeOf(attempt(() => new Reader(new Writer().opaque(new Uint8Array(count)).finish()).vector((r) => r.u8(), Infinity)));
    expect(around(LIMITS.itemsMax, outcome)).toEqual(kept);
    const extensions = encode(
      writeExtensions,
      many(64, (type) => ({ type, data: none })),
    );
    const commit = (count: number): Uint8Array =>
      new Writer()
        .vector(
          many(count, () => extensions),
          (w, bytes) => w.u8(1).u16(7).raw(bytes),
        )
        .u8(0)
        .finish();
    const itemsOf = 1 + 2 * 64;
    const most = Math.floor(LIMITS.itemsMax / itemsOf);
    expect(around(most, (count) => codeOf(decode(readCommit, commit(count))))).toEqual(kept);
  });
  test("leavesMax, in a tree", () => {
    const outcome = (count: number): string => {
      const nodes = many(2 * count - 1, (i): TreeNode | undefined => (i === 0 || i === 2 * count - 2 ? { kind: "leaf", leaf } : undefined));
      return codeOf(attempt(() => readRatchetTree(nodeVector(nodes))));
    };
    expect(around(LIMITS.leavesMax, outcome)).toEqual(kept);
  });
  test("leavesMax, by an Add", () => {
    const full = (count: number): RatchetTree =>
      new RatchetTree(many(2 * LIMITS.leavesMax - 1, (i) => (i % 2 === 0 && i < 2 * count ? { kind: "leaf", leaf } : undefined)));
    expect(around(LIMITS.leavesMax - 1, (count) => codeOf(attempt(() => full(count).add(leaf))))).toEqual(kept);
  });
  test("leavesMax, in a list of unmerged leaves", () => {
    const outcome = (count: number): string => {
      const node: TreeNode = { kind: "parent", parent: { encryptionKey: none, parentHash: none, unmergedLeaves: many(count, (i) => i) } };
      return codeOf(decode(readTreeNode, encode(writeTreeNode, node)));
    };
    expect(around(LIMITS.leavesMax, outcome)).toEqual(kept);
  });
  test("leavesMax and pathNodesMax, in a Welcome and in a path", () => {
    const sealed = { kemOutput: none, ciphertext: none };
    const welcome = (count: number): string => {
      const secrets = many(count, () => ({ newMember: none, encryptedGroupSecrets: sealed }));
      return codeOf(decode(readWelcome, encode(writeWelcome, { suiteId: 1, secrets, encryptedGroupInfo: none })));
    };
    expect(around(LIMITS.leavesMax, welcome)).toEqual(kept);
    const path = (nodes: number, ciphertexts: number): string => {
      const list = many(nodes, () => ({ encryptionKey: none, encryptedPathSecrets: many(ciphertexts, () => sealed) }));
      return codeOf(decode(readCommit, encode(writeCommit, { proposals: [], path: { leafNode: leaf, nodes: list } })));
    };
    expect(around(LIMITS.leavesMax, (count) => path(1, count))).toEqual(kept);
    expect(around(LIMITS.pathNodesMax, (count) => path(count, 1))).toEqual(kept);
  });
  test("proposalsPerCommitMax", () => {
    const outcome = (count: number): string => {
      const proposals = many(count, () => ({ kind: "reference" as const, reference: none }));
      return codeOf(decode(readCommit, encode(writeCommit, { proposals, path: undefined })));
    };
    expect(around(LIMITS.proposalsPerCommitMax, outcome)).toEqual(kept);
  });
  test("pendingProposalsMax", async () => {
    const { ada, bob } = await cast();
    const { message, listed } = forgeProposal(forger(ada), { kind: "remove", removed: 2 });
    const entry = { proposal: listed.proposal, sender: listed.sender, reference: new Uint8Array(32) };
    const outcome = (count: number): string => verdict({ ...bob, state: { ...bob.state, proposals: many(count, () => entry) } }, message);
    expect(around(LIMITS.pendingProposalsMax - 1, outcome)).toEqual(kept);
  });
  test("extensionsMax", () => {
    const outcome = (count: number): string =>
      codeOf(
        decode(
          readExtensions,
          encode(
            writeExtensions,
            many(count, (type) => ({ type, data: none })),
          ),
        ),
      );
    expect(around(LIMITS.extensionsMax, outcome)).toEqual(kept);
  });
  test("capabilityEntriesMax", () => {
    for (const place of many(5, (i) => i)) {
      const outcome = (count: number): string => {
        const writer = new Writer();
        for (const at of many(5, (i) => i))
          writer.vector(
            many(at === place ? count : 0, (i) => i),
            (w, value) => w.u16(value),
          );
        return codeOf(decode(readCapabilities, writer.finish()));
      };
      expect(around(LIMITS.capabilityEntriesMax, outcome)).toEqual(kept);
    }
  });
  test("certificatesMax", () => {
    const outcome = (count: number): string =>
      codeOf(decode(readCredential, encode(writeCredential, { kind: "x509", certificates: many(count, () => none) })));
    expect(around(LIMITS.certificatesMax, outcome)).toEqual(kept);
  });
  test("credentialBytesMax", () => {
    const data = (count: number): Uint8Array => new Uint8Array(count);
    for (const credential of [
      (count: number) => ({ kind: "basic" as const, identity: data(count) }),
      (count: number) => ({ kind: "custom" as const, type: 77, data: data(count) }),
      (count: number) => ({ kind: "x509" as const, certificates: [data(count)] }),
    ]) {
      expect(
        around(LIMITS.credentialBytesMax, (count) => codeOf(decode(readCredential, encode(writeCredential, credential(count))))),
      ).toEqual(kept);
    }
  });
  test("pskIdsMax", () => {
    const outcome = (count: number): string => {
      const psks = many(count, () => ({ kind: "external" as const, id: none, nonce: none }));
      return codeOf(decode(readGroupSecrets, encode(writeGroupSecrets, { joinerSecret: none, pathSecret: undefined, psks })));
    };
    expect(around(LIMITS.pskIdsMax, outcome)).toEqual(kept);
  });
  test("externalSendersMax", () => {
    const outcome = (count: number): string =>
      codeOf(
        attempt(() =>
          externalSenders([externalSendersExtension(many(count, () => ({ signatureKey: none, credential: leaf.credential })))]),
        ),
      );
    expect(around(LIMITS.externalSendersMax, outcome)).toEqual(kept);
  });
  test("groupIdBytesMax", async () => {
    const { ada, crypto } = await cast();
    const context = (count: number): string =>
      codeOf(decode(readGroupContext, encode(writeGroupContext, { ...ada.state.context, groupId: new Uint8Array(count) })));
    expect(around(LIMITS.groupIdBytesMax, context)).toEqual(kept);
    const { identity, suiteId, context: own } = stranger(crypto);
    const create = (count: number): string => codeOf(createGroup({ suiteId, identity, groupId: new Uint8Array(count) }, own));
    expect(around(LIMITS.groupIdBytesMax, create)).toEqual(["ok", "usage"]);
  });
  test("safeAadItemsMax", () => {
    const outcome = (count: number): string =>
      codeOf(
        decodeSafeAad(
          new Writer()
            .vector(
              many(count, (i) => i),
              (w, id) => w.u16(id).opaque(none),
            )
            .finish(),
        ),
      );
    expect(around(LIMITS.safeAadItemsMax, outcome)).toEqual(kept);
  });
  test("forwardGenerationsMax, whatever the policy says", async () => {
    const { ada, bob } = await cast();
    const outcome = (generation: number): string =>
      verdict(bob, forgeApplication(forger(ada), text("x"), { senderData: (data) => ({ ...data, generation }) }), {
        forwardGenerations: 1_000_000,
      });
    expect(around(LIMITS.forwardGenerationsMax, outcome)).toEqual(["decrypt_failed", "generation_too_far"]);
  });
  test("skippedKeysMax, whatever the policy says", async () => {
    const { ada, bob } = await cast();
    const messages = many(LIMITS.skippedKeysMax + 2, (i) => say(ada, `${i}`));
    const context = under(bob.client, { skippedKeys: 1_000_000, forwardGenerations: 1_000_000 });
    const { state } = must(receiveMessage(bob.state, messages.at(-1) ?? none, context));
    expect(messages.slice(0, 2).map((message) => codeOf(receiveMessage(state, message, context)))).toEqual(["replayed", "ok"]);
  });
  test("pastEpochsMax and resumptionEpochsMax, whatever the policy says", async () => {
    const { bob } = await cast();
    const policy = policyOf(under(bob.client, { pastEpochs: 1_000_000, resumptionEpochs: 1_000_000 }));
    expect([policy.pastEpochs, policy.resumptionEpochs]).toEqual([LIMITS.pastEpochsMax, LIMITS.resumptionEpochsMax]);
  });
  test("an export", async () => {
    const { ada } = await cast();
    const outcome = (length: number): string => codeOf(exportSecret(ada.state, { label: "x", context: none, length }, ada.client.context));
    expect(around(255 * 32, outcome)).toEqual(["ok", "usage"]);
  });
  test("a byte string never exceeds what is there", () => {
    for (const bytes of [Uint8Array.of(0xbf, 0xff, 0xff, 0xff), Uint8Array.of(0x7f, 0xff, 1), Uint8Array.of(2, 1)]) {
      expect(codeOf(attempt(() => readWhole((r) => r.opaque(), bytes)))).toBe("decode_truncated");
      expect(codeOf(attempt(() => readWhole((r) => r.vector((inner) => inner.u8(), 9), bytes)))).toBe("decode_truncated");
    }
  });
});
