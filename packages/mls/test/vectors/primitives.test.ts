/** tree-math, crypto-basics, deserialization, secret-tree, psk_secret, key-schedule and transcript-hashes of the official vectors. */
import { beforeAll, describe, expect, test } from "vitest";
import { Reader, readWhole } from "../../src/codec/reader.ts";
import { encode } from "../../src/codec/writer.ts";
import { decryptWithLabel, deriveSecret, deriveTreeSecret, encryptWithLabel, expandWithLabel, refHash, signWithLabel, verifyWithLabel } from "../../src/crypto/labels.ts";
import type { CryptoProvider } from "../../src/crypto/provider.ts";
import { senderDataKeys } from "../../src/group/framing.ts";
import { confirmationTag, epochFromSecret, exportFrom, externalKeyPair, joinerSecret, scheduleEpoch, welcomeSecret } from "../../src/schedule/key-schedule.ts";
import { pskSecret } from "../../src/schedule/psk-secret.ts";
import { keyAt } from "../../src/schedule/ratchet.ts";
import { startSecretTree, withSender } from "../../src/schedule/secret-tree.ts";
import { confirmedTranscriptHash, interimTranscriptHash } from "../../src/schedule/transcript.ts";
import { readAuthenticatedContent } from "../../src/structs/authenticated-content.ts";
import { readGroupContext, writeGroupContext } from "../../src/structs/group-context.ts";
import { isLeaf, leftChild, nodeWidth, parentOf, rightChild, rootIndex, siblingOf } from "../../src/tree/math.ts";
import { testProvider, testRandom } from "../support/provider.ts";
import { hasVectors, hex, readVectors, supported, toHex, whyNoVectors } from "../support/vectors.ts";

type Text = Record<string, string>;
let provider: CryptoProvider;

beforeAll(async () => {
  provider = await testProvider();
});

