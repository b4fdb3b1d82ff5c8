/**
 * What is sealed to a device's inbox key (spec/inbox.md §Notes), so that the server learns neither sender nor log: CBOR
 *
 *   [ version 1, sender account, sender device, kind, payload, signature ]
 *     kind 0 welcome    [ logId, first seq to read, MLS Welcome, tree, name, greeting ]   tree: ratchet tree, [ external attachment part ]
 *                                                                                          or null when the Welcome has it
 *          1 reanchor   [ old logId, new logId, epoch ]        the conversation goes on in another log, in the same group
 *          2 rejoin     [ logId, MLS group id, epoch, cursor ] a device that cannot go on asks a member for join info and what it missed
 *          3 contact    [ contact token, username, host ]      how to reach the sender without paying
 *          4 joinInfo   [ MLS group id, join info ]            the answer; join info: bytes, or [ external attachment part ]
 *          5 history    [ MLS group id, [ [ content, evidence ], … ] ]      messages that the device missed, with proof of who wrote them
 *          6 admit      [ ]                                    a device asks the others of its account to add it to what they are in
 *          7 reinvite   [ logId ]                              the invitation into that log did not open: its key package is gone
 *
 * The signature is by the sender's device key over labelled("inbox item v1", CBOR [ recipient account, recipient device, version, sender
 * account, sender device, kind, payload ]), so that nobody can pass a note on to somebody else.
 */
