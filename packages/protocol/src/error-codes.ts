/**
 * Every failure that one part of the system tells another, as a closed union of stable codes. Each has a sentence that says what to do and,
 * where it can be the answer of a server, an HTTP status. No code or sentence carries content, names, ids or keys.
 *
 * spec/log.md §Errors.
 */
type ErrorInfo = {
  readonly message: string;
  /** HTTP status of a server's answer with this code; absent where a server never gives it. */
  readonly status?: number;
};

const cbor = {
  cbor_truncated: { message: "The bytes end before the value does. Fetch the whole value again.", status: 400 },
  cbor_trailing: { message: "There are bytes after the end of the value. Pass exactly one value.", status: 400 },
  cbor_not_shortest: { message: "A number or length is not in its shortest form. Use deterministic CBOR.", status: 400 },
  cbor_indefinite: { message: "A length is indefinite. Use deterministic CBOR.", status: 400 },
  cbor_map_order: { message: "The keys of a map are not sorted. Use deterministic CBOR.", status: 400 },
  cbor_map_duplicate: { message: "A key stands in a map twice. Send it once.", status: 400 },
  cbor_text: { message: "A text is not valid UTF-8. Send valid text.", status: 400 },
  cbor_unsupported: { message: "A value has a CBOR type that is not used here. Use the types of the specification.", status: 400 },
  cbor_too_large: { message: "The value has more bytes than the limit. Send less at once.", status: 413 },
  cbor_too_deep: { message: "The value is nested deeper than the limit. Send a flatter value.", status: 400 },
  cbor_too_many: { message: "The value has more items than the limit. Send less at once.", status: 400 },
} as const satisfies Record<string, ErrorInfo>;

const forms = {
  form_invalid: { message: "The value does not have the form of the specification. Update the program that sent it.", status: 400 },
  form_length: { message: "A field has a length that its form does not allow. Update the program that sent it.", status: 400 },
  form_number: { message: "A number is outside the range of its field. Update the program that sent it.", status: 400 },
  form_text: { message: "A text has characters or a length that its field does not allow. Choose another text.", status: 400 },
  id_invalid: { message: "An id is malformed. Copy it again.", status: 400 },
  version_unsupported: { message: "The version of a form is not known here. Update this program.", status: 400 },
  frame_unknown: { message: "The server does not know this kind of frame. Update the server or this program.", status: 404 },
  operation_unknown: { message: "The operation does not exist on this connection. Update the server or this program.", status: 404 },
  code_unknown: { message: "The server answered with a code that is not known here. Update this program." },
  answer_invalid: { message: "The server's answer is malformed. Try again; if it stays so, tell the operator." },
} as const satisfies Record<string, ErrorInfo>;

const access = {
  login_required: { message: "The connection is not logged in. Log in with the device key first.", status: 401 },
  login_failed: { message: "The login signature is not valid for this device. Check that the device is still linked.", status: 401 },
  login_expired: { message: "The login challenge is too old. Connect again.", status: 401 },
  already_logged_in: { message: "The connection is logged in already. Open another one for another device.", status: 409 },
  device_unknown: { message: "The device is not in the account's device set. Link it first.", status: 404 },
  device_revoked: { message: "This device was removed from its account. Link it again from another device.", status: 403 },
  capability_invalid: { message: "The token does not open this log or blob. Read the latest changes first.", status: 403 },
  payment_required: { message: "The operation costs an anonymous token. Fetch tokens on the account connection.", status: 402 },
  payment_invalid: { message: "The anonymous token is not valid for this server. Fetch new tokens.", status: 402 },
  payment_spent: { message: "The anonymous token was used before. Use another one.", status: 402 },
  rate_limited: { message: "Too many requests. Wait for the given time, then try again.", status: 429 },
  quota_exceeded: { message: "The limit of the operator is reached. Delete something, or ask the operator.", status: 403 },
  invite_required: { message: "This server is open by invitation only. Ask its operator for a code.", status: 403 },
  invite_invalid: { message: "The invitation code is wrong or used up. Ask for a new one.", status: 403 },
} as const satisfies Record<string, ErrorInfo>;

