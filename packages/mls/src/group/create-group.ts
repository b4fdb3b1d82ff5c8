/**
 * A new group with one member (RFC 9420 §11): epoch 0, empty transcript, a random epoch secret.
 */
import { draw } from "../crypto/draw.ts";
import { empty } from "../bytes.ts";
import { LIMITS } from "../limits.ts";
import { attempt, check, type Outcome } from "../outcome.ts";
import { confirmationTag, epochFromSecret } from "../schedule/key-schedule.ts";
import { startSecretTree } from "../schedule/secret-tree.ts";
import { interimTranscriptHash } from "../schedule/transcript.ts";
import { PROTOCOL_VERSION } from "../structs/capabilities.ts";
import type { Extension } from "../structs/extension.ts";
import { RatchetTree } from "../tree/ratchet-tree.ts";
import { treeHash } from "../tree/tree-hash.ts";
import { type MlsContext, suiteOf } from "./context.ts";
import { type KeyPackageOptions, makeKeyPackage } from "./key-package.ts";
import { checkGroupExtensions } from "./group-extension-rules.ts";
import { checkSupport } from "./leaf-rules.ts";
import type { GroupState } from "./state.ts";

export type CreateGroupOptions = Omit<KeyPackageOptions, "extensions" | "lastResort"> & {
  readonly groupId: Uint8Array;
  /** Extensions of the GroupContext. */
  readonly groupExtensions?: readonly Extension[];
};

/** Fails with `unsupported_capability` when the creator's own leaf does not support the group's extensions. */
export function createGroup(options: CreateGroupOptions, context: MlsContext): Outcome<GroupState> {
  return attempt(() => makeGroup(options, context));
}

export function makeGroup(options: CreateGroupOptions, context: MlsContext): GroupState {
  check(options.groupId.length <= LIMITS.groupIdBytesMax, "usage");
  const suite = suiteOf(context, options.suiteId);
  const own = makeKeyPackage(options, context);
  const tree = new RatchetTree([{ kind: "leaf", leaf: own.keyPackage.leafNode }]);
  const extensions = options.groupExtensions ?? [];
  checkGroupExtensions(extensions);
  checkSupport(tree, { extensions, proposalTypes: [], newcomers: new Set() });
  const groupContext = {
    version: PROTOCOL_VERSION,
    suiteId: options.suiteId,
    groupId: options.groupId,
    epoch: 0n,
    treeHash: treeHash(suite, tree),
    confirmedTranscriptHash: empty(),
    extensions,
  };
  const epochSecret = draw(context.random, suite.hashLength);
  const { secrets, encryptionSecret } = epochFromSecret(suite, epochSecret);
  epochSecret.fill(0);
  const tag = confirmationTag(suite, secrets.confirmationKey, empty());
  return {
    status: "active",
    context: groupContext,
    interimTranscriptHash: interimTranscriptHash(suite, empty(), tag),
    confirmationTag: tag,
    tree,
    ownLeafIndex: 0,
    signaturePrivateKey: own.secrets.signaturePrivateKey,
    privateKeys: new Map([[0, own.secrets.encryptionKeys]]),
    secrets,
    secretTree: startSecretTree(encryptionSecret, tree.leafCapacity),
    proposals: [],
    ownUpdates: [],
    pastEpochs: [],
    resumptionPsks: [{ epoch: 0n, secret: secrets.resumptionPsk }],
    reinit: undefined,
  };
}