import * as v from "valibot";
import { type CborValue, encodeCbor } from "../codec/cbor.ts";
import { bytesWithin, listOf, textUpTo, uint, versionOf } from "../codec/fields.ts";
import { checkForm, decodeForm, type FormOf, type Schema } from "../codec/form.ts";
import { labelled } from "../hashing.ts";
import { accountId, type AccountId, deviceId, type DeviceId, logId, type LogId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { capabilityToken } from "../log/capability.ts";
import { expectSuccess, failure, type Outcome, success } from "../outcome.ts";
import { type Attachment, attachmentFromPart, attachmentToPart } from "../content/attachment.ts";
import { partFromWire, partToWire } from "../content/mimi-parts.ts";

export type RatchetTree =
  | { readonly kind: "included" }
  | { readonly kind: "inline"; readonly tree: Uint8Array }
  | { readonly kind: "blob"; readonly attachment: Attachment };

export type InboxNote =
  | {
      readonly kind: "welcome";
      readonly log: LogId;
      readonly firstSeq: number;
      readonly welcome: Uint8Array;
      readonly tree: RatchetTree;
      /** What the sender calls themself and says first: shown in a message request. */
      readonly senderName: string;
      readonly greeting: string;
    }
  | { readonly kind: "reanchor"; readonly oldLog: LogId; readonly newLog: LogId; readonly epoch: number }
  /** In which epoch the device is, and the entry that it would read next. */
  | { readonly kind: "rejoin"; readonly log: LogId; readonly groupId: Uint8Array; readonly epoch: number; readonly cursor: number }
  | { readonly kind: "contact"; readonly contactToken: Uint8Array; readonly username: string; readonly host: string }
  | { readonly kind: "joinInfo"; readonly groupId: Uint8Array; readonly info: Uint8Array | Attachment }
  | { readonly kind: "history"; readonly groupId: Uint8Array; readonly messages: readonly HistoryItem[] }
  | { readonly kind: "admit" }
  | { readonly kind: "reinvite"; readonly log: LogId };

/** The bytes of a message's content, and its stored evidence (spec/reports.md §Stored evidence). */
export type HistoryItem = readonly [content: Uint8Array, evidence: Uint8Array];

export type SignedNote = {
  readonly senderAccount: AccountId;
  readonly senderDevice: DeviceId;
  readonly note: InboxNote;
  readonly signature: Uint8Array;
};

export type Recipient = { readonly account: AccountId; readonly device: DeviceId };

const KINDS = [
  "welcome",
  "reanchor",
  "rejoin",
  "contact",
  "joinInfo",
  "history",
  "admit",
  "reinvite",
] as const satisfies readonly InboxNote["kind"][];
const NAME_BYTES_MAX = LIMITS.displayNameBytesMax;

const noteWire = v.strictTuple([
  versionOf(1),
  accountId,
  deviceId,
  v.picklist([0, 1, 2, 3, 4, 5, 6, 7]),
  v.array(v.unknown()),
  bytesWithin(1, LIMITS.signatureBytesMax),
]);
const blobWire = v.strictTuple([v.array(v.unknown())]);
const treeWire = v.nullable(v.union([bytesWithin(1, LIMITS.inboxBodyBytesMax), blobWire], "form_invalid"));
const welcomeWire = v.strictTuple([
  logId,
  uint,
  bytesWithin(1, LIMITS.inboxBodyBytesMax),
  treeWire,
  textUpTo(NAME_BYTES_MAX),
  textUpTo(LIMITS.descriptionBytesMax),
]);
const reanchorWire = v.strictTuple([logId, logId, uint]);
const groupIdField = bytesWithin(1, 255);
const rejoinWire = v.strictTuple([logId, groupIdField, uint, uint]);
const joinInfoWire = v.strictTuple([groupIdField, v.union([bytesWithin(1, LIMITS.inboxBodyBytesMax), blobWire], "form_invalid")]);
const historyItem = v.strictTuple([bytesWithin(1, LIMITS.contentBytesMax), bytesWithin(1, LIMITS.evidenceBytesMax)]);
const historyWire = v.strictTuple([groupIdField, listOf(historyItem, LIMITS.historyItemsMax, 1)]);
const contactWire = v.strictTuple([capabilityToken, textUpTo(LIMITS.usernameLengthMax), textUpTo(LIMITS.filenameBytesMax)]);
const admitWire = v.strictTuple([]);
const reinviteWire = v.strictTuple([logId]);

function treeToWire(tree: RatchetTree): CborValue {
  switch (tree.kind) {
    case "included":
      return null;
    case "inline":
      return tree.tree;
    case "blob":
      return [partToWire(attachmentToPart(tree.attachment))];
  }
}

function treeFromWire(wire: FormOf<typeof treeWire>): Outcome<RatchetTree> {
  if (wire === null) return success({ kind: "included" });
  if (wire instanceof Uint8Array) return success({ kind: "inline", tree: wire });
  const attachment = blobFromWire(wire);
  return attachment.ok ? success({ kind: "blob", attachment: attachment.value }) : attachment;
}

function blobFromWire([wire]: FormOf<typeof blobWire>): Outcome<Attachment> {
  const part = partFromWire(wire);
  return part.ok ? attachmentFromPart(part.value) : part;
}

function payloadOf(note: InboxNote): CborValue[] {
  switch (note.kind) {
    case "welcome":
      return [note.log, note.firstSeq, note.welcome, treeToWire(note.tree), note.senderName, note.greeting];
    case "reanchor":
      return [note.oldLog, note.newLog, note.epoch];
    case "rejoin":
      return [note.log, note.groupId, note.epoch, note.cursor];
    case "contact":
      return [note.contactToken, note.username, note.host];
    case "joinInfo":
      return [note.groupId, note.info instanceof Uint8Array ? note.info : [partToWire(attachmentToPart(note.info))]];
    case "history":
      return [note.groupId, note.messages.map(([content, evidence]) => [content, evidence])];
    case "admit":
      return [];
    case "reinvite":
      return [note.log];
  }
}

function mapped<S extends Schema>(schema: S, payload: readonly unknown[], to: (form: FormOf<S>) => Outcome<InboxNote>): Outcome<InboxNote> {
  const form = checkForm(schema, payload);
  return form.ok ? to(form.value) : form;
}

function noteFromPayload(kind: InboxNote["kind"], payload: readonly unknown[]): Outcome<InboxNote> {
  switch (kind) {
    case "welcome":
      return mapped(welcomeWire, payload, ([log, firstSeq, welcome, treeForm, senderName, greeting]) => {
        const tree = treeFromWire(treeForm);
        return tree.ok ? success({ kind, log, firstSeq, welcome, tree: tree.value, senderName, greeting }) : tree;
      });
    case "reanchor":
      return mapped(reanchorWire, payload, ([oldLog, newLog, epoch]) => success({ kind, oldLog, newLog, epoch }));
    case "rejoin":
      return mapped(rejoinWire, payload, ([log, groupId, epoch, cursor]) => success({ kind, log, groupId, epoch, cursor }));
    case "contact":
      return mapped(contactWire, payload, ([contactToken, username, host]) => success({ kind, contactToken, username, host }));
    case "joinInfo":
      return mapped(joinInfoWire, payload, ([groupId, form]) => {
        const info = form instanceof Uint8Array ? success(form) : blobFromWire(form);
        return info.ok ? success({ kind, groupId, info: info.value }) : info;
      });
    case "history":
      return mapped(historyWire, payload, ([groupId, messages]) => success({ kind, groupId, messages }));
    case "admit":
      return mapped(admitWire, payload, () => success({ kind }));
    case "reinvite":
      return mapped(reinviteWire, payload, ([log]) => success({ kind, log }));
  }
}

/** The bytes that the sender's device signs, for one recipient. */
export function inboxNoteSignatureBytes(signed: Omit<SignedNote, "signature">, to: Recipient): Uint8Array {
  const { senderAccount, senderDevice, note } = signed;
  const fields = [to.account, to.device, 1, senderAccount, senderDevice, KINDS.indexOf(note.kind), payloadOf(note)];
  return labelled("inbox item v1", encodeCbor(fields));
}

export function encodeInboxNote({ senderAccount, senderDevice, note, signature }: SignedNote): Uint8Array {
  const bytes = encodeCbor([1, senderAccount, senderDevice, KINDS.indexOf(note.kind), payloadOf(note), signature]);
  expectSuccess(decodeInboxNote(bytes));
  return bytes;
}

export function decodeInboxNote(bytes: Uint8Array): Outcome<SignedNote> {
  const form = decodeForm(noteWire, bytes, LIMITS.inboxBodyBytesMax);
  if (!form.ok) return form;
  const [, senderAccount, senderDevice, kindNumber, payload, signature] = form.value;
  const kind = KINDS[kindNumber];
  if (kind === undefined) return failure("inbox_item_invalid");
  const note = noteFromPayload(kind, payload);
  return note.ok ? success({ senderAccount, senderDevice, note: note.value, signature }) : note;
}
