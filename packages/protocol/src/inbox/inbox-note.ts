/**
 * What is sealed to a device's inbox key (spec/inbox.md §Notes), so that the server learns neither sender nor log: CBOR
 *
 *   [ version 1, sender account, sender device, kind, payload, signature ]
 *     kind 0 welcome    [ logId, first seq to read, MLS Welcome, tree, name, greeting ]   tree: ratchet tree, [ external attachment part ]
 *                                                                                          or null when the Welcome has it
 *          1 reanchor   [ old logId, new logId, epoch ]        the conversation goes on in another log, in the same group
 *          2 rejoin     [ logId, MLS group id ]                a device that lost its state asks a member to add it again
 *          3 contact    [ contact token, username, host ]      how to reach the sender without paying
 *
 * The signature is by the sender's device key over labelled("inbox item v1", CBOR [ recipient account, recipient device, version, sender
 * account, sender device, kind, payload ]), so that nobody can pass a note on to somebody else.
 */
import * as v from "valibot";
import { type CborValue, encodeCbor } from "../codec/cbor.ts";
import { bytesWithin, textUpTo, uint, versionOf } from "../codec/fields.ts";
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
  | { readonly kind: "rejoin"; readonly log: LogId; readonly groupId: Uint8Array }
  | { readonly kind: "contact"; readonly contactToken: Uint8Array; readonly username: string; readonly host: string };

export type SignedNote = {
  readonly senderAccount: AccountId;
  readonly senderDevice: DeviceId;
  readonly note: InboxNote;
  readonly signature: Uint8Array;
};

export type Recipient = { readonly account: AccountId; readonly device: DeviceId };

const KINDS = ["welcome", "reanchor", "rejoin", "contact"] as const satisfies readonly InboxNote["kind"][];
const NAME_BYTES_MAX = LIMITS.displayNameBytesMax;

const noteWire = v.strictTuple([
  versionOf(1),
  accountId,
  deviceId,
  v.picklist([0, 1, 2, 3]),
  v.array(v.unknown()),
  bytesWithin(1, LIMITS.signatureBytesMax),
]);
const treeWire = v.nullable(v.union([bytesWithin(1, LIMITS.inboxBodyBytesMax), v.strictTuple([v.array(v.unknown())])], "form_invalid"));
const welcomeWire = v.strictTuple([
  logId,
  uint,
  bytesWithin(1, LIMITS.inboxBodyBytesMax),
  treeWire,
  textUpTo(NAME_BYTES_MAX),
  textUpTo(LIMITS.descriptionBytesMax),
]);
const reanchorWire = v.strictTuple([logId, logId, uint]);
const rejoinWire = v.strictTuple([logId, bytesWithin(1, 255)]);
const contactWire = v.strictTuple([capabilityToken, textUpTo(LIMITS.usernameLengthMax), textUpTo(LIMITS.filenameBytesMax)]);

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
  const part = partFromWire(wire[0]);
  if (!part.ok) return part;
  const attachment = attachmentFromPart(part.value);
  return attachment.ok ? success({ kind: "blob", attachment: attachment.value }) : attachment;
}

function payloadOf(note: InboxNote): CborValue[] {
  switch (note.kind) {
    case "welcome":
      return [note.log, note.firstSeq, note.welcome, treeToWire(note.tree), note.senderName, note.greeting];
    case "reanchor":
      return [note.oldLog, note.newLog, note.epoch];
    case "rejoin":
      return [note.log, note.groupId];
    case "contact":
      return [note.contactToken, note.username, note.host];
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
      return mapped(rejoinWire, payload, ([log, groupId]) => success({ kind, log, groupId }));
    case "contact":
      return mapped(contactWire, payload, ([contactToken, username, host]) => success({ kind, contactToken, username, host }));
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
