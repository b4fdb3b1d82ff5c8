/**
 * Deterministic CBOR (RFC 8949 §4.2.1), strict both ways: every value has exactly one encoding and a decoder takes no other. The rules are in
 * cbor-scan.ts; cborg builds the values once the bytes have passed.
 *
 * Maps with text keys decode to plain objects, which suits most forms. `decodeCborMaps` gives a Map for every map, for the one form with
 * integer keys (MIMI extensions).
 */
import { decode, encode, rfc8949EncodeOptions } from "cborg";
import { LIMITS } from "../limits.ts";
import { failure, type Outcome, ProtocolError, success } from "../outcome.ts";
import { isWellFormedText } from "../utf8.ts";
import { type CborLimits, scanCbor } from "./cbor-scan.ts";

export type CborKey = string | number;
export type CborValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly CborValue[]
  | ReadonlyMap<CborKey, CborValue>
  | { readonly [key: string]: CborValue };

const STRICT = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: false,
  rejectDuplicateMapKeys: true,
} as const;

export function cborLimits(bytesMax: number): CborLimits {
  return { bytesMax, depthMax: LIMITS.depthMax, itemsMax: LIMITS.itemsMax };
}

/** Decodes one value. A map with a key that is not a text is `cbor_unsupported`. */
export function decodeCbor(bytes: Uint8Array, limits: CborLimits): Outcome<unknown> {
  return decodeWith(bytes, limits, false);
}

/** Decodes one value with a Map for every map. */
export function decodeCborMaps(bytes: Uint8Array, limits: CborLimits): Outcome<unknown> {
  return decodeWith(bytes, limits, true);
}

function decodeWith(bytes: Uint8Array, limits: CborLimits, useMaps: boolean): Outcome<unknown> {
  const problem = scanCbor(bytes, limits);
  if (problem !== undefined) return failure(problem);
  try {
    const value: unknown = decode(bytes, { ...STRICT, useMaps });
    return success(value);
  } catch {
    // Only what the scan lets pass and cborg does not: integer keys where an object is to be built.
    return failure("cbor_unsupported");
  }
}

/** The canonical encoding. Throws {@link ProtocolError} for what has none: undefined, floats, unsafe integers, lone surrogates, too deep. */
export function encodeCbor(value: CborValue): Uint8Array {
  checkEncodable(value, 1);
  const bytes = encode(value, rfc8949EncodeOptions);
  // On Node.js cborg may answer with a Buffer out of a shared pool: callers get bytes of their own, of the same class everywhere.
  return bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes);
}

function checkEncodable(value: unknown, depth: number): void {
  if (value === null || typeof value === "boolean" || value instanceof Uint8Array) return;
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw new ProtocolError("form_number");
  } else if (typeof value === "string") {
    if (value.startsWith("\uFEFF") || !isWellFormedText(value)) throw new ProtocolError("form_text");
  } else if (typeof value === "object") {
    checkChildren(value, depth);
  } else {
    throw new ProtocolError("cbor_unsupported");
  }
}

function checkChildren(value: object, depth: number): void {
  if (depth > LIMITS.depthMax) throw new ProtocolError("cbor_too_deep");
  if (Array.isArray(value)) {
    for (const item of value) checkEncodable(item, depth + 1);
  } else if (value instanceof Map) {
    for (const [key, item] of value) {
      checkEncodable(key, depth + 1);
      checkEncodable(item, depth + 1);
    }
  } else {
    for (const [key, item] of Object.entries(value)) {
      checkEncodable(key, depth + 1);
      checkEncodable(item, depth + 1);
    }
  }
}