const logs = {
  log_unknown: { message: "There is no such log here, or it was deleted. Ask a member for a new invitation.", status: 404 },
  log_exists: { message: "Another log has this id. Choose a new random id.", status: 409 },
  log_trimmed: { message: "Older entries were trimmed. Start at the first entry that is kept, and fill in from a backup.", status: 410 },
  log_epoch_unknown: { message: "The epoch is not one of this log. Read from the last known epoch.", status: 409 },
  log_position: { message: "The position is outside of what the token reads. Start at the end of the last epoch read.", status: 416 },
  log_entry_invalid: { message: "The log entry breaks the rules of its kind. Discard it." },
  log_next_required: { message: "A handshake needs the token hashes of the next epoch. Send them with it.", status: 400 },
  log_next_forbidden: { message: "Only a handshake sets token hashes. Send the message without them.", status: 400 },
  log_slow_consumer: { message: "The connection reads too slowly. Read the missing entries, then subscribe again." },
  log_receipt_invalid: { message: "The server's receipt for an entry is not valid. Tell the operator." },
  subscription_unknown: { message: "The connection is not subscribed to this log. Subscribe first.", status: 404 },
  subscription_limit: { message: "The connection has too many subscriptions. End some, or open another connection.", status: 429 },
} as const satisfies Record<string, ErrorInfo>;

const accounts = {
  account_unknown: { message: "There is no such account here. Check the address.", status: 404 },
  account_exists: { message: "The account exists already. Log in.", status: 409 },
  username_invalid: { message: "A username has 3 to 32 of a-z, 0-9 and _, and starts with a letter. Choose another one.", status: 400 },
  username_taken: { message: "The username belongs to somebody else. Choose another one.", status: 409 },
  username_unknown: { message: "Nobody has this username here. Check the spelling.", status: 404 },
  key_package_none: { message: "The device has no key package left. Try again when it was online.", status: 404 },
  inbox_full: { message: "The inbox is full. Try again when its owner was online.", status: 507 },
  inbox_closed: { message: "The inbox takes no first messages from strangers. Ask its owner for a contact link.", status: 403 },
  gate_code_wrong: { message: "The code that this person asks for is wrong. Ask for it again.", status: 403 },
  inbox_item_invalid: { message: "An inbox item is malformed or not signed by its sender. Discard it." },
} as const satisfies Record<string, ErrorInfo>;

const chains = {
  chain_empty: { message: "The identity chain has no entries. Fetch it again." },
  chain_too_long: { message: "The identity chain has more entries than the limit. Make a new account.", status: 403 },
  chain_index: { message: "An identity chain entry has the wrong number. Fetch the chain again.", status: 409 },
  chain_previous: { message: "An identity chain entry does not follow the one before it. Do not trust this chain.", status: 409 },
  chain_account: { message: "The identity chain belongs to another account. Do not trust this chain.", status: 409 },
  chain_kind: { message: "An identity chain entry of this kind is not allowed here. Do not trust this chain.", status: 400 },
  chain_author: {
    message: "An identity chain entry is signed by a device that is not in the account. Do not trust this chain.",
    status: 403,
  },
  chain_signature: { message: "A signature in the identity chain is not valid. Do not trust this chain.", status: 403 },
  chain_device_exists: { message: "The device is or was in the account. Make new keys for it.", status: 409 },
  chain_device_unknown: { message: "The device is not in the account. Fetch the chain again.", status: 404 },
  chain_device_limit: { message: "The account has the most devices that are allowed. Remove one first.", status: 403 },
  chain_last_device: { message: "The last device of an account cannot be removed. Add another one first, or reset.", status: 409 },
  chain_fork: { message: "Two different identity chains exist for one account. Do not trust the server; keep both." },
} as const satisfies Record<string, ErrorInfo>;

