/** Good examples of everything that comes from outside, with the functions that read and write them. */
import { decode, type Reader, readWhole } from "../../src/codec/reader.ts";
import { encode, type Writer } from "../../src/codec/writer.ts";
import {
  appDataDictionaryExtension,
  basicCredential,
  COMPONENT,
  createCommit,
  decodeSafeAad,
  decodeState,
  encodeSafeAad,
  encodeState,
  exportGroupInfo,
  externalSendersExtension,
  type Outcome,
  type Proposal,
  requiredCapabilitiesExtension,
  stateDelta,
  stateFromRecords,
  usesSafeAad,
} from "../../src/index.ts";
import { attempt } from "../../src/outcome.ts";
import { readAuthenticatedContent, writeAuthenticatedContent } from "../../src/structs/authenticated-content.ts";
import { readCapabilities, writeCapabilities } from "../../src/structs/capabilities.ts";
import { readCommit, writeCommit } from "../../src/structs/commit.ts";
import { readCredential, writeCredential } from "../../src/structs/credential.ts";
import { readExtensions, writeExtensions } from "../../src/structs/extension.ts";
import { externalSenders } from "../../src/structs/external-senders.ts";
import { readGroupContext, writeGroupContext } from "../../src/structs/group-context.ts";
import { readGroupInfo, writeGroupInfo } from "../../src/structs/group-info.ts";
import { readGroupSecrets, writeGroupSecrets } from "../../src/structs/group-secrets.ts";
import { readKeyPackage, writeKeyPackage } from "../../src/structs/key-package.ts";
import { readLeafNode, writeLeafNode } from "../../src/structs/leaf-node.ts";
import { readMlsMessage, writeMlsMessage } from "../../src/structs/mls-message.ts";
import { readProposal, writeProposal } from "../../src/structs/proposal.ts";
import { readPskId, writePskId } from "../../src/structs/psk.ts";
import { requiredCapabilities } from "../../src/structs/required-capabilities.ts";
import { readWelcome, writeWelcome } from "../../src/structs/welcome.ts";
import { encodeRatchetTree, readRatchetTree, readTreeNode, writeTreeNode } from "../../src/tree/tree-codec.ts";
import { keyPackageOf, must, say, text } from "../support/clients.ts";
import { cast, type Cast, forger, stranger } from "../rules/cast.ts";
import { byValue, forgeProposal, sign } from "../rules/forge.ts";
import { forgeCommit, forgeUpdate } from "../rules/forge-commit.ts";

/** One form: how it is read, good examples as bytes, and decoded examples with what writes them. */
export type Form = {
  readonly name: string;
  readonly examples: readonly Uint8Array[];
  readonly decode: (bytes: Uint8Array) => Outcome<unknown>;
  /** Reads an example, changes it and writes it again. */
  readonly rewrite?: (bytes: Uint8Array, change: (value: unknown) => unknown) => Uint8Array;
};

function formOf<T>(
  name: string,
  codec: { read: (reader: Reader) => T; write: (writer: Writer, value: T) => void },
  examples: readonly Uint8Array[],
): Form {
  const rewrite = (bytes: Uint8Array, change: (value: unknown) => unknown): Uint8Array =>
    encode(codec.write, change(readWhole(codec.read, bytes)) as T);
  return { name, examples, decode: (bytes) => decode(codec.read, bytes), rewrite };
}

export function everyProposal(scene: Cast): Proposal[] {
  const by = forger(scene.ada);
  const { keyPackage } = keyPackageOf(stranger(scene.crypto), { lastResort: true, grease: true });
  const nonce = new Uint8Array(32).fill(1);
  return [
    { kind: "add", keyPackage },
    forgeUpdate(by),
    { kind: "remove", removed: 2 },
    { kind: "psk", psk: { kind: "external", id: text("psk"), nonce } },
    { kind: "psk", psk: { kind: "resumption", usage: "application", groupId: text("group"), epoch: 1n, nonce } },
    { kind: "reinit", groupId: text("next"), version: 1, suiteId: 1, extensions: [{ type: 1, data: text("x") }] },
    { kind: "externalInit", kemOutput: new Uint8Array(32).fill(9) },
    { kind: "groupContextExtensions", extensions: groupExtensions() },
    { kind: "selfRemove" },
    { kind: "custom", type: 0xff01, data: text("x") },
  ];
}

export function groupExtensions(): { readonly type: number; readonly data: Uint8Array }[] {
  return [
    requiredCapabilitiesExtension({ extensions: [6], proposals: [10], credentials: [1] }),
    externalSendersExtension([{ signatureKey: new Uint8Array(32).fill(3), credential: basicCredential(text("sue")) }]),
    appDataDictionaryExtension([
      { componentId: COMPONENT.safeAad, data: Uint8Array.of(0) },
      { componentId: 900, data: text("x") },
    ]),
  ];
}

function messagesOf(scene: Cast): Uint8Array[] {
  const { ada, crypto } = scene;
  const by = forger(ada);
  const added = must(createCommit(ada.state, { proposals: everyProposal(scene).slice(0, 1) }, ada.client.context));
  return [
    added.message,
    added.welcome ?? new Uint8Array(0),
    must(exportGroupInfo(ada.state, {}, ada.client.context)),
    encode(writeMlsMessage, { kind: "keyPackage", keyPackage: keyPackageOf(stranger(crypto)).keyPackage }),
    forgeCommit(by, { list: byValue(by, ...everyProposal(scene)) }),
    ...everyProposal(scene).map((proposal) => forgeProposal(by, proposal).message),
    say(ada, "hello"),
  ];
}

