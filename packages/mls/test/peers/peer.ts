/**
 * What the interop tests ask of an MLS implementation, ours or another's.
 *
 * Everything that crosses this interface is RFC 9420 wire bytes: key packages, commits, proposals, welcomes and group infos are MLSMessage
 * structs; a ratchet tree is the bare `optional<Node> ratchet_tree<V>` of §12.4.3.3. So two peers meet only on the wire, as in the field.
 */

/** Bytes over a plain ArrayBuffer, as every peer gives and takes them. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** What a peer can do. A test asks here first and skips what is missing; the adapter throws Unsupported if it is asked all the same. */
export interface Supports {
  /** Cipher suite numbers, of IANA or our private ones. */
  readonly suites: readonly number[];
  /** How it can send its handshakes. It may be able to receive more. */
  readonly sends: readonly Handshake[];
  readonly receives: readonly Handshake[];
  /** Can be added by others: gives out key packages as bytes. */
  readonly keyPackage: boolean;
  /** Can add others: takes key packages as bytes. */
  readonly add: boolean;
  /** Adds and removes in one commit. */
  readonly mixedCommit: boolean;
  readonly remove: boolean;
  readonly update: boolean;
  /** Sends proposals of its own, to be committed by others. */
  readonly propose: boolean;
  /** Takes proposals of others into its next commit. */
  readonly commitPending: boolean;
  /** Processes commits that hold proposals by reference. */
  readonly byReference: boolean;
  /** Joins with the tree beside the welcome, rather than in the ratchet_tree extension. */
  readonly detachedTree: boolean;
  readonly groupInfo: boolean;
  readonly externalCommit: boolean;
  /** Exporter with any label, context and length. */
  readonly exporter: boolean;
  readonly externalPsk: boolean;
  readonly authenticatedData: boolean;
  readonly epochAuthenticator: boolean;
  readonly treeHash: boolean;
}

export type Handshake = "public" | "private";

export interface Peer {
  readonly name: string;
  readonly version: string;
  readonly supports: Supports;
  /** What it demands of the bytes it takes, and where it departs from the RFC. */
  readonly limits: readonly string[];
  /** A member-to-be with its own signature key and storage, in no group yet. */
  newMember(name: string, options: MemberOptions): Promise<Member>;
}

export interface MemberOptions {
  readonly suite: number;
  /** How this member sends commits and proposals; if not said, the first way of `supports.sends`. */
  readonly handshake?: Handshake;
  /** The credential types its leaf claims to support, where the peer lets one choose; basic and x509 if not said. */
  readonly credentials?: readonly number[];
}

/** What one commit does, besides what was proposed before. With nothing in it: an update commit. */
export interface Changes {
  readonly add?: readonly Bytes[];
  /** By credential identity, since not every peer shows leaf indexes. */
  readonly remove?: readonly Bytes[];
  /** External PSKs, registered before by `rememberPsk`. */
  readonly psk?: readonly Bytes[];
  readonly aad?: Bytes;
}

export type Proposed =
  | { readonly kind: "add"; readonly keyPackage: Bytes }
  | { readonly kind: "remove"; readonly identity: Bytes }
  | { readonly kind: "psk"; readonly id: Bytes };

export interface Committed {
  /** Proposals the commit refers to; the others must process these first. */
  readonly proposals?: readonly Bytes[];
  readonly commit: Bytes;
  readonly welcome?: Bytes;
  /** Where the welcome's GroupInfo does not hold it. */
  readonly ratchetTree?: Bytes;
}

export type Received =
  | { readonly kind: "commit"; readonly removed: boolean }
  | { readonly kind: "proposal" }
  | { readonly kind: "application"; readonly data: Bytes };

export interface GroupMember {
  readonly leaf?: number;
  readonly identity: Bytes;
}

/** One client and the one group it is in. A commit made by it is applied to it at once, as if the delivery service had accepted it. */
export interface Member {
  readonly identity: Bytes;
  keyPackage(): Promise<Bytes>;
  create(groupId: Bytes): Promise<void>;
  join(welcome: Bytes, ratchetTree?: Bytes): Promise<void>;
  /** Joins by external commit and returns that commit, for the others to process. */
  externalCommit(groupInfo: Bytes): Promise<Bytes>;
  commit(changes: Changes): Promise<Committed>;
  propose(proposal: Proposed): Promise<Bytes>;
  process(message: Bytes): Promise<Received>;
  encrypt(data: Bytes, aad?: Bytes): Promise<Bytes>;
  /** A GroupInfo for external commits, with external_pub and ratchet_tree. */
  groupInfo(): Promise<Bytes>;
  exporter(label: string, context: Bytes, length: number): Promise<Bytes>;
  rememberPsk(id: Bytes, secret: Bytes): Promise<void>;
  epoch(): Promise<bigint>;
  epochAuthenticator(): Promise<Bytes>;
  treeHash(): Promise<Bytes>;
  members(): Promise<readonly GroupMember[]>;
}

/** A peer was asked for something its `supports` denies. */
export class Unsupported extends Error {
  constructor(peer: string, what: string) {
    super(`${peer} cannot: ${what}`);
    this.name = "Unsupported";
  }
}

/** Decrypts an application message, and throws if it is anything else. */
export async function decrypt(member: Member, message: Bytes): Promise<Bytes> {
  const received = await member.process(message);
  if (received.kind !== "application") throw new Error(`expected an application message, got a ${received.kind}`);
  return received.data;
}

export const utf8 = (text: string): Bytes => new TextEncoder().encode(text);
export const text = (bytes: Bytes): string => new TextDecoder().decode(bytes);
export const hex = (bytes: Bytes): string => Buffer.from(bytes).toString("hex");
export const copy = (bytes: Uint8Array): Bytes => Uint8Array.from(bytes);
export const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
