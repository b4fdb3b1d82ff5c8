/**
 * Messaging Layer Security (RFC 9420), sans-I/O and synchronous: `(state, input, {crypto, random, now}) → outcome`.
 * See the package's README for a lesson and `spec/mls-profile.md` for limits and validation.
 */
export { createCommit, type CommitOptions, type CommitResult, type LeafChange } from "./group/commit.ts";
export { adoptCommit } from "./group/adopt.ts";
export { acceptAnyCredential, type MlsContext, type Policy, type ProposalOrigin, type Verdict } from "./group/context.ts";
export { createGroup, type CreateGroupOptions } from "./group/create-group.ts";
export { createExternalCommit, type ExternalCommitOptions, type ExternalCommitResult } from "./group/external-commit.ts";
export type { WireFormatName } from "./group/framing.ts";
export { exportGroupInfo, type GroupInfoOptions } from "./group/group-info.ts";
export { joinGroup, type Joined, type JoinOptions } from "./group/join.ts";
export {
  createIdentity,
  createKeyPackage,
  defaultCapabilities,
  type Identity,
  type KeyPackageOptions,
  type KeyPackageSecrets,
  type OwnKeyPackage,
} from "./group/key-package.ts";
export { committableProposals } from "./group/pending.ts";
export type { EpochChange } from "./group/process-commit.ts";
export type { ListedProposal } from "./group/proposal-rules.ts";
export {
  canSelfRemove,
  createExternalProposal,
  createJoinProposal,
  createProposal,
  type ExternalProposalOptions,
  type JoinProposalOptions,
  type OutsideGroup,
  type ProposalRequest,
  type ProposeOptions,
  type ProposeResult,
} from "./group/propose.ts";
export {
  epochAuthenticator,
  exportRatchetTree,
  exportSecret,
  type ExportRequest,
  keyPackageRef,
  members,
  resumptionPskId,
  validateKeyPackage,
} from "./group/queries.ts";
export { type QueueResult, receiveQueue, type SignatureCheck, type SignatureVerifier } from "./group/receive-queue.ts";
export { type Received, type ReceivedApplication, receiveMessage } from "./group/receive.ts";
export { sealMessage, type Sealed, type SealOptions } from "./group/seal.ts";
export type { GroupState, PastEpoch, PendingProposal } from "./group/state.ts";
export { type BranchOptions, createBranch, createSuccessor, type SuccessorOptions } from "./group/successor.ts";
export { type Evidence, verifyEvidence } from "./group/unframing.ts";
export type { CipherSuite, CryptoProvider, KeyPair, Random } from "./crypto/provider.ts";
export { LIMITS } from "./limits.ts";
export type { CredentialCheck, Failure, MlsErrorCode, Outcome } from "./outcome.ts";
export {
  appDataDictionaryExtension,
  COMPONENT,
  type ComponentData,
  decodeSafeAad,
  encodeSafeAad,
  isLastResort,
  type SafeAad,
  usesSafeAad,
} from "./structs/app-data.ts";
export type { Capabilities } from "./structs/capabilities.ts";
export { basicCredential, type Credential, CREDENTIAL, credentialType } from "./structs/credential.ts";
export { EXTENSION, type Extension } from "./structs/extension.ts";
export { type ExternalSender, externalSendersExtension } from "./structs/external-senders.ts";
export type { GroupContext } from "./structs/group-context.ts";
export type { KeyPackage } from "./structs/key-package.ts";
export type { LeafNode, Lifetime } from "./structs/leaf-node.ts";
export { decodeMlsMessage, encodeMlsMessage, type MlsMessage } from "./structs/mls-message.ts";
export { type Proposal, PROPOSAL } from "./structs/proposal.ts";
export type { PskId } from "./structs/psk.ts";
export { type RequiredCapabilities, requiredCapabilitiesExtension } from "./structs/required-capabilities.ts";
export type { Sender } from "./structs/sender.ts";
export { SUITE, type SuiteId } from "./suites.ts";
export type { Member } from "./tree/ratchet-tree.ts";
export { discardState } from "./store/discard.ts";
export { inspectState, type InspectOptions } from "./store/inspect.ts";
export { stateFromRecords } from "./store/load.ts";
export { stateDelta, type StateDelta, type StateRecord } from "./store/records.ts";
export { decodeState, encodeState, SNAPSHOT_VERSION } from "./store/snapshot.ts";
