/**
 * Failures of the engine: one class, a closed union of codes (its own, core's and the protocol's), and sentences without user data that say what
 * to do.
 */
import { CORE_ERRORS, type CoreErrorCode } from "@sotto/core";
import { ERRORS, isErrorCode } from "@sotto/protocol";

const sentences = {
  profile_empty: "There is no account in this profile yet. Sign up first.",
  profile_none: "There is no profile at this place. Check --profile; a new one comes with signup, signin, link CODE, import or vault add.",
  profile_exists: "This profile has an account already. Use another profile for another account.",
  conversation_unknown: "There is no such conversation here. List the conversations and choose one of them.",
  conversation_inactive: "You are not in this conversation any more. Ask a member for an invitation.",
  text_empty: "There is nothing in it that one could see. Write something.",
  message_not_sent: "The message was not sent. Write it again.",
  message_unknown: "There is no such message here.",
  message_taken_back: "That message was taken back. Write a new one.",
  reaction_invalid: "A reaction is one emoji, such as 👍. Write a message for words.",
  message_not_own: "That message is somebody else's. You can change and take back your own ones.",
  request_unknown: "That conversation is no request. Leave a group with: sotto group leave NAME.",
  person_blocked: "You blocked this person. Unblock them first.",
  member_unknown: "That person is not in this group. List its members and choose one of them.",
  own_account: "That is your own account. Choose another person.",
  person_unknown: "There is no such person in the imported history. List the people and choose one of them.",
  people_unreachable: "A person has no device that can be invited at the moment. Try again later.",
  conversation_disrupted:
    "Somebody in this conversation keeps breaking it. It is tried again tomorrow; start a new one without them if that goes on.",
  file_unknown: "There is no such file. Check its name.",
  file_unreadable: "The file cannot be read. Check that you may read it, and try again.",
  file_unsupported: "That is a folder or a device. Choose a file.",
  file_changed: "The file changed while it was being sent. Send it again once it stays as it is.",
  file_exists: "There is another file with this name. Choose another place, or say that it may be overwritten.",
  file_unwritable: "The file cannot be written there. Check that the folder exists and may be written to.",
  attachment_unknown: "The message has no such file. Look at the conversation again.",
  attachment_uploading: "The file is not at the server yet. Send it again to go on, then save it.",
  attachment_size: "The file does not have the size that its message tells. Ask for it to be sent again.",
  attachment_count: "A message takes 1 to 20 files. Send them in several messages.",
  transfer_stopped: "Stopped. Do the same again to go on from here.",
  link_expired: "The other device did not answer in time. Start linking again with a new code.",
  link_digits_wrong: "The digits are not those of the other device. Somebody may have seen the code: link again with a new one.",
  link_cancelled: "Linking was given up. Start again with a new code when you are ready.",
  link_refused: "The other device gave up linking. Start again with a new code.",
  link_changed: "The devices of the account changed in the meantime. Start linking again with a new code.",
  recovery_not_kept: "The server keeps no copy of the account's key. Link this device from another one instead.",
  master_key_behind:
    "This device has not heard of the account's new key yet. Try again when your other devices were online, or from one of them.",
  device_this: "That is this device. Remove it from another one.",
  server_address_invalid: "The address of a server begins with http:// or https://. Check it.",
  key_file_unreadable: "The key file cannot be read. Check its path.",
  exposure_unknown: "There is no such finding. sotto exposure show lists them with their numbers.",
  location_kept: "The place cannot be taken out of this. Delete it here, or move it to the vault.",
  message_on_its_way: "That message is still being sent. Try again when it has left.",
  vault_exists: "There is a vault already. Unlock it.",
  vault_none: "There is no vault in this profile yet. Put something in, and one is made.",
  vault_passphrase: "That is not the passphrase of the vault. Try again.",
  vault_item_unknown: "There is no such item in the vault. List it, and use the id that is shown.",
  vault_file_large: "The file is larger than 2 GiB, which is the most that one item takes.",
  vault_has_files: "That message has files. Save them first, then delete it here.",
  query_short: "Type at least one character to search for.",
} as const;

type ClientOnlyCode = keyof typeof sentences;
export type ClientErrorCode = ClientOnlyCode | CoreErrorCode;

const isOwn = (code: string): code is ClientOnlyCode => Object.hasOwn(sentences, code);
const isCore = (code: string): code is keyof typeof CORE_ERRORS => Object.hasOwn(CORE_ERRORS, code);

export function isClientErrorCode(code: string): code is ClientErrorCode {
  return isOwn(code) || isCore(code) || isErrorCode(code);
}

/** What a person reads for a code, also for one that came as a text, as the `trouble` of a conversation does. */
export function sentenceOf(code: string): string {
  if (isOwn(code)) return sentences[code];
  if (isCore(code)) return CORE_ERRORS[code];
  return isErrorCode(code) ? ERRORS[code].message : "The operation failed.";
}

export class ClientError extends Error {
  override readonly name = "ClientError";
  readonly code: ClientErrorCode;
  constructor(code: ClientErrorCode, options?: { readonly cause?: unknown }) {
    super(sentenceOf(code), options);
    this.code = code;
  }
}

export type ClientOutcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly code: ClientErrorCode };

/** The value, or the failure thrown as a {@link ClientError}: for calls that a person made and waits for. */
export function orThrow<T>(outcome: ClientOutcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new ClientError(outcome.code);
}

/** The reverse: what was thrown as a {@link ClientError} as an outcome again, for work that nobody waits for. Anything else is thrown on. */
export function refusedOutcome(error: unknown): { readonly ok: false; readonly code: ClientErrorCode } {
  if (error instanceof ClientError) return { ok: false, code: error.code };
  throw error;
}
