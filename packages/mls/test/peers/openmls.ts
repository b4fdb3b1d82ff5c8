/**
 * openmls-wasm 0.1.0 behind the Peer interface. What its API hides is read from, or written into, its memory: see openmls-module.ts.
 */
import {
  encodeKeyPackage,
  encodeRatchetTree,
  keyPackageFields,
  type StoredKeyPackage,
  type StoredLeaf,
  type StoredTree,
} from "./openmls-codec.ts";
import {
  type Group,
  type Identity,
  type KeyPackageHandle,
  load,
  type Module,
  overwrite,
  type Provider,
  stored,
  type TreeHandle,
} from "./openmls-module.ts";
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
  text,
  Unsupported,
  utf8,
} from "./peer.ts";

const supports: Supports = {
  suites: [3],
  sends: ["private"],
  receives: ["private"],
  keyPackage: true,
  add: true,
  mixedCommit: false,
  remove: false,
  update: false,
  propose: false,
  byReference: false,
  commitPending: false,
  detachedTree: false,
  groupInfo: false,
  externalCommit: false,
  exporter: true,
  externalPsk: false,
  authenticatedData: false,
  epochAuthenticator: true,
  treeHash: true,
};

const limits = [
  "suite 3 only; sends PrivateMessage and takes PrivateMessage, but external commits as PublicMessage",
  "commits nothing but one Add, by reference, so others need its proposal first; its own kind cannot process that: proposals received are dropped",
  "adds only key packages with a basic credential, no extensions and exactly its own capabilities: suites 1, 2, 3, 77, credentials basic",
  "any commit with a reference fails: 'The proposal queue is missing a proposal for the commit.'",
  "needs the ratchet_tree extension in a welcome, but its own welcomes do not hold it: the tree comes beside them",
  "every leaf must list the suite of the group in its capabilities; lifetimes must have begun and not be over, of any length, also in the tree",
  "unknown or GREASE values in capabilities, application_id, listed unknown leaf and key package extensions are accepted",
  "reads 4 generations back, 1,000 forward, no past epoch",
  "PSK proposals fail: 'The PSK could not be found in the store.'",
];

const name = "openmls-wasm";

/** Trees given out as bytes, and where to get the handle again: so that its own members can join each other. */
const trees = new Map<string, () => TreeHandle>();

/** FramedContent.content_type of a PrivateMessage, which is not encrypted. */
function contentType(message: Bytes): number {
  const groupId = message[4] ?? 0;
  return message[4 + 1 + groupId + 8] ?? 0;
}

class OpenMlsMember implements Member {
  readonly identity: Bytes;
  readonly #module: Module;
  readonly #provider: Provider;
  readonly #me: Identity;
  #entered: Group | undefined;

  constructor(id: string, module: Module) {
    this.identity = utf8(id);
    this.#module = module;
    this.#provider = new module.api.Provider();
    this.#me = new module.api.Identity(this.#provider, id);
  }

  get #group(): Group {
    if (this.#entered === undefined) throw new Error(`${name}: in no group`);
    return this.#entered;
  }

  #stored(label: string): unknown {
    const [value] = stored(this.#module, this.#provider, label);
    if (value === undefined) throw new Error(`${name}: no ${label} is stored`);
    return value;
  }