describe("official vectors", () => {
  test.beforeEach((context) => {
    if (!hasVectors) context.skip(whyNoVectors);
  });

  test("tree-math", async () => {
    type Vector = { n_leaves: number; n_nodes: number; root: number } & Record<"left" | "right" | "parent" | "sibling", (number | null)[]>;
    const vectors = await readVectors<Vector>("tree-math");
    expect(vectors.length).toBeGreaterThan(0);
    for (const vector of vectors) {
      expect(nodeWidth(vector.n_leaves)).toBe(vector.n_nodes);
      expect(rootIndex(vector.n_leaves)).toBe(vector.root);
      for (let node = 0; node < vector.n_nodes; node++) {
        expect(isLeaf(node) ? null : leftChild(node)).toBe(vector.left[node]);
        expect(isLeaf(node) ? null : rightChild(node)).toBe(vector.right[node]);
        expect(node === vector.root ? null : parentOf(node)).toBe(vector.parent[node]);
        expect(node === vector.root ? null : siblingOf(node)).toBe(vector.sibling[node]);
      }
    }
  });

  test("deserialization", async () => {
    const vectors = await readVectors<{ vlbytes_header: string; length: number }>("deserialization");
    for (const { vlbytes_header: header, length } of vectors) {
      const bytes = new Uint8Array(hex(header).length + length);
      bytes.set(hex(header));
      if (length <= 16 * 1024 * 1024) expect(new Reader(bytes).opaque().length).toBe(length);
      else expect(() => new Reader(bytes).opaque()).toThrow(expect.objectContaining({ code: "limit_exceeded" }));
    }
  });

  test("crypto-basics", async () => {
    type Vector = { cipher_suite: number } & Record<
      "ref_hash" | "expand_with_label" | "derive_secret" | "derive_tree_secret" | "sign_with_label" | "encrypt_with_label",
      Text & { length: number; generation: number }
    >;
    const { cases } = supported(await readVectors<Vector>("crypto-basics"), provider);
    expect(cases.length).toBeGreaterThan(2);
    for (const { vector, suite } of cases) {
      const get = (group: Text, name: string): Uint8Array => hex(group[name] ?? "");
      const ref = vector.ref_hash;
      expect(toHex(refHash(suite, `${ref["label"]}`, get(ref, "value")))).toBe(ref["out"]);
      const expand = vector.expand_with_label;
      const expanded = expandWithLabel(suite, get(expand, "secret"), { label: `${expand["label"]}`, context: get(expand, "context"), length: expand.length });
      expect(toHex(expanded)).toBe(expand["out"]);
      const derive = vector.derive_secret;
      expect(toHex(deriveSecret(suite, get(derive, "secret"), `${derive["label"]}`))).toBe(derive["out"]);
      const tree = vector.derive_tree_secret;
      const input = { label: `${tree["label"]}`, generation: tree.generation, length: tree.length };
      expect(toHex(deriveTreeSecret(suite, get(tree, "secret"), input))).toBe(tree["out"]);
      const sign = vector.sign_with_label;
      const signed = { label: `${sign["label"]}`, content: get(sign, "content"), signature: get(sign, "signature") };
      expect(verifyWithLabel(suite, get(sign, "pub"), signed)).toBe(true);
      const signature = signWithLabel(suite, get(sign, "priv"), signed);
      expect(verifyWithLabel(suite, get(sign, "pub"), { ...signed, signature })).toBe(true);
      const box = vector.encrypt_with_label;
      const keys = { privateKey: get(box, "priv"), publicKey: get(box, "pub") };
      const sealed = { kemOutput: get(box, "kem_output"), ciphertext: get(box, "ciphertext") };
      const how = { label: `${box["label"]}`, context: get(box, "context") };
      expect(toHex(decryptWithLabel(suite, keys, { ...how, sealed }))).toBe(box["plaintext"]);
      const own = encryptWithLabel(suite, keys.publicKey, { ...how, plaintext: get(box, "plaintext"), random: testRandom(1) });
      expect(toHex(decryptWithLabel(suite, keys, { ...how, sealed: own }))).toBe(box["plaintext"]);
    }
  });

  test("secret-tree", async () => {
    type Generation = Text & { generation: number };
    type Vector = { cipher_suite: number; encryption_secret: string; sender_data: Text; leaves: Generation[][] };
    const { cases } = supported(await readVectors<Vector>("secret-tree"), provider);
    for (const { vector, suite } of cases) {
      const data = vector.sender_data;
      const keys = senderDataKeys(suite, hex(`${data["sender_data_secret"]}`), hex(`${data["ciphertext"]}`));
      expect(toHex(keys.key)).toBe(data["key"]);
      expect(toHex(keys.nonce)).toBe(data["nonce"]);
      let tree = startSecretTree(hex(vector.encryption_secret), vector.leaves.length);
      for (const [leafIndex, generations] of vector.leaves.entries()) {
        for (const expected of generations) {
          for (const kind of ["application", "handshake"] as const) {
            const window = { forwardGenerations: 100, skippedKeys: 0 };
            const used = withSender(suite, tree, {
              leafIndex,
              step: (ratchets) => {
                const { ratchet, key } = keyAt(suite, ratchets[kind], { generation: expected.generation, window });
                return { ratchets: { ...ratchets, [kind]: ratchet }, value: key };
              },
            });
            tree = used.tree;
            expect(toHex(used.value.key)).toBe(expected[`${kind}_key`]);
            expect(toHex(used.value.nonce)).toBe(expected[`${kind}_nonce`]);
          }
        }
      }
    }
  });

  test("psk_secret", async () => {
    type Vector = { cipher_suite: number; psks: Text[]; psk_secret: string };
    const { cases } = supported(await readVectors<Vector>("psk_secret"), provider);
    for (const { vector, suite } of cases) {
      const psks = vector.psks.map((psk) => ({
        id: { kind: "external" as const, id: hex(`${psk["psk_id"]}`), nonce: hex(`${psk["psk_nonce"]}`) },
        secret: hex(`${psk["psk"]}`),
      }));
      expect(toHex(pskSecret(suite, psks))).toBe(vector.psk_secret);
    }
  });

  test("key-schedule", async () => {
    type Epoch = Text & { exporter: Text & { length: number } };
    type Vector = { cipher_suite: number; initial_init_secret: string; epochs: Epoch[] };
    const { cases } = supported(await readVectors<Vector>("key-schedule"), provider);
    for (const { vector, suite } of cases) {
      let init = hex(vector.initial_init_secret);
      for (const epoch of vector.epochs) {
        const get = (name: string): Uint8Array => hex(`${epoch[name]}`);
        const context = readWhole(readGroupContext, get("group_context"));
        expect(toHex(encode(writeGroupContext, context))).toBe(epoch["group_context"]);
        const joiner = joinerSecret(suite, { init, commitSecret: get("commit_secret"), context });
        expect(toHex(joiner)).toBe(epoch["joiner_secret"]);
        expect(toHex(welcomeSecret(suite, joiner, get("psk_secret")))).toBe(epoch["welcome_secret"]);
        const { secrets, encryptionSecret } = scheduleEpoch(suite, { joiner, pskSecret: get("psk_secret"), context });
        expect(toHex(encryptionSecret)).toBe(epoch["encryption_secret"]);
        expect(toHex(secrets.senderData)).toBe(epoch["sender_data_secret"]);
        expect(toHex(secrets.exporter)).toBe(epoch["exporter_secret"]);
        expect(toHex(secrets.epochAuthenticator)).toBe(epoch["epoch_authenticator"]);
        expect(toHex(secrets.external)).toBe(epoch["external_secret"]);
        expect(toHex(secrets.confirmationKey)).toBe(epoch["confirmation_key"]);
        expect(toHex(secrets.membershipKey)).toBe(epoch["membership_key"]);
        expect(toHex(secrets.resumptionPsk)).toBe(epoch["resumption_psk"]);
        expect(toHex(secrets.init)).toBe(epoch["init_secret"]);
        expect(toHex(externalKeyPair(suite, secrets.external).publicKey)).toBe(epoch["external_pub"]);
        const { exporter } = epoch;
        const wanted = { label: `${exporter["label"]}`, context: hex(`${exporter["context"]}`), length: exporter.length };
        expect(toHex(exportFrom(suite, secrets.exporter, wanted))).toBe(exporter["secret"]);
        init = secrets.init;
      }
      expect(epochFromSecret(suite, init).secrets.init.length).toBe(suite.hashLength);
    }
  });

  test("transcript-hashes", async () => {
    type Vector = { cipher_suite: number } & Text;
    const { cases } = supported(await readVectors<Vector>("transcript-hashes"), provider);
    for (const { vector, suite } of cases) {
      const get = (name: string): Uint8Array => hex(`${(vector as Text)[name]}`);
      const content = readWhole(readAuthenticatedContent, get("authenticated_content"));
      const confirmed = confirmedTranscriptHash(suite, get("interim_transcript_hash_before"), content);
      expect(toHex(confirmed)).toBe((vector as Text)["confirmed_transcript_hash_after"]);
      const tag = confirmationTag(suite, get("confirmation_key"), confirmed);
      expect(toHex(tag)).toBe(toHex(content.auth.confirmationTag));
      expect(toHex(interimTranscriptHash(suite, confirmed, tag))).toBe((vector as Text)["interim_transcript_hash_after"]);
    }
  });
});
