/**
 * ts-mls 1.6.4 behind the Peer interface: pure functions over a state, so an adapter only keeps the newest state and translates bytes.
 */
import {
  acceptAll,
  bytesToBase64,
  type Capabilities,
  type CiphersuiteImpl,
  type CiphersuiteName,
  ciphersuites,
  type ClientState,
  createApplicationMessage,
  createCommit,
  createGroup,
  createGroupInfoWithExternalPubAndRatchetTree,
  createProposal,
  type Credential,
  type CredentialTypeName,
  decodeMlsMessage,
  emptyPskIndex,
  encodeMlsMessage,
  type Extension,
  generateKeyPackage,
  type IncomingMessageCallback,
  joinGroup,
  joinGroupExternal,
  type KeyPackage,
  makePskIndex,
  type MLSMessage,
  mlsExporter,
  type PrivateKeyPackage,
  processMessage,
  processPrivateMessage,
  type Proposal,
  type PskIndex,
} from "ts-mls";
import { decodeRatchetTree } from "ts-mls/ratchetTree.js";
import {
  type Bytes,
  type Changes,
  type Committed,
  copy,
  type GroupMember,
  type Member,
  type MemberOptions,
  type Peer,
  type Proposed,
  type Received,
  same,
  type Supports,
  utf8,
} from "./peer.ts";
import { suiteImpl, suiteName, suites } from "./ts-mls-suites.ts";

const supports: Supports = {
  suites,
  sends: ["public", "private"],
  receives: ["public", "private"],
  keyPackage: true,
  add: true,
  mixedCommit: true,
  remove: true,
  update: true,
  propose: true,
  byReference: true,
  commitPending: true,
  detachedTree: true,
  groupInfo: true,
  externalCommit: true,
  exporter: true,
  externalPsk: true,
  authenticatedData: true,
  epochAuthenticator: true,
  treeHash: true,
};

const limits = [
  "takes the ratchet tree in the GroupInfo or beside the welcome; wants every leaf to support every credential type in the tree",
  "checks lifetimes of what it adds itself (now inside, any length), not of what others add or of the tree it joins",
  "accepts unknown suites, GREASE and unlisted key package extensions in what others add",
  "rejects a GroupContext extension that the added leaf does not list in its capabilities",
  "BUG: a joiner rejects valid trees whose inner nodes list different unmerged leaves",
  "BUG: commit_secret goes up to the root even where the filtered direct path ends below it",
  "BUG: external_pub lacks the inner length of HPKEPublicKey, in what it writes and in what it reads",
  "BUG: P-256 signature keys are compressed points; the adapter makes them uncompressed",
  "BUG: a removed member whose leaf is refilled by the same commit throws InternalError",
  "BUG: processMessage drops the PSKs for a PrivateMessage; the adapter calls processPrivateMessage",
  "will not send application messages while it holds proposals that are not committed",
  "reads 10 generations back, 200 forward and 4 past epochs; pads PrivateMessages up to 256 bytes",
  "X-Wing keys are derived as in the X-Wing draft, not as in draft-ietf-hpke-pq; for suites 0xf001 and 0xf002 the adapter does the latter",
  "imports @noble/hashes, which it does not declare; suite 3 needs @hpke/chacha20poly1305 and @noble/ciphers",
];

/** Without GREASE, so that a run can be repeated; and for suite 3 the very lists of openmls-wasm, which cannot add others. */
function capabilities(suite: CiphersuiteName, types: readonly number[]): Capabilities {
  const listed = ciphersuites[suite] === 3 ? [1, 2, 3, 77].map(suiteName) : [suite];
  const credentials = types.map((type): CredentialTypeName => (type === 1 ? "basic" : "x509"));
  return { versions: ["mls10"], ciphersuites: listed, extensions: [], proposals: [], credentials };
}

function decode(bytes: Bytes): MLSMessage {
  const decoded = decodeMlsMessage(bytes, 0);
  if (decoded === undefined) throw new Error("ts-mls: undecodable MLSMessage");
  if (decoded[1] !== bytes.length) throw new Error("ts-mls: bytes after the MLSMessage");
  return decoded[0];
}

const encode = (content: MLSMessage): Bytes => copy(encodeMlsMessage(content));

interface KeyPair {
  readonly publicPackage: KeyPackage;
  readonly privatePackage: PrivateKeyPackage;
}