  async keyPackage(): Promise<Bytes> {
    const before = stored(this.#module, this.#provider, "KeyPackage").map((value) => JSON.stringify(value));
    this.#me.key_package(this.#provider).free();
    const made = stored(this.#module, this.#provider, "KeyPackage").find((value) => !before.includes(JSON.stringify(value)));
    if (made === undefined) throw new Error(`${name}: the new key package is not stored`);
    return await Promise.resolve(encodeKeyPackage(made as StoredKeyPackage));
  }

  async create(groupId: Bytes): Promise<void> {
    this.#entered = this.#module.api.Group.create_new(this.#provider, this.#me, text(groupId));
    await Promise.resolve();
  }

  /** The API demands a tree, but the one in the welcome's GroupInfo comes first: then any tree will do. */
  async join(welcome: Bytes, ratchetTree?: Bytes): Promise<void> {
    const tree = ratchetTree === undefined ? this.#anyTree() : trees.get(hex(ratchetTree))?.();
    if (tree === undefined) throw new Unsupported(name, "take the ratchet tree of another peer beside the welcome");
    this.#entered = this.#module.api.Group.join(this.#provider, welcome, tree);
    await Promise.resolve();
  }

  #anyTree(): TreeHandle {
    const { api } = this.#module;
    const provider = new api.Provider();
    return api.Group.create_new(provider, new api.Identity(provider, "unused"), "unused").export_ratchet_tree();
  }

  /** Its commits hold one Add by reference, so the others need the proposal first: it comes in `proposals`. */
  async commit(changes: Changes): Promise<Committed> {
    const [keyPackage, ...more] = changes.add ?? [];
    if (
      keyPackage === undefined ||
      more.length > 0 ||
      changes.remove !== undefined ||
      changes.psk !== undefined ||
      changes.aad !== undefined
    ) {
      throw new Unsupported(name, "commit anything but one Add");
    }
    const messages = this.#group.propose_and_commit_add(this.#provider, this.#me, this.#handle(keyPackage));
    const { commit, welcome, proposal } = messages;
    this.#group.merge_pending_commit(this.#provider);
    const ratchetTree = encodeRatchetTree(this.#stored("Tree") as StoredTree);
    const group = this.#group;
    trees.set(hex(ratchetTree), () => group.export_ratchet_tree());
    return await Promise.resolve({ proposals: [copy(proposal)], commit: copy(commit), welcome: copy(welcome), ratchetTree });
  }

  /** A handle for a key package made elsewhere: one of its own, of a throwaway member with the same identity, with the contents replaced. */
  #handle(keyPackage: Bytes): KeyPackageHandle {
    const wanted = keyPackageFields(keyPackage);
    const provider = new this.#module.api.Provider();
    const handle = new this.#module.api.Identity(provider, text(wanted.identity)).key_package(provider);
    const [own] = stored(this.#module, provider, "KeyPackage");
    const template = keyPackageFields(encodeKeyPackage(own as StoredKeyPackage));
    if (!same(template.capabilities, wanted.capabilities))
      throw new Unsupported(name, "add a key package with other capabilities than its own");
    const lifetime = (fields: typeof wanted): Bytes => Uint8Array.from([...fields.notBefore.toReversed(), ...fields.notAfter.toReversed()]);
    overwrite(this.#module, handle, [
      { from: template.initKey, to: wanted.initKey },
      { from: template.encryptionKey, to: wanted.encryptionKey },
      { from: template.signatureKey, to: wanted.signatureKey },
      { from: template.leafSignature, to: wanted.leafSignature },
      { from: template.signature, to: wanted.signature },
      { from: lifetime(template), to: lifetime(wanted) },
    ]);
    return handle;
  }

  async process(message: Bytes): Promise<Received> {
    const data = this.#group.process_message(this.#provider, message);
    const type = contentType(message);
    if (type === 1) return await Promise.resolve({ kind: "application", data: copy(data) });
    if (type === 2) return { kind: "proposal" };
    return { kind: "commit", removed: (this.#stored("GroupState") as string) === "Inactive" };
  }

  async encrypt(data: Bytes, aad?: Bytes): Promise<Bytes> {
    if (aad !== undefined) throw new Unsupported(name, "authenticated data");
    return await Promise.resolve(copy(this.#group.create_message(this.#provider, this.#me, data)));
  }

  async exporter(label: string, context: Bytes, length: number): Promise<Bytes> {
    return await Promise.resolve(copy(this.#group.export_key(this.#provider, label, context, length)));
  }

  async epoch(): Promise<bigint> {
    return await Promise.resolve(BigInt((this.#stored("GroupContext") as { readonly epoch: number }).epoch));
  }

  async epochAuthenticator(): Promise<Bytes> {
    const { epoch_authenticator: kept } = this.#stored("EpochSecrets") as StoredEpochSecrets;
    return await Promise.resolve(Uint8Array.from(kept.secret.value.vec));
  }

  async treeHash(): Promise<Bytes> {
    return await Promise.resolve(Uint8Array.from((this.#stored("Tree") as StoredTree).tree_hash));
  }

  async members(): Promise<readonly GroupMember[]> {
    const leaves = (this.#stored("Tree") as StoredTree).tree.leaf_nodes;
    const identity = (leaf: StoredLeaf): Bytes => Uint8Array.from(leaf.payload.credential.serialized_credential_content.vec);
    return await Promise.resolve(leaves.flatMap(({ node }, leaf) => (node === null ? [] : [{ leaf, identity: identity(node) }])));
  }

  async propose(proposed: Proposed): Promise<Bytes> {
    return await Promise.reject(new Unsupported(name, `propose: ${proposed.kind}`));
  }

  async externalCommit(): Promise<Bytes> {
    return await Promise.reject(new Unsupported(name, "external commit"));
  }

  async groupInfo(): Promise<Bytes> {
    return await Promise.reject(new Unsupported(name, "GroupInfo"));
  }

  async rememberPsk(): Promise<void> {
    await Promise.reject(new Unsupported(name, "PSKs"));
  }
}

interface StoredEpochSecrets {
  readonly epoch_authenticator: { readonly secret: { readonly value: { readonly vec: readonly number[] } } };
}

export const openMls: Peer = {
  name,
  version: "0.1.0",
  supports,
  limits,
  async newMember(id: string, { suite, handshake }: MemberOptions): Promise<OpenMlsMember> {
    if (handshake === "public") throw new Unsupported(name, "send handshakes as PublicMessage");
    if (suite !== 3) throw new Unsupported(name, `suite ${String(suite)}`);
    return new OpenMlsMember(id, await load());
  },
};
