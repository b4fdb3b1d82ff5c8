/**
 * Limits on everything that comes from outside, in one place. A server tells lower ones in its hello; none is ever higher.
 * spec/log.md, content.md, identity.md, blobs.md and groups.md give the reasons.
 */
const KIB = 1024;
const MIB = 1024 * KIB;

export const LIMITS = {
  /** CBOR: nesting of any form. */
  depthMax: 10,
  /** CBOR: values of all kinds in one form or frame. */
  itemsMax: 8_192,

  /** One frame of a connection: the largest handshake and its envelope. */
  frameBytesMax: 4 * MIB + 64 * KIB,
  /** Entries that a server joins to one push or one answer, unless the first one alone is larger. */
  batchBytesMax: MIB,
  entriesPerBatchMax: 1_024,
  requestsInFlightMax: 256,

  /** A commit that adds 1,000 devices with post-quantum keys has about 3 MB. */
  handshakeBodyBytesMax: 4 * MIB,
  /** The largest padded content, and MLS framing. */
  messageBodyBytesMax: 72 * KIB,
  entryBytesMax: 4 * MIB + KIB,
  /** Typing and the like: sent to those who listen, never stored. */
  ephemeralBodyBytesMax: 4 * KIB,
  subscriptionsPerConnectionMax: 4_096,

  /** What is sealed to one inbox: a welcome; a large ratchet tree goes into a blob. */
  inboxBodyBytesMax: 256 * KIB,
  inboxItemBytesMax: 257 * KIB,
  /** The blob that a note names, before padding and encryption: a ratchet tree or join info of a large group. */
  noteBlobBytesMax: 8 * MIB,
  /** Of contacts. What strangers leave is counted apart, so that they take no room from those. */
  inboxItemsMax: 2_048,
  inboxStrangerItemsMax: 256,
  inboxStrangerBytesMax: 8 * MIB,
  /** Messages that one note carries to a device that missed them. */
  historyItemsMax: 256,
  evidenceBytesMax: 64 * KIB,

  chainEntryBytesMax: 16 * KIB,
  chainEntriesMax: 1_024,
  chainEntriesPerAnswerMax: 128,
  devicesPerAccountMax: 16,
  publicKeyBytesMax: 4 * KIB,
  signatureBytesMax: 8 * KIB,
  usernameLengthMin: 3,
  usernameLengthMax: 32,
  /** Copies of the master key that the server keeps, one for each unlocker. */
  wrappedKeysMax: 8,
  wrappedKeyBytesMax: 512,
  accountCardBytesMax: 256,
  /** All copies of the master key and the card, as the server keeps them. */
  keptBytesMax: 8 * 512 + 256 + KIB,
  inviteCodeBytesMax: 64,
  gateCodeBytesMax: 64,

  /** One key package with post-quantum keys has about 3 KB. */
  keyPackageBytesMax: 16 * KIB,
  keyPackagesPerUploadMax: 100,
  keyPackagesPerDeviceMax: 200,
  tokensPerIssueMax: 64,

  blobBytesMax: 2_200_000_000,
  blobChunkBytesMax: 8 * MIB,
  /** An answer over HTTP that is a form: the state of a blob, or why something failed. */
  httpAnswerBytesMax: 4 * KIB,

  /** Content before padding; one less than the largest size class. */
  contentBytesMax: 64 * KIB - 1,
  textBytesMax: 32 * KIB,
  partsDepthMax: 4,
  partsPerMessageMax: 64,
  attachmentsPerMessageMax: 20,
  contentTypeBytesMax: 128,
  urlBytesMax: 512,
  filenameBytesMax: 255,
  descriptionBytesMax: 2 * KIB,
  thumbnailBytesMax: 24 * KIB,
  blurhashBytesMax: 64,
  waveformBytesMax: 256,
  reactionBytesMax: 64,
  statusesPerReportMax: 512,
  pollOptionsMax: 20,
  pollOptionBytesMax: 256,
  pollQuestionBytesMax: KIB,
  displayNameBytesMax: 128,
  /** Attachments before padding and encryption. */
  attachmentBytesMax: 2_147_483_648,

  groupNameBytesMax: 128,
  groupDescriptionBytesMax: KIB,
  groupRolesMax: 256,
  groupStateBytesMax: 48 * KIB,
  groupDevicesMax: 1_000,

  /** What one's own devices tell each other in one message, and the largest setting. */
  ownItemsMax: 256,
  ownSettingKeyBytesMax: 64,
  ownSettingBytesMax: 40 * KIB,

  checkpointBytesMax: 64 * KIB,
  checkpointSignaturesMax: 64,
  proofHashesMax: 64,
} as const;