export class TsMlsMember implements Member {
  readonly identity: Bytes;
  readonly #cs: CiphersuiteImpl;
  readonly #packages: KeyPair[] = [];
  readonly #psks: Record<string, Uint8Array> = {};
  readonly #options: MemberOptions;
  #state: ClientState | undefined;

  constructor(name: string, cs: CiphersuiteImpl, options: MemberOptions) {
    this.identity = utf8(name);
    this.#options = options;
    this.#cs = cs;
  }

  get #public(): boolean {
    return this.#options.handshake !== "private";
  }

  /** For scenarios that look inside; not part of the Peer interface. */
  get state(): ClientState {
    if (this.#state === undefined) throw new Error("ts-mls: in no group");
    return this.#state;
  }

  async #newPackage(): Promise<KeyPair> {
    const now = BigInt(Math.floor(Date.now() / 1000));
    const credential: Credential = { credentialType: "basic", identity: this.identity };
    const lifetime = { notBefore: now - 3600n, notAfter: now + 28n * 86400n };
    return await generateKeyPackage(credential, capabilities(this.#cs.name, this.#options.credentials ?? [1, 2]), lifetime, [], this.#cs);
  }

  async keyPackage(): Promise<Bytes> {
    const pair = await this.#newPackage();
    this.#packages.push(pair);
    return encode({ version: "mls10", wireformat: "mls_key_package", keyPackage: pair.publicPackage });
  }

  async create(groupId: Bytes): Promise<void> {
    const pair = await this.#newPackage();
    const extensions: Extension[] = [];
    this.#state = await createGroup(groupId, pair.publicPackage, pair.privatePackage, extensions, this.#cs);
  }

  async join(welcome: Bytes, ratchetTree?: Bytes): Promise<void> {
    const message = decode(welcome);
    if (message.wireformat !== "mls_welcome") throw new Error("ts-mls: not a Welcome");
    const tree = ratchetTree === undefined ? undefined : decodeRatchetTree(ratchetTree, 0)?.[0];
    let failure: unknown = new Error("ts-mls: no key package was given out");
    for (const pair of this.#packages) {
      try {
        this.#state = await joinGroup(message.welcome, pair.publicPackage, pair.privatePackage, this.#pskIndex(), this.#cs, tree);
        return;
      } catch (error) {
        if (!String(error).includes("No matching secret found")) failure = error;
      }
    }
    throw failure;
  }

  #pskIndex(): PskIndex {
    return this.#state === undefined ? pskIndexOf(this.#psks) : makePskIndex(this.#state, this.#psks);
  }

  async externalCommit(groupInfo: Bytes): Promise<Bytes> {
    const message = decode(groupInfo);
    if (message.wireformat !== "mls_group_info") throw new Error("ts-mls: not a GroupInfo");
    const pair = await this.#newPackage();
    const joined = await joinGroupExternal(message.groupInfo, pair.publicPackage, pair.privatePackage, false, this.#cs);
    this.#state = joined.newState;
    return encode({ version: "mls10", wireformat: "mls_public_message", publicMessage: joined.publicMessage });
  }

  async commit(changes: Changes): Promise<Committed> {
    const proposals = [
      ...(changes.remove ?? []).map((identity) => this.#proposal({ kind: "remove", identity })),
      ...(changes.add ?? []).map((keyPackage) => this.#proposal({ kind: "add", keyPackage })),
      ...(changes.psk ?? []).map((id) => this.#proposal({ kind: "psk", id })),
    ];
    const result = await createCommit(
      { state: this.state, cipherSuite: this.#cs, pskIndex: this.#pskIndex() },
      {
        extraProposals: proposals,
        wireAsPublicMessage: this.#public,
        ratchetTreeExtension: true,
        ...(changes.aad === undefined ? {} : { authenticatedData: changes.aad }),
      },
    );
    this.#state = result.newState;
    const commit = encode(result.commit);
    if (result.welcome === undefined) return { commit };
    return { commit, welcome: encode({ version: "mls10", wireformat: "mls_welcome", welcome: result.welcome }) };
  }

  #proposal(proposed: Proposed): Proposal {
    switch (proposed.kind) {
      case "add": {
        const message = decode(proposed.keyPackage);
        if (message.wireformat !== "mls_key_package") throw new Error("ts-mls: not a KeyPackage");
        return { proposalType: "add", add: { keyPackage: message.keyPackage } };
      }
      case "remove":
        return { proposalType: "remove", remove: { removed: this.#leafOf(proposed.identity) } };
      case "psk": {
        const pskNonce = crypto.getRandomValues(new Uint8Array(this.#cs.kdf.size));
        return { proposalType: "psk", psk: { preSharedKeyId: { psktype: "external", pskId: proposed.id, pskNonce } } };
      }
    }
  }

  async propose(proposed: Proposed): Promise<Bytes> {
    const result = await createProposal(this.state, this.#public, this.#proposal(proposed), this.#cs);
    this.#state = result.newState;
    return encode(result.message);
  }

  async process(bytes: Bytes): Promise<Received> {
    const message = decode(bytes);
    if (message.wireformat !== "mls_public_message" && message.wireformat !== "mls_private_message") {
      throw new Error(`ts-mls: cannot process a ${message.wireformat}`);
    }
    let proposal = false;
    const callback: IncomingMessageCallback = (incoming) => {
      proposal = incoming.kind === "proposal";
      return acceptAll(incoming);
    };
    // Its own processMessage forgets the PSKs for a PrivateMessage.
    const result =
      message.wireformat === "mls_private_message"
        ? await processPrivateMessage(this.state, message.privateMessage, this.#pskIndex(), this.#cs, callback)
        : await processMessage(message, this.state, this.#pskIndex(), callback, this.#cs);
    this.#state = result.newState;
    if (result.kind === "applicationMessage") return { kind: "application", data: copy(result.message) };
    if (proposal) return { kind: "proposal" };
    return { kind: "commit", removed: result.newState.groupActiveState.kind === "removedFromGroup" };
  }

  async encrypt(data: Bytes, aad?: Bytes): Promise<Bytes> {
    const result = await createApplicationMessage(this.state, data, this.#cs, aad);
    this.#state = result.newState;
    return encode({ version: "mls10", wireformat: "mls_private_message", privateMessage: result.privateMessage });
  }

  async groupInfo(): Promise<Bytes> {
    const groupInfo = await createGroupInfoWithExternalPubAndRatchetTree(this.state, [], this.#cs);
    return encode({ version: "mls10", wireformat: "mls_group_info", groupInfo });
  }

  async exporter(label: string, context: Bytes, length: number): Promise<Bytes> {
    return copy(await mlsExporter(this.state.keySchedule.exporterSecret, label, context, length, this.#cs));
  }

  async rememberPsk(id: Bytes, secret: Bytes): Promise<void> {
    this.#psks[bytesToBase64(id)] = secret;
    return await Promise.resolve();
  }

  async epoch(): Promise<bigint> {
    return await Promise.resolve(this.state.groupContext.epoch);
  }

  async epochAuthenticator(): Promise<Bytes> {
    return await Promise.resolve(copy(this.state.keySchedule.epochAuthenticator));
  }

  async treeHash(): Promise<Bytes> {
    return await Promise.resolve(copy(this.state.groupContext.treeHash));
  }

  async members(): Promise<readonly GroupMember[]> {
    return await Promise.resolve(this.#members());
  }

  #members(): GroupMember[] {
    return this.state.ratchetTree.flatMap((node, index) => {
      if (node?.nodeType !== "leaf" || node.leaf.credential.credentialType !== "basic") return [];
      return [{ leaf: index / 2, identity: copy(node.leaf.credential.identity) }];
    });
  }

  #leafOf(identity: Bytes): number {
    const found = this.#members().find((member) => same(member.identity, identity));
    if (found?.leaf === undefined) throw new Error("ts-mls: no such member");
    return found.leaf;
  }
}

/** Before there is a state, only external PSKs can be looked up. */
function pskIndexOf(psks: Record<string, Uint8Array>): PskIndex {
  if (Object.keys(psks).length === 0) return emptyPskIndex;
  return makePskIndex(undefined, psks);
}

export const tsMls: Peer = {
  name: "ts-mls",
  version: "1.6.4",
  supports,
  limits,
  async newMember(name: string, options: MemberOptions): Promise<TsMlsMember> {
    return new TsMlsMember(name, await suiteImpl(options.suite), options);
  },
};
