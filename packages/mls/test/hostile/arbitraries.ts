/** Arbitrary structs for round trips: whatever the types allow, whether it makes sense or not. */
import * as fc from "fast-check";
import type { Capabilities, Credential, Extension, KeyPackage, LeafNode, MlsMessage, Proposal, PskId, Sender } from "../../src/index.ts";
import type { Commit } from "../../src/structs/commit.ts";
import type { Content, FramedContent } from "../../src/structs/framed-content.ts";
import type { GroupContext } from "../../src/structs/group-context.ts";
import type { GroupInfo } from "../../src/structs/group-info.ts";
import type { GroupSecrets } from "../../src/structs/group-secrets.ts";
import type { PrivateMessage } from "../../src/structs/private-message.ts";
import type { PublicMessage } from "../../src/structs/public-message.ts";
import type { UpdatePath } from "../../src/structs/update-path.ts";
import type { Welcome } from "../../src/structs/welcome.ts";
import type { TreeNode } from "../../src/tree/ratchet-tree.ts";

const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const bytes = fc.uint8Array({ maxLength: 90 });
const short = fc.uint8Array({ maxLength: 48 });
const few = { maxLength: 4 };

const known = new Set([1, 2]);
export const credential: fc.Arbitrary<Credential> = fc.oneof(
  fc.record({ kind: fc.constant("basic" as const), identity: bytes }),
  fc.record({ kind: fc.constant("x509" as const), certificates: fc.array(bytes, few) }),
  fc.record({ kind: fc.constant("custom" as const), type: u16.filter((type) => !known.has(type)), data: bytes }),
);

const types = fc.array(u16, few);
export const capabilities: fc.Arbitrary<Capabilities> = fc.record({
  versions: types,
  suites: types,
  extensions: types,
  proposals: types,
  credentials: types,
});
export const extensions: fc.Arbitrary<Extension[]> = fc.uniqueArray(fc.record({ type: u16, data: bytes }), {
  ...few,
  selector: ({ type }) => type,
});

export const leafNode: fc.Arbitrary<LeafNode> = fc.record({
  encryptionKey: short,
  signatureKey: short,
  credential,
  capabilities,
  source: fc.oneof(
    fc.record({ kind: fc.constant("keyPackage" as const), lifetime: fc.record({ notBefore: u64, notAfter: u64 }) }),
    fc.constant({ kind: "update" as const }),
    fc.record({ kind: fc.constant("commit" as const), parentHash: short }),
  ),
  extensions,
  signature: bytes,
});

export const keyPackage: fc.Arbitrary<KeyPackage> = fc.record({
  version: u16,
  suiteId: u16,
  initKey: short,
  leafNode,
  extensions,
  signature: bytes,
});

export const pskId: fc.Arbitrary<PskId> = fc.oneof(
  fc.record({ kind: fc.constant("external" as const), id: bytes, nonce: short }),
  fc.record({
    kind: fc.constant("resumption" as const),
    usage: fc.constantFrom("application" as const, "reinit" as const, "branch" as const),
    groupId: short,
    epoch: u64,
    nonce: short,
  }),
);

const builtIn = new Set([1, 2, 3, 4, 5, 6, 7, 10]);
export const proposal: fc.Arbitrary<Proposal> = fc.oneof(
  fc.record({ kind: fc.constant("add" as const), keyPackage }),
  fc.record({ kind: fc.constant("update" as const), leafNode }),
  fc.record({ kind: fc.constant("remove" as const), removed: u32 }),
  fc.record({ kind: fc.constant("psk" as const), psk: pskId }),
  fc.record({ kind: fc.constant("reinit" as const), groupId: short, version: u16, suiteId: u16, extensions }),
  fc.record({ kind: fc.constant("externalInit" as const), kemOutput: short }),
  fc.record({ kind: fc.constant("groupContextExtensions" as const), extensions }),
  fc.constant({ kind: "selfRemove" as const }),
  fc.record({ kind: fc.constant("custom" as const), type: u16.filter((type) => !builtIn.has(type)), data: bytes }),
);

