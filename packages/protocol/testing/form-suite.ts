/**
 * What every stored or sent form has to pass: vectors that are up to date, and hostile input. A decoder answers with an outcome and never throws, refuses
 * with a code that exists, and accepts nothing but the one encoding of a value.
 *
 * The vectors of a form are `NAME.json` in a folder of `vectors/`; `UPDATE_VECTORS=1` writes them. In the files bytes are lower-case hex, and maps with other
 * than text keys are lists of pairs.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { env } from "node:process";
import { bytesToHex, equalBytes, type ErrorCode, hexToBytes, isErrorCode } from "@sotto/protocol";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { changedFrom, HOSTILE, longerHeads } from "./hostile-bytes.ts";

type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly code: string };

export type Form<T = unknown> = {
  readonly spec: string;
  readonly samples: readonly (readonly [name: string, value: T])[];
  readonly encode: (value: T) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => Read<T>;
  /** Reading keeps less than was written, because others may write more than we use: then only what is kept must stay the same. */
  readonly keepsMeaningOnly?: true;
};

/** Bytes that the decoder must refuse, with the code. */
export type Refused = readonly [name: string, code: ErrorCode, bytes: Uint8Array];

/** A form of any type in a table of forms. */
export const form = <T>(row: Form<T>): Form => ({
  ...row,
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the suite gives only what `samples` or `decode` gave
  encode: (value) => row.encode(value as T),
});

/** Plain JSON: bytes as hex, maps as pairs. */
export function toJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return bytesToHex(value);
  if (value instanceof Map) return [...value].map(([key, item]) => [toJson(key), toJson(item)]);
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, item === undefined ? null : toJson(item)]));
}

/** The content of a file of vectors, written first when asked to. */
export function storedVectors(folder: string, name: string, make: () => unknown): unknown {
  const path = join(folder, `${name}.json`);
  if (env["UPDATE_VECTORS"] === "1") {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, `${JSON.stringify(make(), undefined, 2)}\n`);
  }
  expect(existsSync(path), `${name}.json is missing: run with UPDATE_VECTORS=1`).toBe(true);
  return JSON.parse(readFileSync(path, "utf8"));
}

/** What is wrong with a decoder's answer to these bytes; nothing, if it refused them with a code or took them as the one encoding. */
export function faultOf({ decode, encode, keepsMeaningOnly }: Form, bytes: Uint8Array): string | undefined {
  const outcome = decode(bytes);
  if (!outcome.ok) return isErrorCode(outcome.code) ? undefined : "a code that does not exist";
  const again = encode(outcome.value);
  if (keepsMeaningOnly !== true) return equalBytes(again, bytes) ? undefined : "a second encoding of one value";
  const second = decode(again);
  return second.ok && equalBytes(encode(second.value), again) ? undefined : "another meaning after a round trip";
}

type Vectors = {
  readonly form: string;
  readonly spec: string;
  readonly valid: readonly { readonly name: string; readonly value: unknown; readonly bytes: string }[];
  readonly invalid: readonly { readonly name: string; readonly code: ErrorCode; readonly bytes: string }[];
};

/** What is only too large says nothing in a file that its name does not. */
const isSmall = ([, , bytes]: Refused): boolean => bytes.length <= 16 * 1024;

const bytesOf = (hex: string): Uint8Array => hexToBytes(hex) ?? new Uint8Array(0);

function testVectors(
  name: string,
  row: Form,
  { refused, folder }: { readonly refused: readonly Refused[]; readonly folder: string },
): void {
  const make = (): Vectors => ({
    form: name,
    spec: row.spec,
    valid: row.samples.map(([title, value]) => ({ name: title, value: toJson(value), bytes: bytesToHex(row.encode(value)) })),
    invalid: refused.filter(isSmall).map(([title, code, bytes]) => ({ name: title, code, bytes: bytesToHex(bytes) })),
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- compared with what is made below
  const vectors = storedVectors(folder, name, make) as Vectors;

  test("has vectors that are up to date", () => {
    expect(vectors).toEqual(make());
    expect(vectors.invalid.length).toBeGreaterThan(0);
  });

  test.each(vectors.valid)("reads and writes $name", ({ value, bytes }) => {
    const decoded = row.decode(bytesOf(bytes));
    expect(decoded.ok ? toJson(decoded.value) : decoded.code).toEqual(value);
    expect(decoded.ok && bytesToHex(row.encode(decoded.value))).toBe(bytes);
  });

  test.each(vectors.invalid)("refuses $name", ({ code, bytes }) => {
    expect(row.decode(bytesOf(bytes))).toMatchObject({ ok: false, code });
  });

  test.each(refused.filter((one) => !isSmall(one)))("refuses %s", (_title, code, bytes) => {
    expect(row.decode(bytes)).toMatchObject({ ok: false, code });
  });
}

function testHostile(row: Form): void {
  const encodings = row.samples.map(([, value]) => row.encode(value));
  const faults = (inputs: readonly Uint8Array[]): string[] =>
    inputs.map((bytes) => faultOf(row, bytes)).filter((fault) => fault !== undefined);

  test("reads what it wrote", () => {
    for (const [, value] of row.samples) expect(row.decode(row.encode(value))).toEqual({ ok: true, value });
  });

  test("takes random bytes", () => {
    const property = fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => faultOf(row, bytes) === undefined);
    expect(fc.check(property, { numRuns: 300 })).toMatchObject({ failed: false });
  });

  test("takes changed encodings, and accepts none but the canonical one", () => {
    const property = fc.property(fc.constantFrom(...encodings).chain(changedFrom), (bytes) => faultOf(row, bytes) === undefined);
    expect(fc.check(property, { numRuns: 1_500 })).toMatchObject({ failed: false });
  });

  test("takes every beginning of an encoding", () => {
    const beginnings = encodings.flatMap((bytes) => Array.from({ length: Math.min(bytes.length, 400) }, (_, end) => bytes.slice(0, end)));
    expect(faults(beginnings)).toEqual([]);
  });

  test("refuses what says the same with longer heads", () => {
    const longer = encodings.flatMap(longerHeads);
    expect(longer.filter((bytes) => row.decode(bytes).ok).map(bytesToHex)).toEqual([]);
  });

  test.each(Object.entries(HOSTILE))("refuses %s", (_name, bytes) => {
    expect(row.decode(bytes).ok).toBe(false);
    expect(faults([bytes])).toEqual([]);
  });
}

/** Vectors in `folder`, one file for each form, and hostile input. A form without an entry in `refused` fails. */
export function testForms(
  forms: Readonly<Record<string, Form>>,
  refused: Readonly<Record<string, readonly Refused[]>>,
  folder: string,
): void {
  describe.each(Object.entries(forms))("%s", (name, row) => {
    testVectors(name, row, { refused: refused[name] ?? [], folder });
    testHostile(row);
  });
}
