/**
 * ts-mls 1.6.4 as a contender, with its default crypto provider (WebCrypto).
 */
import {
  acceptAll,
  type CiphersuiteImpl,
  type ClientState,
  createApplicationMessage,
  createCommit,
  createGroup,
  decodeMlsMessage,
  emptyPskIndex,
  encodeMlsMessage,
  generateKeyPackage,
  getCiphersuiteFromName,
  getCiphersuiteImpl,
  joinGroup,
  type KeyPackage,
  type MLSMessage,
  type PrivateKeyPackage,
  processMessage,
} from "ts-mls";
import { mlsContender } from "../lib/engine.ts";

interface Member {
  readonly name: string;
  readonly cs: CiphersuiteImpl;
  pair?: { readonly publicPackage: KeyPackage; readonly privatePackage: PrivateKeyPackage };
  state?: ClientState;
}

const suite = "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519";

function stateOf({ state }: Member): ClientState {
  if (state === undefined) throw new Error("ts-mls: in no group");
  return state;
}

async function newPair(member: Member): Promise<NonNullable<Member["pair"]>> {
  const now = BigInt(Math.floor(Date.now() / 1000));
  return await generateKeyPackage(
    { credentialType: "basic", identity: new TextEncoder().encode(member.name) },
    { versions: ["mls10"], ciphersuites: [suite], extensions: [], proposals: [], credentials: ["basic"] },
    { notBefore: now - 3600n, notAfter: now + 28n * 86400n },
    [],
    member.cs,
  );
}

/** All messages are taken as bytes, as they come from a server. */
function decode(bytes: Uint8Array): MLSMessage {
  const message = decodeMlsMessage(bytes, 0)?.[0];
  if (message === undefined) throw new Error("ts-mls: undecodable");
  return message;
}

async function receive(member: Member, bytes: Uint8Array): Promise<Uint8Array> {
  const message = decode(bytes);
  if (message.wireformat !== "mls_private_message") throw new Error("ts-mls: not a PrivateMessage");
  const result = await processMessage(message, stateOf(member), emptyPskIndex, acceptAll, member.cs);
  member.state = result.newState;
  return result.kind === "applicationMessage" ? result.message : new Uint8Array();
}

export const tsMls = mlsContender<Member, Uint8Array, Uint8Array, Uint8Array>({
  name: "ts-mls 1.6.4",
  notes: ["suite 1, default provider; handshakes as PrivateMessage"],
  limits: { updateCommitCreate: 128, updateCommitProcess: 128 },
  joinsAgain: true,
  newMember: async (name) => ({ name, cs: await getCiphersuiteImpl(getCiphersuiteFromName(suite)) }),
  keyPackage: async (member) => {
    member.pair = await newPair(member);
    return encodeMlsMessage({ version: "mls10", wireformat: "mls_key_package", keyPackage: member.pair.publicPackage });
  },
  create: async (member, groupId) => {
    const { publicPackage, privatePackage } = await newPair(member);
    member.state = await createGroup(new TextEncoder().encode(groupId), publicPackage, privatePackage, [], member.cs);
  },
  add: async (member, keyPackages) => {
    const extraProposals = keyPackages.map((bytes) => {
      const message = decode(bytes);
      if (message.wireformat !== "mls_key_package") throw new Error("ts-mls: not a KeyPackage");
      return { proposalType: "add" as const, add: { keyPackage: message.keyPackage } };
    });
    const result = await createCommit({ state: stateOf(member), cipherSuite: member.cs }, { extraProposals, ratchetTreeExtension: true });
    member.state = result.newState;
    if (result.welcome === undefined) throw new Error("ts-mls: no welcome");
    encodeMlsMessage(result.commit);
    return encodeMlsMessage({ version: "mls10", wireformat: "mls_welcome", welcome: result.welcome });
  },
  join: async (member, bytes) => {
    const message = decode(bytes);
    if (message.wireformat !== "mls_welcome" || member.pair === undefined) throw new Error("ts-mls: no Welcome or no key package");
    const { publicPackage, privatePackage } = member.pair;
    member.state = await joinGroup(message.welcome, publicPackage, privatePackage, emptyPskIndex, member.cs);
  },
  update: async (member) => {
    const result = await createCommit({ state: stateOf(member), cipherSuite: member.cs });
    member.state = result.newState;
    return encodeMlsMessage(result.commit);
  },
  process: async (member, message) => {
    await receive(member, message);
  },
  encrypt: async (member, data) => {
    const result = await createApplicationMessage(stateOf(member), data, member.cs);
    member.state = result.newState;
    return encodeMlsMessage({ version: "mls10", wireformat: "mls_private_message", privateMessage: result.privateMessage });
  },
  decrypt: receive,
  size: (message) => message.length,
});
