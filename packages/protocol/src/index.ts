/**
 * The bytes two machines agree on: ids, codecs, limits, error codes, the API table, transparency-log hashing. Pure: no keys, no I/O, no clock.
 * Decoders return outcomes and never throw; encoders throw {@link ProtocolError} for values that no correct program makes.
 */
export * from "./api/account-operations.ts";
export * from "./api/api.ts";
export * from "./api/blob-operations.ts";
export * from "./api/frames.ts";
export * from "./api/hello.ts";
export * from "./api/inbox-operations.ts";
export * from "./api/log-operations.ts";
export { type Access, COMMON_ERRORS, type Connection, type Cost, type HttpOperation, type Operation, type Push } from "./api/operation.ts";
export * from "./api/payment.ts";
export { type AppendFrame, encodeAppendRequest, readAppendFrame, writeAppended, writeEntriesPush } from "./api/quick-frames.ts";
export * from "./archive/archive-ids.ts";
export * from "./archive/record-forms.ts";
export * from "./archive/exposure.ts";
export * from "./archive/record.ts";
export * from "./blobs/attachment-size.ts";
export * from "./bytes.ts";
export { type CborKey, cborLimits, type CborValue, decodeCbor, decodeCborMaps, encodeCbor } from "./codec/cbor.ts";
export { type CborLimits, scanCbor } from "./codec/cbor-scan.ts";
export { checkForm, decodeForm, decodeFormWithMaps, encodeForm, type FormOf, type Schema } from "./codec/form.ts";
export * from "./content/application-parts.ts";
export { type Attachment, attachmentFromPart, attachmentToPart, SEGMENTED_AES_256_GCM } from "./content/attachment.ts";
export * from "./content/content.ts";
export * from "./content/franking.ts";
export * from "./content/mentions.ts";
export * from "./content/message-id.ts";
export { decodeMimiContent, encodeMimiContent, type Expiry, type MimiContent, SALT_BYTES } from "./content/mimi-content.ts";
export {
  DISPOSITION,
  type ExternalPart,
  type MultiPart,
  type NestedPart,
  type NullPart,
  type PartSemantics,
  type SinglePart,
} from "./content/mimi-parts.ts";
export * from "./content/padding.ts";
export { type ErrorCode, ERRORS, isErrorCode } from "./error-codes.ts";
export { decodeGroupChange, encodeGroupChange, GROUP_CHANGE_TYPE } from "./group/group-change.ts";
export * from "./group/group-rules.ts";
export {
  decodeGroupState,
  encodeGroupState,
  type GroupChange,
  type GroupPolicy,
  type GroupState,
  groupStateHash,
  newGroupState,
  type Role,
  roleOf,
  ROLES,
} from "./group/group-state.ts";
export { hashWithLabel, type Label, labelled } from "./hashing.ts";
export * from "./identity/chain.ts";
export * from "./identity/chain-entry.ts";
export * from "./identity/login.ts";
export { type Device, deviceIdOf, ED25519, type PublicKey } from "./identity/public-key.ts";
export { type Address, parseAddress, type Username, username } from "./identity/username.ts";
export * from "./ids.ts";
export * from "./inbox/inbox-access.ts";
export * from "./inbox/inbox-item.ts";
export * from "./inbox/inbox-note.ts";
export { LIMITS } from "./limits.ts";
export * from "./log/capability.ts";
export * from "./log/entry.ts";
export * from "./log/receipt.ts";
export { expectSuccess, type Failure, failure, type Outcome, ProtocolError, type Success, success } from "./outcome.ts";
export * from "./own/own-item.ts";
export * from "./text-forms.ts";
export * from "./tlog/checkpoint.ts";
export * from "./tlog/merkle.ts";
export * from "./utf8.ts";
