/**
 * Body parts of MIMI content (draft-ietf-mimi-content-08 §4.4, §4.5): CBOR arrays.
 *
 *   [ disposition, language, 0 ]                                            null part: nothing, a deletion
 *   [ disposition, language, 1, contentType, content ]                      single part
 *   [ disposition, language, 2, contentType, url, expires, size, encAlg,
 *     key, nonce, aad, hashAlg, contentHash, description, filename ]        external part
 *   [ disposition, language, 3, semantics, [ part, part, … ] ]              multipart: 0 choose one, 1 single unit, 2 process all
 *
 * Nested at most 4 deep, at most 64 parts in one message.
 */
import * as v from "valibot";
import type { CborValue } from "../codec/cbor.ts";
import { bytesWithin, textUpTo, uint, uint16, uint32, uintUpTo } from "../codec/fields.ts";
import { checkForm } from "../codec/form.ts";
import { LIMITS } from "../limits.ts";
import { failure, type Outcome, success } from "../outcome.ts";

export const DISPOSITION = {
  unspecified: 0,
  render: 1,
  reaction: 2,
  profile: 3,
  inline: 4,
  icon: 5,
  attachment: 6,
  session: 7,
  preview: 8,
} as const;

export type NullPart = { readonly kind: "null"; readonly disposition: number; readonly language: string };

export type SinglePart = {
  readonly kind: "single";
  readonly disposition: number;
  readonly language: string;
  readonly contentType: string;
  readonly content: Uint8Array;
};

export type ExternalPart = {
  readonly kind: "external";
  readonly disposition: number;
  readonly language: string;
  readonly contentType: string;
  readonly url: string;
  /** Seconds since 1970; 0 for never. */
  readonly expires: number;
  readonly size: number;
  readonly encAlg: number;
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly aad: Uint8Array;
  readonly hashAlg: number;
  readonly contentHash: Uint8Array;
  readonly description: string;
  readonly filename: string;
};

export type PartSemantics = "chooseOne" | "singleUnit" | "processAll";

export type MultiPart = {
  readonly kind: "multi";
  readonly disposition: number;
  readonly language: string;
  readonly semantics: PartSemantics;
  readonly parts: readonly NestedPart[];
};

export type NestedPart = NullPart | SinglePart | ExternalPart | MultiPart;

const SEMANTICS: readonly PartSemantics[] = ["chooseOne", "singleUnit", "processAll"];

const disposition = uintUpTo(255);
const language = textUpTo(64);
const contentType = textUpTo(LIMITS.contentTypeBytesMax);
const shortBytes = bytesWithin(0, 64);

const nullWire = v.strictTuple([disposition, language, v.literal(0)]);
const singleWire = v.strictTuple([disposition, language, v.literal(1), contentType, bytesWithin(0, LIMITS.contentBytesMax)]);
const externalWire = v.strictTuple([
  disposition,
  language,
  v.literal(2),
  contentType,
  textUpTo(LIMITS.urlBytesMax),
  uint32,
  uint,
  uint16,
  shortBytes,
  shortBytes,
  shortBytes,
  uintUpTo(255),
  shortBytes,
  textUpTo(LIMITS.descriptionBytesMax),
  textUpTo(LIMITS.filenameBytesMax),
]);
const multiWire = v.strictTuple([disposition, language, v.literal(3), v.picklist([0, 1, 2]), v.array(v.unknown())]);

export function partToWire(part: NestedPart): CborValue[] {
  const head = [part.disposition, part.language];
  switch (part.kind) {
    case "null":
      return [...head, 0];
    case "single":
      return [...head, 1, part.contentType, part.content];
    case "external": {
      const { url, expires, size, encAlg, key, nonce, aad, hashAlg, contentHash, description, filename } = part;
      return [...head, 2, part.contentType, url, expires, size, encAlg, key, nonce, aad, hashAlg, contentHash, description, filename];
    }
    case "multi":
      return [...head, 3, SEMANTICS.indexOf(part.semantics), part.parts.map(partToWire)];
  }
}

export function partFromWire(wire: unknown): Outcome<NestedPart> {
  const budget = { parts: LIMITS.partsPerMessageMax };
  return read(wire, 1, budget);
}

function read(wire: unknown, depth: number, budget: { parts: number }): Outcome<NestedPart> {
  budget.parts -= 1;
  if (budget.parts < 0) return failure("cbor_too_many");
  if (depth > LIMITS.partsDepthMax) return failure("cbor_too_deep");
  if (!Array.isArray(wire)) return failure("form_invalid");
  const cardinality: unknown = wire[2];
  switch (cardinality) {
    case 0: {
      const form = checkForm(nullWire, wire);
      return form.ok ? success({ kind: "null", disposition: form.value[0], language: form.value[1] }) : form;
    }
    case 1: {
      const form = checkForm(singleWire, wire);
      if (!form.ok) return form;
      const [of, tongue, , type, content] = form.value;
      return success({ kind: "single", disposition: of, language: tongue, contentType: type, content });
    }
    case 2:
      return readExternal(wire);
    case 3:
      return readMulti(wire, depth, budget);
    default:
      return failure("form_invalid");
  }
}

function readExternal(wire: readonly unknown[]): Outcome<NestedPart> {
  const form = checkForm(externalWire, wire);
  if (!form.ok) return form;
  const [of, tongue, , type, url, expires, size, encAlg, key, nonce, aad, hashAlg, contentHash, description, filename] = form.value;
  const file = { url, expires, size, encAlg, key, nonce, aad, hashAlg, contentHash, description, filename };
  return success({ kind: "external", disposition: of, language: tongue, contentType: type, ...file });
}

function readMulti(wire: readonly unknown[], depth: number, budget: { parts: number }): Outcome<NestedPart> {
  const form = checkForm(multiWire, wire);
  if (!form.ok) return form;
  const [of, tongue, , semanticsNumber, items] = form.value;
  if (items.length < 2) return failure("form_length");
  const parts: NestedPart[] = [];
  for (const item of items) {
    const part = read(item, depth + 1, budget);
    if (!part.ok) return part;
    parts.push(part.value);
  }
  const semantics = SEMANTICS[semanticsNumber] ?? "processAll";
  return success({ kind: "multi", disposition: of, language: tongue, semantics, parts });
}