const sealed = fc.record({ kemOutput: short, ciphertext: bytes });
const updatePath: fc.Arbitrary<UpdatePath> = fc.record({
  leafNode,
  nodes: fc.array(fc.record({ encryptionKey: short, encryptedPathSecrets: fc.array(sealed, few) }), few),
});

export const commit: fc.Arbitrary<Commit> = fc.record({
  proposals: fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant("proposal" as const), proposal }),
      fc.record({ kind: fc.constant("reference" as const), reference: short }),
    ),
    few,
  ),
  path: fc.option(updatePath, { nil: undefined }),
});

export const groupContext: fc.Arbitrary<GroupContext> = fc.record({
  version: u16,
  suiteId: u16,
  groupId: short,
  epoch: u64,
  treeHash: short,
  confirmedTranscriptHash: short,
  extensions,
});

export const groupInfo: fc.Arbitrary<GroupInfo> = fc.record({
  groupContext,
  extensions,
  confirmationTag: short,
  signer: u32,
  signature: bytes,
});
export const groupSecrets: fc.Arbitrary<GroupSecrets> = fc.record({
  joinerSecret: short,
  pathSecret: fc.option(short, { nil: undefined }),
  psks: fc.array(pskId, few),
});
export const welcome: fc.Arbitrary<Welcome> = fc.record({
  suiteId: u16,
  secrets: fc.array(fc.record({ newMember: short, encryptedGroupSecrets: sealed }), few),
  encryptedGroupInfo: bytes,
});

const sender: fc.Arbitrary<Sender> = fc.oneof(
  fc.record({ kind: fc.constant("member" as const), leafIndex: u32 }),
  fc.record({ kind: fc.constant("external" as const), senderIndex: u32 }),
  fc.constantFrom({ kind: "newMemberProposal" as const }, { kind: "newMemberCommit" as const }),
);
const content: fc.Arbitrary<Content> = fc.oneof(
  fc.record({ kind: fc.constant("application" as const), data: bytes }),
  fc.record({ kind: fc.constant("proposal" as const), proposal }),
  fc.record({ kind: fc.constant("commit" as const), commit }),
);
export const framed: fc.Arbitrary<FramedContent> = fc.record({ groupId: short, epoch: u64, sender, authenticatedData: bytes, content });

const publicMessage: fc.Arbitrary<PublicMessage> = fc
  .record({ framed, signature: bytes, tag: short, membershipTag: short })
  .map(({ framed: inner, signature, tag, membershipTag }) => ({
    framed: inner,
    auth: { signature, confirmationTag: inner.content.kind === "commit" ? tag : undefined },
    membershipTag: inner.sender.kind === "member" ? membershipTag : undefined,
  }));

const privateMessage: fc.Arbitrary<PrivateMessage> = fc.record({
  groupId: short,
  epoch: u64,
  contentKind: fc.constantFrom("application" as const, "proposal" as const, "commit" as const),
  authenticatedData: bytes,
  encryptedSenderData: short,
  ciphertext: bytes,
});

export const mlsMessage: fc.Arbitrary<MlsMessage> = fc.oneof(
  fc.record({ kind: fc.constant("publicMessage" as const), message: publicMessage }),
  fc.record({ kind: fc.constant("privateMessage" as const), message: privateMessage }),
  fc.record({ kind: fc.constant("welcome" as const), welcome }),
  fc.record({ kind: fc.constant("groupInfo" as const), groupInfo }),
  fc.record({ kind: fc.constant("keyPackage" as const), keyPackage: keyPackage.map((item) => ({ ...item, version: 1 })) }),
);

const unmerged = fc.uniqueArray(u32, few).map((list) => list.toSorted((a, b) => a - b));
export const treeNode: fc.Arbitrary<TreeNode> = fc.oneof(
  fc.record({ kind: fc.constant("leaf" as const), leaf: leafNode }),
  fc.record({
    kind: fc.constant("parent" as const),
    parent: fc.record({ encryptionKey: short, parentHash: short, unmergedLeaves: unmerged }),
  }),
);

export const componentItems = fc
  .uniqueArray(fc.record({ componentId: u16, data: bytes }), { ...few, selector: ({ componentId }) => componentId })
  .map((list) => list.toSorted((a, b) => a.componentId - b.componentId));
