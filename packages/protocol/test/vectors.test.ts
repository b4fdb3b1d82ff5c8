/**
 * The language-neutral vectors in `vectors/`, one file for each form, and one for the hashes and signed bytes. `UPDATE_VECTORS=1` writes them;
 * a change shows in the diff and belongs into the specification too.
 *
 * In the files bytes are lower-case hex, maps with other than text keys are lists of pairs.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bytesToHex, type ErrorCode, expectSuccess, hexToBytes } from "@sotto/protocol";
import { DERIVED } from "./derived.ts";
import { FORMS } from "./forms.ts";
import { REFUSED } from "./refused.ts";

const FOLDER = join(import.meta.dirname, "../../../vectors");
const isUpdate = process.env["UPDATE_VECTORS"] === "1";

type FormVectors = {
  readonly form: string;
  readonly spec: string;
  readonly valid: readonly { readonly name: string; readonly value: unknown; readonly bytes: string }[];
  readonly invalid: readonly { readonly name: string; readonly code: ErrorCode; readonly bytes: string }[];
};

/** Plain JSON: bytes as hex, maps as pairs. */
function toJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return bytesToHex(value);
  if (value instanceof Map) return [...value].map(([key, item]) => [toJson(key), toJson(item)]);
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, item === undefined ? null : toJson(item)]));
}

/** Writes the file when asked to, then reads it. */
function stored(name: string, make: () => unknown): unknown {
  const path = join(FOLDER, `${name}.json`);
  if (isUpdate) {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(path, `${JSON.stringify(make(), undefined, 2)}\n`);
  }
  expect(existsSync(path), `${name}.json is missing: run with UPDATE_VECTORS=1`).toBe(true);
  return JSON.parse(readFileSync(path, "utf8"));
}

describe.each(Object.entries(FORMS))("%s", (name, form) => {
  const refused = REFUSED[name] ?? [];
  const make = (): FormVectors => ({
    form: name,
    spec: form.spec,
    valid: form.samples.map(([title, value]) => ({ name: title, value: toJson(value), bytes: bytesToHex(form.encode(value)) })),
    invalid: refused.map(([title, code, bytes]) => ({ name: title, code, bytes: bytesToHex(bytes) })),
  });
  const vectors = stored(name, make) as FormVectors;

  test("has vectors that are up to date", () => {
    expect(vectors).toEqual(make());
    expect(vectors.invalid.length).toBeGreaterThan(0);
  });

  test.each(vectors.valid)("reads and writes $name", ({ value, bytes }) => {
    const decoded = expectSuccess(form.decode(hexToBytes(bytes) ?? new Uint8Array(0)));
    expect(toJson(decoded)).toEqual(value);
    expect(bytesToHex(form.encode(decoded))).toBe(bytes);
  });

  test.each(vectors.invalid)("refuses $name", ({ code, bytes }) => {
    expect(form.decode(hexToBytes(bytes) ?? new Uint8Array(0))).toMatchObject({ ok: false, code });
  });
});

test("hashes, signed bytes and text forms have vectors that are up to date", () => {
  const make = (): unknown =>
    DERIVED.map(({ name, spec, input, output }) => ({ name, spec, input: toJson(input), output: toJson(output) }));
  expect(stored("derived", make)).toEqual(make());
});
