/**
 * Vectors of what core defines, in `vectors/core.json`: what a form is made from, its bytes, and changed bytes that are refused with a code.
 * `UPDATE_VECTORS=1` writes the file; a change shows in the diff and belongs into the specification too.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bytesToHex, hexToBytes } from "@sotto/protocol";
import { CASES, type VectorCase } from "./support/vector-cases.ts";

const PATH = join(import.meta.dirname, "../../../vectors/core.json");

/** Plain JSON: bytes as hex, maps as pairs, big numbers as text. */
function toJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return bytesToHex(value);
  if (value instanceof Map) return [...value].map(([key, item]) => [toJson(key), toJson(item)]);
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value ?? null;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)]));
}

type Invalid = { readonly bytes: string; readonly code: string };

/** Cut, lengthened, of another version, and with a changed byte near the end. */
function refusedBy({ output, read }: VectorCase): Invalid[] {
  if (read === undefined || !(output instanceof Uint8Array)) return [];
  const at = output.length - 5;
  const variants = [
    output.subarray(0, output.length - 1),
    Uint8Array.of(...output, 0),
    output.map((byte, i) => (i === 1 ? byte + 1 : byte)),
    output.map((byte, i) => (i === at ? byte ^ 1 : byte)),
  ];
  return variants.flatMap((bytes) => {
    const outcome = read(bytes);
    return outcome.ok ? [] : [{ bytes: bytesToHex(bytes), code: outcome.code }];
  });
}

const made = CASES.map((vector) => ({
  name: vector.name,
  spec: vector.spec,
  input: toJson(vector.input),
  output: toJson(vector.output),
  invalid: refusedBy(vector),
}));

if (process.env["UPDATE_VECTORS"] === "1") writeFileSync(PATH, `${JSON.stringify(made, undefined, 2)}\n`);
const stored = existsSync(PATH) ? (JSON.parse(readFileSync(PATH, "utf8")) as typeof made) : [];

const readerOf = (name: string): VectorCase | undefined => CASES.find((vector) => vector.name === name && vector.read !== undefined);

test("every case has a vector", () => {
  expect(stored.map(({ name }) => name)).toEqual(CASES.map(({ name }) => name));
});

describe.each(made)("$name", (vector) => {
  test("is made as the vector says", () => {
    expect(stored.find(({ name }) => name === vector.name)).toEqual(vector);
  });
});

describe.each(made.filter(({ name }) => readerOf(name) !== undefined))("$name", ({ name, output, invalid }) => {
  const bytes = hexToBytes(typeof output === "string" ? output : "") ?? new Uint8Array(0);

  test("is read", () => {
    expect(readerOf(name)?.read?.(bytes).ok).toBe(true);
  });

  test("is refused with a code when it was changed", () => {
    const allowed = readerOf(name)?.refused ?? invalid.map(({ code }) => code);
    expect(invalid.length).toBeGreaterThanOrEqual(3);
    expect(invalid.filter(({ code }) => !allowed.includes(code))).toEqual([]);
  });
});
