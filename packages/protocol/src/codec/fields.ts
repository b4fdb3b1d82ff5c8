/** Schemas of the fields that many forms share. Each names its error code. */
import * as v from "valibot";
import { isWellFormedText, utf8Length } from "../utf8.ts";

export const bytesOf = (length: number): v.CustomSchema<Uint8Array, "form_length"> =>
  v.custom<Uint8Array, "form_length">((value) => value instanceof Uint8Array && value.length === length, "form_length");

/** Byte strings with a length from `min` to `max`. */
export const bytesWithin = (min: number, max: number): v.CustomSchema<Uint8Array, "form_length"> =>
  v.custom<Uint8Array, "form_length">((value) => value instanceof Uint8Array && value.length >= min && value.length <= max, "form_length");

/** Integers from 0 to `max`. */
export const uintUpTo = (max: number): v.CustomSchema<number, "form_number"> =>
  v.custom<number, "form_number">(
    (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= max,
    "form_number",
  );

export const uint = uintUpTo(Number.MAX_SAFE_INTEGER);
export const uint32 = uintUpTo(0xffff_ffff);
export const uint16 = uintUpTo(0xffff);

/** Milliseconds since 1970-01-01T00:00Z. */
export const timeMs = uintUpTo(Number.MAX_SAFE_INTEGER);

/** Text whose UTF-8 form has at most `bytesMax` bytes. */
export const textUpTo = (bytesMax: number, bytesMin = 0): v.CustomSchema<string, "form_text"> =>
  v.custom<string, "form_text">((value) => {
    if (typeof value !== "string" || value.length > bytesMax || value.startsWith("\uFEFF") || !isWellFormedText(value)) return false;
    const length = utf8Length(value);
    return length >= bytesMin && length <= bytesMax;
  }, "form_text");

/** The number of a form's version, which comes first so that a newer form is told from a broken one. */
export const versionOf = <N extends number>(version: N): v.CustomSchema<N, "version_unsupported"> =>
  v.custom<N, "version_unsupported">((value) => value === version, "version_unsupported");

/** A list with at most `max` items. */
export const listOf = <S extends v.GenericSchema>(
  item: S,
  max: number,
  min = 0,
): v.SchemaWithPipe<readonly [v.ArraySchema<S, undefined>, v.CheckAction<v.InferOutput<S>[], "form_length">]> =>
  v.pipe(
    v.array(item),
    v.check((items) => items.length >= min && items.length <= max, "form_length"),
  );

const isPlainObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array) && !(value instanceof Map);

/** A map without fields. For valibot's objects an empty list and empty bytes are one, too. */
export const noFields: v.CustomSchema<Readonly<Record<string, never>>, "form_invalid"> = v.custom<
  Readonly<Record<string, never>>,
  "form_invalid"
>((value) => isPlainObject(value) && Object.keys(value).length === 0, "form_invalid");
