/**
 * Every decision that needs a secret: identity chains, groups, sealing, blob and backup keys, evidence. Pure functions of state:
 * `(state, input, {crypto, random, now}) → outcome`. Nothing here opens a socket, reads a clock or throws on input.
 */
export { ARCHIVE_SEGMENT_ID_BYTES, archiveSegmentKeys } from "./blobs/archive-keys.ts";
export * from "./blobs/blob-stream.ts";
export * from "./blobs/segment.ts";
export { bytesFrom, bytesOf, type Guard, isOne, isUint, listOf, readForm, readVersioned, tupleOf, uintUpTo } from "./form.ts";
export { epochHashes, type EpochTokens, epochTokens, tokenHashes } from "./capabilities.ts";
export * from "./context.ts";
export type { MessageEvidence } from "./evidence/message-evidence.ts";
export { type CheckedMessage, type Checking, encodeReport, type ReportedMessage, verifyMessage, verifyReport } from "./evidence/report.ts";
export { decodeEvidence, encodeEvidence, placeEvidence, unplacedEvidence } from "./evidence/stored-evidence.ts";
export { adoptCommit, type CommitPlan, type GroupChangeDraft, isCommitDue, stageCommit, type StagedCommit } from "./groups/commit.ts";
export { type Acting, type Conversation, CONVERSATION_KINDS, type ConversationKind, epochOf, isActive } from "./groups/conversation.ts";
export { type ConversationOptions, createConversation, type NewConversation } from "./groups/create.ts";
export { type ExternalJoin, joinExternally } from "./groups/external-join.ts";
export type { Invitation } from "./groups/invitation.ts";
export { joinConversation, type JoinedConversation, type Welcomed } from "./groups/join.ts";
export { decodeJoinInfo, encodeJoinInfo, type JoinInfo, makeJoinInfo } from "./groups/join-info.ts";
export {
  decodeStoredKeyPackage,
  encodeStoredKeyPackage,
  type Invitee,
  makeKeyPackage,
  type StoredKeyPackage,
} from "./groups/key-packages.ts";
export { leaveConversation, type LeaveRequest, type LeaveStep, proposeLeaving } from "./groups/leave.ts";
export {
  accountsOf,
  devicesOf,
  memberAccounts,
  type MemberDevice,
  memberDevices,
  missingDevices,
  revokedMembers,
} from "./groups/members.ts";
export { reanchor, type Reanchored, type ReanchorNote } from "./groups/reanchor.ts";
export type { ConversationChange } from "./groups/receive-commit.ts";
export { readSelfItem, type SelfItem, selfItemDraft } from "./groups/self-group.ts";
export * from "./identity/account.ts";
export { type AccountCard, openAccountCard, sealAccountCard } from "./identity/account-card.ts";
export * from "./identity/chain-signing.ts";
export { type DeviceAddress, sameAddress } from "./identity/credential.ts";
export {
  createDeviceKeys,
  decodeDeviceKeys,
  type DeviceKeys,
  devicePublic,
  encodeDeviceKeys,
  type OwnDevice,
  signLogin,
} from "./identity/device.ts";
export { createLinkCode, linkCodeToText, linkHashes, type LinkKeys, linkKeys, parseLinkCode } from "./identity/link/link-code.ts";
export { openGrantedKey, sealGrantedKey } from "./identity/link/link-grant.ts";
export { LINK_STEPS, linkDigits, type LinkMessage, openLinkMessage, sealLinkMessage } from "./identity/link/link-message.ts";
export { type AccountKeys, accountKeys, recoveryPublicKey } from "./identity/master-key.ts";
export { parseRecoveryKey, recoveryKeyToText } from "./identity/recovery-key.ts";
export {
  inspectWrappedKey,
  type MasterKey,
  type Unlocker,
  type Unlocking,
  unwrapMasterKey,
  wrapMasterKey,
} from "./identity/wrapped-key.ts";
export { type OpenedNote, openNote, sealNote } from "./inbox/sealed-note.ts";
export { type Greeting, INLINE_TREE_BYTES_MAX, readWelcomeNote, type WelcomeFacts, welcomeNote } from "./inbox/welcome-note.ts";
export { type EphemeralRequest, type OpenedEphemeral, openEphemeral, sealEphemeral } from "./messages/ephemeral.ts";
export { openEntries, type OpenedQueue, type QueueContext } from "./messages/open-queue.ts";
export { isPostAllowed, needsPostRole } from "./messages/posting.ts";
export { openEntry, type Opened, type OpenedMessage } from "./messages/open.ts";
export { type ContentDraft, messageIdOf, sealContent, sealEncoded, type SealedContent } from "./messages/seal.ts";
export { CORE_ERRORS, type CoreErrorCode, type CoreFailure, type CoreOnlyCode, type CoreOutcome } from "./outcome.ts";
export {
  type ConversationDelta,
  conversationDelta,
  conversationFromRecords,
  decodeConversation,
  encodeConversation,
} from "./store/conversation-records.ts";
export { MESSAGE_SUITE } from "./suite.ts";
export { createVaultKey, lockVault, openVaultRecord, sealVaultRecord, unlockVault, type VaultRecord } from "./vault/vault-lock.ts";
export { discardState, type CryptoProvider, type Random, type SignatureVerifier, type StateRecord } from "@sotto/mls";
