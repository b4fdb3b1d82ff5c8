/**
 * Limits on everything that comes from outside. A value above its limit gives `limit_exceeded`.
 * `spec/mls-profile.md` lists them with reasons.
 */
export const LIMITS = {
  /** One MLSMessage, ratchet tree or snapshot record. A Welcome with a post-quantum tree of 4,096 leaves has about 11 MB. */
  messageBytesMax: 16 * 1024 * 1024,
  /** Items of vectors and byte strings in one decoded struct: bounds memory where many small ones fill a message. */
  itemsMax: 1 << 20,
  /** Leaves of a ratchet tree, blank ones included. */
  leavesMax: 16_384,
  /** Nodes of an update path: the height of a tree of `leavesMax`, and some room. */
  pathNodesMax: 32,
  proposalsPerCommitMax: 16_384,
  /** Proposals kept for a later commit in one epoch. */
  pendingProposalsMax: 4_096,
  extensionsMax: 64,
  capabilityEntriesMax: 256,
  certificatesMax: 16,
  credentialBytesMax: 64 * 1024,
  pskIdsMax: 256,
  externalSendersMax: 64,
  groupIdBytesMax: 255,
  safeAadItemsMax: 64,
  /** Generations that one message may skip in a sender's ratchet (policy may lower it). */
  forwardGenerationsMax: 4_096,
  /** Message keys kept for late messages, per sender and ratchet (policy may lower it). */
  skippedKeysMax: 1_024,
  pastEpochsMax: 64,
  resumptionEpochsMax: 256,
} as const;
