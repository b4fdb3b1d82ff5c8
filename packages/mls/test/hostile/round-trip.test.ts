/** decode(encode(x)) is x, and encode(decode(bytes)) is bytes, for arbitrary structs. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Reader, readWhole } from "../../src/codec/reader.ts";
import { encode, type Writer } from "../../src/codec/writer.ts";
import { decodeMlsMessage, decodeSafeAad, encodeMlsMessage, encodeSafeAad } from "../../src/index.ts";
import { readCapabilities, writeCapabilities } from "../../src/structs/capabilities.ts";
import { readCommit, writeCommit } from "../../src/structs/commit.ts";
import { readCredential, writeCredential } from "../../src/structs/credential.ts";
import { readExtensions, writeExtensions } from "../../src/structs/extension.ts";
import { readFramedContent, writeFramedContent } from "../../src/structs/framed-content.ts";
import { readGroupContext, writeGroupContext } from "../../src/structs/group-context.ts";
import { readGroupInfo, writeGroupInfo } from "../../src/structs/group-info.ts";
import { readGroupSecrets, writeGroupSecrets } from "../../src/structs/group-secrets.ts";
import { readKeyPackage, writeKeyPackage } from "../../src/structs/key-package.ts";
import { readLeafNode, writeLeafNode } from "../../src/structs/leaf-node.ts";
import { readProposal, writeProposal } from "../../src/structs/proposal.ts";
import { readPskId, writePskId } from "../../src/structs/psk.ts";
import { readWelcome, writeWelcome } from "../../src/structs/welcome.ts";
import { encodeRatchetTree, readRatchetTree, readTreeNode, writeTreeNode } from "../../src/tree/tree-codec.ts";
import { must } from "../support/clients.ts";
import { cast } from "../rules/cast.ts";
import * as any from "./arbitraries.ts";
import { runsOf } from "./runs.ts";

function comesBack<T>(arbitrary: fc.Arbitrary<T>, codec: { read: (reader: Reader) => T; write: (writer: Writer, value: T) => void }): void {
  const one = fc.property(arbitrary, (value) => {
    const bytes = encode(codec.write, value);
    const again = readWhole(codec.read, bytes);
    expect(again).toEqual(value);
    expect(encode(codec.write, again)).toEqual(bytes);
  });
  fc.assert(one, { seed: 9420, numRuns: runsOf(60) });
}

describe("round trips", () => {
  test("leaf nodes and what is in them", () => {
    expect(() => {
      comesBack(any.credential, { read: readCredential, write: writeCredential });
      comesBack(any.capabilities, { read: readCapabilities, write: writeCapabilities });
      comesBack(any.extensions, { read: readExtensions, write: writeExtensions });
      comesBack(any.leafNode, { read: readLeafNode, write: writeLeafNode });
      comesBack(any.keyPackage, { read: readKeyPackage, write: writeKeyPackage });
      comesBack(any.treeNode, { read: readTreeNode, write: writeTreeNode });
    }).not.toThrow();
  });
  test("proposals and commits", () => {
    expect(() => {
      comesBack(any.pskId, { read: readPskId, write: writePskId });
      comesBack(any.proposal, { read: readProposal, write: writeProposal });
      comesBack(any.commit, { read: readCommit, write: writeCommit });
      comesBack(any.framed, { read: readFramedContent, write: writeFramedContent });
    }).not.toThrow();
  });
  test("what a joiner gets", () => {
    expect(() => {
      comesBack(any.groupContext, { read: readGroupContext, write: writeGroupContext });
      comesBack(any.groupInfo, { read: readGroupInfo, write: writeGroupInfo });
      comesBack(any.groupSecrets, { read: readGroupSecrets, write: writeGroupSecrets });
      comesBack(any.welcome, { read: readWelcome, write: writeWelcome });
    }).not.toThrow();
  });
  test("messages", () => {
    const one = fc.property(any.mlsMessage, (message) => {
      const bytes = encodeMlsMessage(message);
      expect(must(decodeMlsMessage(bytes))).toEqual(message);
      expect(encodeMlsMessage(must(decodeMlsMessage(bytes)))).toEqual(bytes);
    });
    expect(() => fc.assert(one, { seed: 9420, numRuns: runsOf(100) })).not.toThrow();
  });
  test("Safe AAD", () => {
    const one = fc.property(any.componentItems, (items) => {
      const bytes = must(encodeSafeAad({ items, rest: new Uint8Array(0) }));
      expect(must(decodeSafeAad(bytes)).items).toEqual(items);
    });
    expect(() => fc.assert(one, { seed: 9420, numRuns: runsOf(60) })).not.toThrow();
  });
  test("a ratchet tree", async () => {
    const { ada } = await cast({ full: true });
    const bytes = encodeRatchetTree(ada.state.tree);
    expect(encodeRatchetTree(readRatchetTree(bytes))).toEqual(bytes);
  });
});
