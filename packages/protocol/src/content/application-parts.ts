/**
 * Bodies that are data rather than text (spec/content.md §Application parts): single parts with a CBOR array as content.
 *
 *   application/mimi-message-status     [ [ messageId, status ], … ]  (draft-mahy-mimi-message-status): 0 unread, 1 delivered, 2 read,
 *                                       3 expired, 4 deleted, 5 hidden, 6 error
 *   application/vnd.sotto.typing+cbor   [ version 1, typing ]         sent as an ephemeral frame, never stored
 *   application/vnd.sotto.poll+cbor     [ version 1, question, [ option, … ], choices, closesAt ]     choices: most per person, 0: all; closesAt 0: never
 *   application/vnd.sotto.vote+cbor     [ version 1, [ option index, … ] ]   in reply to the poll; the last vote of a person counts
 *   application/vnd.sotto.contact+cbor  [ version 1, accountId, username, host, display name, contact token ]   token may be empty
 */
import * as v from "valibot";
import { type CborValue, encodeCbor } from "../codec/cbor.ts";
import { bytesWithin, listOf, textUpTo, timeMs, uintUpTo, versionOf } from "../codec/fields.ts";
import { decodeForm } from "../codec/form.ts";
import { accountId, type AccountId, messageId, type MessageId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { failure, type Outcome, success } from "../outcome.ts";

export const MESSAGE_STATUSES = ["unread", "delivered", "read", "expired", "deleted", "hidden", "error"] as const;
export type MessageStatus = (typeof MESSAGE_STATUSES)[number];

export type StatusReport = {
  readonly kind: "status";
  readonly statuses: readonly { readonly id: MessageId; readonly status: MessageStatus }[];
};
export type Typing = { readonly kind: "typing"; readonly isTyping: boolean };
export type Poll = {
  readonly kind: "poll";
  readonly question: string;
  readonly options: readonly string[];
  readonly choicesMax: number;
  /** Milliseconds since 1970; 0 for never. */
  readonly closesAt: number;
};
export type Vote = { readonly kind: "vote"; readonly choices: readonly number[] };
export type ContactCard = {
  readonly kind: "contact";
  readonly account: AccountId;
  readonly username: string;
  readonly host: string;
  readonly displayName: string;
  readonly contactToken: Uint8Array | null;
};
export type ApplicationBody = StatusReport | Typing | Poll | Vote | ContactCard;

export const APPLICATION_TYPES = {
  status: "application/mimi-message-status",
  typing: "application/vnd.sotto.typing+cbor",
  poll: "application/vnd.sotto.poll+cbor",
  vote: "application/vnd.sotto.vote+cbor",
  contact: "application/vnd.sotto.contact+cbor",
} as const satisfies Record<ApplicationBody["kind"], string>;

const kindsByType = new Map<string, ApplicationBody["kind"]>([
  [APPLICATION_TYPES.status, "status"],
  [APPLICATION_TYPES.typing, "typing"],
  [APPLICATION_TYPES.poll, "poll"],
  [APPLICATION_TYPES.vote, "vote"],
  [APPLICATION_TYPES.contact, "contact"],
]);

export function applicationKind(contentType: string): ApplicationBody["kind"] | undefined {
  return kindsByType.get(contentType);
}

const optionIndex = uintUpTo(LIMITS.pollOptionsMax - 1);
const statusWire = listOf(v.strictTuple([messageId, uintUpTo(MESSAGE_STATUSES.length - 1)]), LIMITS.statusesPerReportMax, 1);
const typingWire = v.strictTuple([versionOf(1), v.boolean()]);
const pollWire = v.strictTuple([
  versionOf(1),
  textUpTo(LIMITS.pollQuestionBytesMax, 1),
  listOf(textUpTo(LIMITS.pollOptionBytesMax, 1), LIMITS.pollOptionsMax, 2),
  uintUpTo(LIMITS.pollOptionsMax),
  timeMs,
]);
const voteWire = v.strictTuple([versionOf(1), listOf(optionIndex, LIMITS.pollOptionsMax)]);
const contactWire = v.strictTuple([
  versionOf(1),
  accountId,
  textUpTo(LIMITS.usernameLengthMax),
  textUpTo(LIMITS.filenameBytesMax),
  textUpTo(LIMITS.displayNameBytesMax),
  v.union([bytesWithin(0, 0), bytesWithin(32, 32)], "form_length"),
]);

function toWire(body: ApplicationBody): CborValue {
  switch (body.kind) {
    case "status":
      return body.statuses.map(({ id, status }) => [id, MESSAGE_STATUSES.indexOf(status)]);
    case "typing":
      return [1, body.isTyping];
    case "poll":
      return [1, body.question, body.options, body.choicesMax, body.closesAt];
    case "vote":
      return [1, body.choices];
    case "contact":
      return [1, body.account, body.username, body.host, body.displayName, body.contactToken ?? new Uint8Array(0)];
  }
}

export function encodeApplicationBody(body: ApplicationBody): Uint8Array {
  return encodeCbor(toWire(body));
}

export function decodeApplicationBody(kind: ApplicationBody["kind"], bytes: Uint8Array): Outcome<ApplicationBody> {
  switch (kind) {
    case "status":
      return decodeStatus(bytes);
    case "typing": {
      const form = decodeForm(typingWire, bytes, LIMITS.contentBytesMax);
      return form.ok ? success({ kind, isTyping: form.value[1] }) : form;
    }
    case "poll":
      return decodePoll(bytes);
    case "vote": {
      const form = decodeForm(voteWire, bytes, LIMITS.contentBytesMax);
      if (!form.ok) return form;
      const choices = form.value[1];
      const isAscending = choices.every((choice, i) => i === 0 || choice > (choices[i - 1] ?? 0));
      return isAscending ? success({ kind, choices }) : failure("content_invalid");
    }
    case "contact":
      return decodeContact(bytes);
  }
}

function decodeStatus(bytes: Uint8Array): Outcome<StatusReport> {
  const form = decodeForm(statusWire, bytes, LIMITS.contentBytesMax);
  if (!form.ok) return form;
  return success({ kind: "status", statuses: form.value.map(([id, status]) => ({ id, status: MESSAGE_STATUSES[status] ?? "error" })) });
}

function decodePoll(bytes: Uint8Array): Outcome<Poll> {
  const form = decodeForm(pollWire, bytes, LIMITS.contentBytesMax);
  if (!form.ok) return form;
  const [, question, options, choicesMax, closesAt] = form.value;
  if (choicesMax > options.length) return failure("content_invalid");
  return success({ kind: "poll", question, options, choicesMax, closesAt });
}

function decodeContact(bytes: Uint8Array): Outcome<ContactCard> {
  const form = decodeForm(contactWire, bytes, LIMITS.contentBytesMax);
  if (!form.ok) return form;
  const [, account, username, host, displayName, token] = form.value;
  return success({ kind: "contact", account, username, host, displayName, contactToken: token.length === 0 ? null : token });
}
