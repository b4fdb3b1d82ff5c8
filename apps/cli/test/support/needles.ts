/** Searching files for what must not be in them, in every form in which a program could have written it. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { bytesToBase32 } from "@sotto/protocol";

export type Needle = { readonly name: string; readonly bytes: Uint8Array };
type Haystack = { readonly name: string; readonly bytes: Buffer };

/** All files below a folder, with their names: those can tell something too. */
export function filesBelow(folder: string): Haystack[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .map((item) => {
      const path = join(item.parentPath, item.name);
      const name = relative(folder, path);
      return { name, bytes: Buffer.concat([Buffer.from(`${name}\n`), readFileSync(path)]) };
    });
}

export const text = (name: string, value: string): Needle => ({ name, bytes: Buffer.from(value) });

/** As in the middle of something longer: base64 begins at one of three places, and its ends depend on the neighbours. */
function base64Forms(bytes: Uint8Array, encoding: "base64" | "base64url"): string[] {
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString(encoding)
      .replaceAll("=", "");
    const first = Math.ceil((before * 8) / 6);
    const last = Math.floor(((before + bytes.length) * 8) / 6);
    return encoded.slice(first, last);
  });
}

/** Raw, hexadecimal, base64, base64url and base32, and text in UTF-16. */
function formsOf({ bytes }: Needle): Buffer[] {
  const raw = Buffer.from(bytes);
  const hex = raw.toString("hex");
  const texts = [hex, hex.toUpperCase(), ...base64Forms(bytes, "base64"), ...base64Forms(bytes, "base64url"), bytesToBase32(bytes)];
  return [raw, Buffer.from(raw.toString("utf8"), "utf16le"), ...texts.map((form) => Buffer.from(form))].filter(({ length }) => length >= 4);
}

/** `needle in file`, for each one found. */
export function found(haystacks: readonly Haystack[], needles: readonly Needle[]): string[] {
  return needles.flatMap((needle) => {
    const forms = formsOf(needle);
    return haystacks.filter(({ bytes }) => forms.some((form) => bytes.includes(form))).map(({ name }) => `${needle.name} in ${name}`);
  });
}

const WINDOW = 20;
/** A piece that overlaps something known by so many bytes is known: the rest is the frame around it. */
const KNOWN = 12;

/** All pieces of so many bytes, as keys of a set. */
function windowsOf(values: Iterable<Uint8Array>, size = WINDOW): Set<string> {
  const windows = new Set<string>();
  for (const value of values) {
    const all = Buffer.from(value).toString("latin1");
    for (let at = 0; at + size <= all.length; at++) windows.add(all.slice(at, at + size));
  }
  return windows;
}

/** The pieces that the files have in common with the values, in hexadecimal, apart from `known` ones. Those of few different bytes say nothing. */
export function common(haystacks: readonly Haystack[], values: Iterable<Uint8Array>, known: Iterable<Uint8Array> = []): string[] {
  const [windows, knownParts] = [windowsOf(values), windowsOf(known, KNOWN)];
  const isKnown = (window: string): boolean =>
    Array.from({ length: WINDOW - KNOWN + 1 }, (_, at) => window.slice(at, at + KNOWN)).some((part) => knownParts.has(part));
  const shared = new Map<string, string>();
  for (const { name, bytes } of haystacks) {
    const all = bytes.toString("latin1");
    for (let at = 0; at + WINDOW <= all.length; at++) {
      const window = all.slice(at, at + WINDOW);
      if (windows.has(window) && new Set(window).size > 4 && !isKnown(window)) shared.set(window, name);
    }
  }
  return [...shared].map(([window, name]) => `${name}: ${Buffer.from(window, "latin1").toString("hex")}`);
}
