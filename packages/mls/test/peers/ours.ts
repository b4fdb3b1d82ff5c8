/**
 * Our engine behind the Peer interface, with any crypto provider: pure functions over a state, so the adapter keeps the newest state, the
 * key packages and PSKs, and throws where the engine says no.
 */
import {
  basicCredential,
  type Capabilities,
  createCommit,
  createExternalCommit,
  createGroup,
  createIdentity,
  createKeyPackage,
  createProposal,
  type CryptoProvider,
  decodeMlsMessage,
  encodeMlsMessage,
  epochAuthenticator,
  exportGroupInfo,
  exportRatchetTree,
  exportSecret,
  type GroupState,
  type Identity,
  joinGroup,
  members,
  type MlsContext,
  type OwnKeyPackage,
  type Proposal,
  receiveMessage,
  sealMessage,
  SUITE,
  type WireFormatName,
} from "../../src/index.ts";
import { must } from "../support/clients.ts";
import { testRandom } from "../support/provider.ts";
import {
  type Bytes,
  type Changes,
  type Committed,
  copy,
  type GroupMember,
  hex,
  type Member,
  type MemberOptions,
  type Peer,
  type Proposed,
  type Received,
  same,
  type Supports,
} from "./peer.ts";

const supports: Supports = {
  suites: Object.values(SUITE),
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

export interface OurOptions {
  readonly crypto: CryptoProvider;
  /** Every random byte of this peer's members comes from here; a name is used once per run. */
  readonly seed?: string;
  /** Whether welcomes carry the tree; beside them otherwise (default within). */
  readonly tree?: "within" | "beside";
  /** An update path also in commits that need none; without it their additions stay unmerged leaves (default false). */
  readonly paths?: boolean;
  /** GREASE in the capabilities of key packages and leaves (RFC 9420 §13.5). */
  readonly grease?: boolean;
}

/** For suite 3 the very lists of openmls-wasm, which cannot add others. */
function capabilities({ suite, credentials = [1, 2] }: MemberOptions): Partial<Capabilities> {
  return suite === 3 ? { suites: [1, 2, 3, 77], extensions: [], proposals: [], credentials } : { credentials };
}

interface Born {
  readonly context: MlsContext;
  readonly identity: Identity;
  readonly psks: Map<string, Uint8Array>;
}

export class OurMember implements Member {
  readonly identity: Bytes;
  readonly context: MlsContext;
  readonly #born: Born;
  readonly #options: MemberOptions & OurOptions;
  readonly #keyPackages: OwnKeyPackage[] = [];
  #state: GroupState | undefined;

  constructor(identity: Bytes, born: Born, options: MemberOptions & OurOptions) {
    this.identity = identity;
    this.context = born.context;
    this.#born = born;
    this.#options = options;
  }

  /** For tests that look inside; not part of the Peer interface. */
  get state(): GroupState {
    if (this.#state === undefined) throw new Error("ours: in no group");
    return this.#state;
  }

  get #wireFormat(): WireFormatName {
    return this.#options.handshake === "private" ? "privateMessage" : "publicMessage";
  }

  get #leaf(): { identity: Identity; capabilities: Partial<Capabilities>; grease: boolean } {
    return { identity: this.#born.identity, capabilities: capabilities(this.#options), grease: this.#options.grease ?? false };
  }

  async keyPackage(): Promise<Bytes> {
    const own = must(createKeyPackage({ suiteId: this.#options.suite, ...this.#leaf }, this.context));
    this.#keyPackages.push(own);
    return await Promise.resolve(copy(encodeMlsMessage({ kind: "keyPackage", keyPackage: own.keyPackage })));
  }

  async create(groupId: Bytes): Promise<void> {
    this.#state = must(createGroup({ suiteId: this.#options.suite, groupId, ...this.#leaf }, this.context));
    await Promise.resolve();
  }

  async join(welcome: Bytes, ratchetTree?: Bytes): Promise<void> {
    const options = { welcome, keyPackages: this.#keyPackages };
    this.#state = must(joinGroup(ratchetTree === undefined ? options : { ...options, ratchetTree }, this.context)).state;
    await Promise.resolve();
  }

  async externalCommit(groupInfo: Bytes): Promise<Bytes> {
    const made = must(createExternalCommit({ groupInfo, ...this.#leaf }, this.context));
    this.#state = made.next;
    return await Promise.resolve(copy(made.message));
  }

  async commit(changes: Changes): Promise<Committed> {
    const proposals = [
      ...(changes.remove ?? []).map((identity) => this.#proposal({ kind: "remove", identity })),
      ...(changes.add ?? []).map((keyPackage) => this.#proposal({ kind: "add", keyPackage })),
      ...(changes.psk ?? []).map((id) => this.#proposal({ kind: "psk", id })),
    ];
    const beside = this.#options.tree === "beside";
    const options = {
      proposals,
      wireFormat: this.#wireFormat,
      path: this.#options.paths ?? false,
      groupInfo: { ratchetTree: !beside },
      ...(changes.aad === undefined ? {} : { authenticatedData: changes.aad }),
    };
    const made = must(createCommit(this.state, options, this.context));
    this.#state = made.next;
    const sent = { commit: copy(made.message), ...(made.welcome === undefined ? {} : { welcome: copy(made.welcome) }) };
    return await Promise.resolve(beside ? { ...sent, ratchetTree: copy(exportRatchetTree(made.next)) } : sent);
  }

  #proposal(proposed: Proposed): Exclude<Proposal, { kind: "update" }> {
    switch (proposed.kind) {
      case "add": {
        const message = must(decodeMlsMessage(proposed.keyPackage));
        if (message.kind !== "keyPackage") throw new Error("ours: not a KeyPackage");
        return { kind: "add", keyPackage: message.keyPackage };
      }
      case "remove":
        return { kind: "remove", removed: this.leafOf(proposed.identity) };
      case "psk": {
        const suite = this.context.crypto.suite(this.#options.suite);
        if (suite === undefined) throw new Error("ours: unknown suite");
        return { kind: "psk", psk: { kind: "external", id: proposed.id, nonce: this.context.random(suite.hashLength) } };
      }
    }
  }

  async propose(proposed: Proposed): Promise<Bytes> {
    return await this.#propose(this.#proposal(proposed));
  }

  /** An Update proposal; not part of the Peer interface. */
  async proposeUpdate(): Promise<Bytes> {
    return await this.#propose({ kind: "update" });
  }

  async #propose(proposal: Parameters<typeof createProposal>[1]["proposal"]): Promise<Bytes> {
    const made = must(createProposal(this.state, { proposal, wireFormat: this.#wireFormat }, this.context));
    this.#state = made.state;
    return await Promise.resolve(copy(made.message));
  }

  async process(message: Bytes): Promise<Received> {
    const received = must(receiveMessage(this.state, message, this.context));
    this.#state = received.state;
    if (received.kind === "application") return await Promise.resolve({ kind: "application", data: copy(received.data) });
    if (received.kind === "proposal") return { kind: "proposal" };
    return { kind: "commit", removed: received.change.selfRemoved };
  }

  async encrypt(data: Bytes, aad?: Bytes): Promise<Bytes> {
    const sealed = must(sealMessage(this.state, aad === undefined ? { data } : { data, authenticatedData: aad }, this.context));
    this.#state = sealed.state;
    return await Promise.resolve(copy(sealed.message));
  }

  async groupInfo(): Promise<Bytes> {
    return await Promise.resolve(copy(must(exportGroupInfo(this.state, {}, this.context))));
  }

  async exporter(label: string, context: Bytes, length: number): Promise<Bytes> {
    return await Promise.resolve(copy(must(exportSecret(this.state, { label, context, length }, this.context))));
  }

  async rememberPsk(id: Bytes, secret: Bytes): Promise<void> {
    this.#born.psks.set(hex(id), secret);
    await Promise.resolve();
  }

  async epoch(): Promise<bigint> {
    return await Promise.resolve(this.state.context.epoch);
  }

  async epochAuthenticator(): Promise<Bytes> {
    return await Promise.resolve(copy(must(epochAuthenticator(this.state))));
  }

  async treeHash(): Promise<Bytes> {
    return await Promise.resolve(copy(this.state.context.treeHash));
  }

  async members(): Promise<readonly GroupMember[]> {
    return await Promise.resolve(this.#members());
  }

  #members(): GroupMember[] {
    return members(this.state).flatMap(({ leafIndex, leaf: { credential } }) =>
      credential.kind === "basic" ? [{ leaf: leafIndex, identity: copy(credential.identity) }] : [],
    );
  }

  leafOf(identity: Bytes): number {
    const found = this.#members().find((member) => same(member.identity, identity));
    if (found?.leaf === undefined) throw new Error("ours: no such member");
    return found.leaf;
  }
}

export interface OurPeer extends Peer {
  newMember(name: string, options: MemberOptions): Promise<OurMember>;
}

/** A peer of our engine. Its members' randomness follows from the seed and the order in which they are made. */
export function ourPeer(options: OurOptions): OurPeer {
  let made = 0;
  return {
    name: "ours",
    version: options.crypto.name,
    supports,
    limits: ["suite 3 key packages list the capabilities of openmls-wasm"],
    async newMember(name: string, choice: MemberOptions): Promise<OurMember> {
      made += 1;
      const psks = new Map<string, Uint8Array>();
      const context: MlsContext = {
        crypto: options.crypto,
        random: testRandom(`${options.seed ?? "ours"} ${String(made)} ${name}`),
        // The peers read the clock themselves.
        now: Math.floor(Date.now() / 1000),
        policy: { authenticate: () => "accept", psk: (id) => (id.kind === "external" ? psks.get(hex(copy(id.id))) : undefined) },
      };
      const identity = copy(new TextEncoder().encode(name));
      const own = must(createIdentity({ suiteId: choice.suite, credential: basicCredential(identity) }, context));
      return await Promise.resolve(new OurMember(identity, { context, identity: own, psks }, { ...options, ...choice }));
    },
  };
}
