/**
 * Outcomes and the closed union of failure codes of this package.
 *
 * Public functions return an {@link Outcome}. Inside the engine a failed check throws {@link Reject}, which
 * {@link attempt} turns into a failure at the public boundary; nothing else is ever thrown on input.
 * Messages are fixed sentences: they never contain content, names or keys.
 */

const sentences = {
  decode_truncated: "The bytes end before the structure does. Fetch the whole message again.",
  decode_trailing: "There are bytes after the end of the structure. Pass exactly one message.",
  decode_invalid: "A field has a value that its type does not allow. Discard the message.",
  decode_non_minimal: "A length is not in its shortest form. Discard the message.",
  limit_exceeded: "A size or count is above the limit of this implementation. Discard the message.",
  unsupported_version: "The protocol version is not MLS 1.0. Update the sender or this program.",
  unsupported_suite: "The crypto provider does not have this ciphersuite. Use a provider that has it.",
  unsupported_wire_format: "This kind of message is not handled here. Pass it to the function that takes it.",
  usage: "The call does not fit the state or the options. See the function's documentation.",
  wrong_group: "The message belongs to another group. Look up the group by its id first.",
  epoch_ahead: "The message is from a later epoch. Process the missing commits first, then try again.",
  epoch_behind: "The message is from an epoch whose keys are gone. Discard it.",
  group_inactive: "This member was removed or the group was closed. Join again or use its successor.",
  invalid_signature: "A signature does not verify. Discard the message.",
  invalid_membership_tag: "The membership tag does not verify. Discard the message.",
  invalid_confirmation_tag: "The confirmation tag does not verify. Discard the commit.",
  decrypt_failed: "The ciphertext does not open under this group's keys. Discard the message.",
  own_message: "The message claims to be this member's own. Compare it with what was sent, and use the state that was kept then.",
  proposals_pending: "Proposals of others wait for a commit. Commit them first, or allow sending beside them by policy.",
  replayed: "The message was opened before, or its keys were dropped. Discard it.",
  generation_too_far: "The message skips more generations than the limit. Fetch the missing messages first.",
  generations_exhausted: "This sender's ratchet has no generation left in this epoch. Commit to start a new epoch.",
  invalid_padding: "The padding has a byte that is not zero. Discard the message.",
  unknown_sender: "The sender is not a member or not a listed external sender. Discard the message.",
  invalid_content: "This kind of content is not allowed from this sender or in this framing. Discard the message.",
  invalid_key: "A public or private key is malformed or unsafe. Ask its owner for a new one.",
  duplicate_key: "A key stands in the tree twice. Discard the message.",
  invalid_leaf: "A leaf node breaks a rule of RFC 9420 section 7.3. Discard it.",
  invalid_key_package: "A key package breaks a rule of RFC 9420 section 10.1. Fetch another one.",
  lifetime: "A leaf node is not valid at this time. Fetch a newer key package, or check the clock.",
  unsupported_capability: "A member does not support something that the group requires. Leave it out, or remove the member.",
  credential_rejected: "The authentication service refused a credential. Do not continue with this member.",
  credential_deferred: "A credential has to be checked first. Answer the listed checks, then call again.",
  invalid_tree: "The ratchet tree breaks a rule of RFC 9420 section 12.4.3.1. Fetch the group's state again.",
  invalid_parent_hash: "A parent hash does not match. Discard the message.",
  tree_hash_mismatch: "The tree does not have the hash that was signed. Fetch the right tree.",
  invalid_proposal: "A proposal breaks a rule of RFC 9420 section 12.1. Discard it.",
  invalid_proposal_list: "The commit's list of proposals breaks a rule of RFC 9420 section 12.2. Discard the commit.",
  unknown_proposal: "The commit refers to a proposal that was not received. Fetch it, then try again.",
  path_required: "The commit needs an update path and has none. Discard the commit.",
  invalid_path: "The update path does not fit the tree. Discard the commit.",
  unreadable_path: "The path secret for this member does not open or does not fit. Others may have read theirs: join again.",
  unknown_psk: "A pre-shared key is not known here. Provide it, then try again.",
  invalid_psk: "A pre-shared key id breaks a rule of RFC 9420 section 8.4. Discard the message.",
  welcome_not_for_us: "The welcome has no secrets for this key package. Try the other key packages.",
  invalid_welcome: "The welcome breaks a rule of RFC 9420 section 12.4.3.1. Ask for a new invitation.",
  invalid_group_info: "The group info breaks a rule of RFC 9420. Fetch a newer one.",
  missing_tree: "No ratchet tree came with the message. Pass the tree separately.",
  invalid_snapshot: "The stored state is damaged or not canonical. Restore it from a backup.",
  snapshot_version: "The stored state is from a newer version. Update this program.",
} as const;

/** Stable failure codes. */
export type MlsErrorCode = keyof typeof sentences;

/** One credential that the caller's authentication service has to decide on (RFC 9420 §5.3.1). */
export type CredentialCheck = {
  readonly credential: import("./structs/credential.ts").Credential;
  readonly signatureKey: Uint8Array;
  /**
   * Where the credential stands: in a key package that a member or listed sender adds, or one whose owner proposes itself
   * (`newMember`); at a member of a group that is joined; in an update, a commit or an external commit (`joiner`); at an external
   * sender. `replaces` is the credential it takes the place of, if any. */
  readonly purpose: "keyPackage" | "newMember" | "member" | "update" | "commit" | "externalSender" | "joiner";
  readonly replaces: import("./structs/credential.ts").Credential | undefined;
};

export type Failure = {
  readonly ok: false;
  readonly code: MlsErrorCode;
  /** What to do, fit for a log. */
  readonly message: string;
  /** With `credential_deferred`: every check that is still open. */
  readonly deferred?: readonly CredentialCheck[];
};

export type Outcome<T> = { readonly ok: true; readonly value: T } | Failure;

/** A failed check inside the engine. Never crosses the public boundary. */
export class Reject extends Error {
  override readonly name = "Reject";
  readonly code: MlsErrorCode;
  readonly deferred: readonly CredentialCheck[] | undefined;
  constructor(code: MlsErrorCode, deferred?: readonly CredentialCheck[]) {
    super(sentences[code]);
    this.code = code;
    this.deferred = deferred;
  }
}

/** Throws {@link Reject} with `code` unless `condition` holds. */
export function check(condition: boolean, code: MlsErrorCode): asserts condition {
  if (!condition) throw new Reject(code);
}

/** The value, or a {@link Reject} with `code` where there is none. */
export function need<T>(value: T | undefined, code: MlsErrorCode): T {
  if (value === undefined) throw new Reject(code);
  return value;
}

/** Runs `work` and turns a {@link Reject} into a {@link Failure}. */
export function attempt<T>(work: () => T): Outcome<T> {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    if (error instanceof Reject) return failure(error.code, error.deferred);
    throw error;
  }
}

export function failure(code: MlsErrorCode, deferred?: readonly CredentialCheck[]): Failure {
  return deferred === undefined ? { ok: false, code, message: sentences[code] } : { ok: false, code, message: sentences[code], deferred };
}