/** Every form of the package, from a group of four with a full tree and some pending things. */
export async function corpus(): Promise<{ readonly scene: Cast; readonly forms: readonly Form[] }> {
  const scene = await cast({ names: ["ada", "bob", "cyn", "dan"], full: true });
  const { state } = scene.ada;
  const by = forger(scene.ada);
  const proposals = everyProposal(scene);
  const leaves = [...state.tree.members()].map(({ leaf }) => leaf);
  const commit = must(decode(readMlsMessage, forgeCommit(by, { list: byValue(by, ...proposals) })));
  if (commit.kind !== "publicMessage" || commit.message.framed.content.kind !== "commit") throw new Error("no commit");
  const body = commit.message.framed.content.commit;
  const info = must(decode(readMlsMessage, must(exportGroupInfo(state, {}, scene.ada.client.context))));
  if (info.kind !== "groupInfo") throw new Error("no group info");
  const messages = messagesOf(scene);
  const welcome = must(decode(readMlsMessage, messages[1] ?? new Uint8Array(0)));
  if (welcome.kind !== "welcome") throw new Error("no welcome");
  const psks = proposals.flatMap((proposal) => (proposal.kind === "psk" ? [proposal.psk] : []));
  const credentials = [
    basicCredential(text("ada")),
    { kind: "x509" as const, certificates: [text("a"), text("b")] },
    { kind: "custom" as const, type: 77, data: text("x") },
  ];
  const keyPackages = proposals.flatMap((proposal) => (proposal.kind === "add" ? [proposal.keyPackage] : []));
  const extensions = groupExtensions();
  const aad = must(encodeSafeAad({ items: [{ componentId: 1, data: text("x") }], rest: text("") }));
  const nodes = [0, 1, 3].map((index) => state.tree.node(index)).filter((node) => node !== undefined);
  const content = sign(by, { kind: "proposal", proposal: { kind: "remove", removed: 1 } });
  const forms = [
    formOf("MLSMessage", { read: readMlsMessage, write: writeMlsMessage }, messages),
    formOf(
      "KeyPackage",
      { read: readKeyPackage, write: writeKeyPackage },
      keyPackages.map((item) => encode(writeKeyPackage, item)),
    ),
    formOf(
      "LeafNode",
      { read: readLeafNode, write: writeLeafNode },
      leaves.map((leaf) => encode(writeLeafNode, leaf)),
    ),
    formOf(
      "Proposal",
      { read: readProposal, write: writeProposal },
      proposals.map((item) => encode(writeProposal, item)),
    ),
    formOf("Commit", { read: readCommit, write: writeCommit }, [encode(writeCommit, body)]),
    formOf(
      "Credential",
      { read: readCredential, write: writeCredential },
      credentials.map((item) => encode(writeCredential, item)),
    ),
    formOf(
      "Capabilities",
      { read: readCapabilities, write: writeCapabilities },
      leaves.map((leaf) => encode(writeCapabilities, leaf.capabilities)),
    ),
    formOf("extensions", { read: readExtensions, write: writeExtensions }, [encode(writeExtensions, extensions)]),
    formOf("GroupContext", { read: readGroupContext, write: writeGroupContext }, [
      encode(writeGroupContext, { ...state.context, extensions }),
    ]),
    formOf("GroupInfo", { read: readGroupInfo, write: writeGroupInfo }, [encode(writeGroupInfo, info.groupInfo)]),
    formOf("Welcome", { read: readWelcome, write: writeWelcome }, [encode(writeWelcome, welcome.welcome)]),
    formOf("GroupSecrets", { read: readGroupSecrets, write: writeGroupSecrets }, [
      encode(writeGroupSecrets, { joinerSecret: new Uint8Array(32), pathSecret: new Uint8Array(32), psks }),
    ]),
    formOf(
      "PreSharedKeyID",
      { read: readPskId, write: writePskId },
      psks.map((item) => encode(writePskId, item)),
    ),
    formOf("AuthenticatedContent", { read: readAuthenticatedContent, write: writeAuthenticatedContent }, [
      encode(writeAuthenticatedContent, content),
    ]),
    formOf(
      "tree node",
      { read: readTreeNode, write: writeTreeNode },
      nodes.map((node) => encode(writeTreeNode, node)),
    ),
    {
      name: "ratchet tree",
      examples: [encodeRatchetTree(state.tree)],
      decode: (bytes: Uint8Array) => attempt(() => readRatchetTree(bytes)),
    },
    { name: "SafeAAD", examples: [aad], decode: decodeSafeAad },
    ...extensions.map((extension, i) => ({
      name: `content of extension ${extension.type}`,
      examples: [extension.data],
      decode: (data: Uint8Array) =>
        attempt(() => [requiredCapabilities, externalSenders, usesSafeAad][i]?.([{ type: extension.type, data }])),
    })),
    { name: "snapshot", examples: scene.seats.map((seat) => encodeState(seat.state)), decode: decodeState },
    {
      name: "records",
      examples: stateDelta(undefined, state).put.map(([, value]) => value),
      decode: (bytes: Uint8Array) => {
        const { put } = stateDelta(undefined, state);
        return stateFromRecords(put.map(([key, value], i): [string, Uint8Array] => [key, i === bytes.length % put.length ? bytes : value]));
      },
    },
  ];
  return { scene, forms };
}
