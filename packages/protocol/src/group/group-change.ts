/**
 * A change of group state, as sent in a message (spec/groups.md §Changes): a CBOR array [ version 1, kind, revision, … ].
 *
 *   0 name … text            1 description … text       2 picture … bytes          3 role … accountId, role
 *   4 policy … [ 4 roles ]   5 timer … seconds          6 links … allowed
 *
 * `revision` is that of the state it applies to. Of two changes to one revision the first in the log counts; the other is ignored.
 */
import * as v from "valibot";
import { type CborValue, encodeCbor } from "../codec/cbor.ts";
import { uint, uint32, versionOf } from "../codec/fields.ts";
import { checkForm, decodeForm, type FormOf, type Schema } from "../codec/form.ts";
import { accountId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { expectSuccess, failure, type Outcome, success } from "../outcome.ts";
import {
  type GroupChange,
  groupDescription,
  groupName,
  groupPicture,
  policyFromWire,
  policyToWire,
  policyWire,
  roleNumber,
  ROLES,
} from "./group-state.ts";

export const GROUP_CHANGE_TYPE = "application/vnd.sotto.group+cbor";

const KINDS = ["name", "description", "picture", "role", "policy", "timer", "links"] as const satisfies readonly GroupChange["kind"][];

const head = v.tupleWithRest([versionOf(1), v.picklist([0, 1, 2, 3, 4, 5, 6]), uint], v.unknown());
const roleWire = v.strictTuple([accountId, roleNumber]);
const one = <S extends Schema>(schema: S): v.StrictTupleSchema<[S], undefined> => v.strictTuple([schema]);

function argumentsOf(change: GroupChange): CborValue[] {
  switch (change.kind) {
    case "name":
      return [change.name];
    case "description":
      return [change.description];
    case "picture":
      return [change.picture];
    case "role":
      return [change.account, ROLES.indexOf(change.role)];
    case "policy":
      return [policyToWire(change.policy)];
    case "timer":
      return [change.timerSeconds];
    case "links":
      return [change.linksAllowed];
  }
}

export function encodeGroupChange(change: GroupChange): Uint8Array {
  const bytes = encodeCbor([1, KINDS.indexOf(change.kind), change.revision, ...argumentsOf(change)]);
  expectSuccess(decodeGroupChange(bytes));
  return bytes;
}

function mapped<S extends Schema, T>(schema: S, rest: readonly unknown[], to: (form: FormOf<S>) => T): Outcome<T> {
  const form = checkForm(schema, rest);
  return form.ok ? success(to(form.value)) : form;
}

export function decodeGroupChange(bytes: Uint8Array): Outcome<GroupChange> {
  const form = decodeForm(head, bytes, LIMITS.contentBytesMax);
  if (!form.ok) return form;
  const [, kindNumber, revision, ...rest] = form.value;
  const kind = KINDS[kindNumber];
  switch (kind) {
    case "name":
      return mapped(one(groupName), rest, ([name]) => ({ kind, revision, name }));
    case "description":
      return mapped(one(groupDescription), rest, ([description]) => ({ kind, revision, description }));
    case "picture":
      return mapped(one(groupPicture), rest, ([picture]) => ({ kind, revision, picture }));
    case "role":
      return mapped(roleWire, rest, ([account, role]) => ({ kind, revision, account, role: ROLES[role] }));
    case "policy":
      return mapped(one(policyWire), rest, ([policy]) => ({ kind, revision, policy: policyFromWire(policy) }));
    case "timer":
      return mapped(one(uint32), rest, ([timerSeconds]) => ({ kind, revision, timerSeconds }));
    case "links":
      return mapped(one(v.boolean()), rest, ([linksAllowed]) => ({ kind, revision, linksAllowed }));
    default:
      return failure("form_invalid");
  }
}
