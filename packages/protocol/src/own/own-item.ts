/**
 * What the devices of one person tell each other in their self group (spec/own-devices.md §Items): a MIMI single part of this media type, CBOR
 *
 *   [ version 1, for, [ item, … ] ]       item = [ kind, … ]      for: empty, or the id of the one device that these items are for
 *     kind 0 contact        accountId, username, name, whether the username was checked, contact token or null
 *          1 conversation   MLS group id, status        0 active, 1 request, 2 blocked
 *          2 read           MLS group id, logId, seq    everything up to this entry of this log was looked at
 *          3 setting        key, subject, value         subject: empty, or the id that it is about: of a conversation, the MLS group id
 *          4 account        username, contact token
 *          5 masterKey      generation, key      after a rotation; older ones are kept
 *
 * An item of a kind that is not known here is skipped, since another device of the same person may run a newer program. Secrets stand in the
 * clear here: the self group encrypts them.
 */
import * as v from "valibot";
import { type CborValue, encodeCbor } from "../codec/cbor.ts";
import { bytesOf, bytesWithin, listOf, textUpTo, uint, versionOf } from "../codec/fields.ts";
import { checkForm, decodeForm, type Schema, type FormOf } from "../codec/form.ts";
import { accountId, type AccountId, deviceId, type DeviceId, logId, type LogId, toId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { expectSuccess, failure, type Outcome, success } from "../outcome.ts";

export const OWN_ITEMS_TYPE = "application/vnd.sotto.own-items";

export type OwnSettingValue = null | boolean | number | string | Uint8Array;
const STATUSES = ["active", "request", "blocked"] as const;

export type OwnItem =
  | {
      readonly kind: "contact";
      readonly account: AccountId;
      readonly username: string;
      readonly name: string;
      readonly isChecked: boolean;
      readonly contactToken: Uint8Array | null;
    }
  | { readonly kind: "conversation"; readonly group: Uint8Array; readonly status: (typeof STATUSES)[number] }
  | { readonly kind: "read"; readonly group: Uint8Array; readonly log: LogId; readonly seq: number }
  | { readonly kind: "setting"; readonly key: string; readonly subject: Uint8Array; readonly value: OwnSettingValue }
  | { readonly kind: "account"; readonly username: string; readonly contactToken: Uint8Array }
  | { readonly kind: "masterKey"; readonly generation: number; readonly key: Uint8Array };

const KINDS = ["contact", "conversation", "read", "setting", "account", "masterKey"] as const satisfies readonly OwnItem["kind"][];

const groupId = bytesOf(16);
const username = textUpTo(LIMITS.usernameLengthMax);
const forWire = v.union([bytesOf(0), deviceId], "id_invalid");
const listWire = v.strictTuple([versionOf(1), forWire, listOf(v.looseTuple([uint]), LIMITS.ownItemsMax)]);
const contactWire = v.strictTuple([
  v.literal(0),
  accountId,
  username,
  textUpTo(LIMITS.displayNameBytesMax),
  v.boolean(),
  v.nullable(bytesOf(32)),
]);
const conversationWire = v.strictTuple([v.literal(1), groupId, v.picklist([0, 1, 2])]);
const readWire = v.strictTuple([v.literal(2), groupId, logId, uint]);
const settingWire = v.strictTuple([
  v.literal(3),
  textUpTo(LIMITS.ownSettingKeyBytesMax, 1),
  bytesWithin(0, 32),
  v.union([v.null(), v.boolean(), uint, textUpTo(LIMITS.ownSettingBytesMax), bytesWithin(0, LIMITS.ownSettingBytesMax)], "form_invalid"),
]);
const accountWire = v.strictTuple([v.literal(4), username, bytesOf(32)]);
const masterKeyWire = v.strictTuple([v.literal(5), uint, bytesOf(32)]);

function itemToWire(item: OwnItem): CborValue[] {
  const kind = KINDS.indexOf(item.kind);
  switch (item.kind) {
    case "contact":
      return [kind, item.account, item.username, item.name, item.isChecked, item.contactToken];
    case "conversation":
      return [kind, item.group, STATUSES.indexOf(item.status)];
    case "read":
      return [kind, item.group, item.log, item.seq];
    case "setting":
      return [kind, item.key, item.subject, item.value];
    case "account":
      return [kind, item.username, item.contactToken];
    case "masterKey":
      return [kind, item.generation, item.key];
  }
}

function mapped<S extends Schema>(schema: S, wire: readonly unknown[], to: (form: FormOf<S>) => OwnItem): Outcome<OwnItem> {
  const form = checkForm(schema, wire);
  return form.ok ? success(to(form.value)) : form;
}

function itemFromWire(kind: OwnItem["kind"], wire: readonly unknown[]): Outcome<OwnItem> {
  switch (kind) {
    case "contact":
      return mapped(contactWire, wire, ([, account, name, shown, isChecked, contactToken]) => {
        return { kind, account, username: name, name: shown, isChecked, contactToken };
      });
    case "conversation":
      return mapped(conversationWire, wire, ([, group, status]) => ({ kind, group, status: STATUSES[status] }));
    case "read":
      return mapped(readWire, wire, ([, group, log, seq]) => ({ kind, group, log, seq }));
    case "setting":
      return mapped(settingWire, wire, ([, key, subject, value]) => ({ kind, key, subject, value }));
    case "account":
      return mapped(accountWire, wire, ([, name, contactToken]) => ({ kind, username: name, contactToken }));
    case "masterKey":
      return mapped(masterKeyWire, wire, ([, generation, key]) => ({ kind, generation, key }));
  }
}

/** Items, for all devices or for one that came to the account and hears what the others know. */
export type OwnItems = { readonly for: DeviceId | undefined; readonly items: readonly OwnItem[] };

/** Throws for more items than `LIMITS.ownItemsMax` or more bytes than fit into a message. */
export function encodeOwnItems({ for: device, items }: OwnItems): Uint8Array {
  const bytes = encodeCbor([1, device ?? new Uint8Array(0), items.map(itemToWire)]);
  expectSuccess(decodeOwnItems(bytes));
  return bytes;
}

/** The items of known kinds. One that breaks its form spoils all: only own devices write here. */
export function decodeOwnItems(bytes: Uint8Array): Outcome<OwnItems> {
  const form = decodeForm(listWire, bytes, LIMITS.contentBytesMax);
  if (!form.ok) return form;
  const items: OwnItem[] = [];
  const [, device, wires] = form.value;
  for (const wire of wires) {
    const kind = KINDS[wire[0]];
    if (kind === undefined) continue;
    const item = itemFromWire(kind, wire);
    if (!item.ok) return failure(item.code);
    items.push(item.value);
  }
  return success({ for: device.length === 0 ? undefined : toId(deviceId, device), items });
}
