/**
 * A form is a CBOR value with a schema (valibot). Decoding checks bytes, then schema; encoding checks the schema, then writes. Schemas do not
 * transform: what is encoded is what is decoded. A schema names the error code of a field as its message; without one it is `form_invalid`.
 */
import * as v from "valibot";
import { isErrorCode } from "../error-codes.ts";
import { failure, type Failure, type Outcome, ProtocolError, success } from "../outcome.ts";
import { cborLimits, type CborValue, decodeCbor, decodeCborMaps, encodeCbor } from "./cbor.ts";
import type { CborLimits } from "./cbor-scan.ts";

export type Schema = v.GenericSchema;
export type FormOf<S extends Schema> = v.InferOutput<S>;

/** The value as the schema's type, or the code of the first field that does not fit. */
export function checkForm<S extends Schema>(schema: S, value: unknown): Outcome<FormOf<S>> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  return result.success ? success(result.output) : failureOf(result.issues[0].message);
}

function failureOf(message: string): Failure {
  return failure(isErrorCode(message) ? message : "form_invalid");
}

export function decodeForm<S extends Schema>(schema: S, bytes: Uint8Array, limits: number | CborLimits): Outcome<FormOf<S>> {
  const decoded = decodeCbor(bytes, typeof limits === "number" ? cborLimits(limits) : limits);
  return decoded.ok ? checkForm(schema, decoded.value) : decoded;
}

/** As {@link decodeForm}, with a Map for every map. */
export function decodeFormWithMaps<S extends Schema>(schema: S, bytes: Uint8Array, limits: number | CborLimits): Outcome<FormOf<S>> {
  const decoded = decodeCborMaps(bytes, typeof limits === "number" ? cborLimits(limits) : limits);
  return decoded.ok ? checkForm(schema, decoded.value) : decoded;
}

/** The bytes of a value that the program made. Throws {@link ProtocolError} if it breaks the schema. */
export function encodeForm<S extends Schema>(schema: S, value: FormOf<S> & CborValue): Uint8Array {
  const checked = checkForm(schema, value);
  if (!checked.ok) throw new ProtocolError(checked.code);
  return encodeCbor(value);
}