const blobs = {
  blob_unknown: { message: "There is no such file on the server, or it has expired. Ask the sender to send it again.", status: 404 },
  blob_exists: { message: "Another file has this id. Choose a new random id.", status: 409 },
  blob_too_large: { message: "The file is larger than the limit. Send a smaller one.", status: 413 },
  blob_offset: { message: "The upload continues at another place. Ask for the offset, then go on from there.", status: 409 },
  blob_incomplete: { message: "The file is not uploaded completely yet. Try again later.", status: 404 },
  blob_complete: { message: "The file is complete and cannot change. Upload another one.", status: 409 },
  blob_range: { message: "The range is outside of the file. Ask for a range inside.", status: 416 },
  blob_damaged: { message: "The file does not match its hash. Download it again." },
} as const satisfies Record<string, ErrorInfo>;

const contents = {
  content_invalid: { message: "The message is malformed. Discard it." },
  content_too_large: { message: "The message is larger than the limit. Send it as a file." },
  content_padding: { message: "The padding of a message is not canonical. Discard it." },
  content_tag: { message: "The message does not match its commitment. Discard it." },
  content_salt: { message: "A message needs a salt of 16 bytes. Update the program that sent it." },
  group_forbidden: { message: "This member may not do that in this group. Ask an admin." },
  group_change_invalid: { message: "The change does not fit the state of the group. Read the latest changes first." },
  group_needs_owner: { message: "A group needs an owner. Make somebody else an owner first." },
} as const satisfies Record<string, ErrorInfo>;

const transparency = {
  proof_invalid: { message: "A proof of the directory does not hold. Stop, and keep it as evidence." },
  checkpoint_invalid: { message: "A checkpoint is malformed. Fetch it again." },
  checkpoint_signature: { message: "A checkpoint is not signed as the policy asks. Do not trust it." },
} as const satisfies Record<string, ErrorInfo>;

const server = {
  server_busy: { message: "The server has too much to do. Wait for the given time, then try again.", status: 503 },
  server_read_only: { message: "The server accepts no writes at the moment. Try again later.", status: 503 },
  server_disk_full: { message: "The server's disk is full. Tell the operator.", status: 507 },
  server_failed: { message: "The server failed. Try again later; if it stays so, tell the operator.", status: 500 },
  server_unreachable: { message: "The server cannot be reached. Check the connection and the address." },
  server_timeout: { message: "The server did not answer in time. Try again." },
  server_stopping: { message: "The server is stopping. Connect again in a moment.", status: 503 },
  server_foreign: { message: "What answers at this address is no Sotto server. Check the address." },
  server_untrusted: {
    message:
      "The server's certificate is not valid for its address. Check the address; if it is right, go no further and tell the operator.",
  },
  server_address: { message: "The server cannot listen at this address. Choose another port or host, or stop what uses it." },
  server_certificate: {
    message: "The TLS certificate or its key cannot be used. Check that both are PEM files, may be read, and belong together.",
  },
  server_version: { message: "The server speaks another version of the protocol. Update the older side.", status: 426 },
} as const satisfies Record<string, ErrorInfo>;

const stores = {
  store_locked: { message: "Another process uses this data folder. Stop it, or choose another folder." },
  store_passphrase: { message: "The passphrase or key file is wrong. Try again." },
  store_newer: { message: "The data was written by a newer version. Update this program." },
  store_damaged: { message: "The data is damaged. Restore it from a backup." },
  store_disk_full: { message: "The disk is full. Free some space, then try again." },
  store_exists: { message: "The folder is not empty. Choose a new or an empty one." },
  backup_incomplete: { message: "This folder is no complete backup. Choose another one, or take the backup again." },
  store_unavailable: { message: "The data folder cannot be opened. Check that it exists and may be written." },
} as const satisfies Record<string, ErrorInfo>;

const all = {
  ...cbor,
  ...forms,
  ...access,
  ...logs,
  ...accounts,
  ...chains,
  ...blobs,
  ...contents,
  ...transparency,
  ...server,
  ...stores,
} as const;

/** Stable codes: a code is never renamed nor given another meaning. */
export type ErrorCode = keyof typeof all;

export const ERRORS: Readonly<Record<ErrorCode, ErrorInfo>> = all;

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERRORS, text);
}
