/** Reads the official MLS test vectors from where they are; they are not part of this repository. */
import type { CipherSuite, CryptoProvider } from "../../src/crypto/provider.ts";

export const hasVectors: boolean = __VECTORS__ !== "";
export const whyNoVectors = "the official MLS test vectors are not there (set MLS_TEST_VECTORS to their folder)";

/** The parsed content of one vector file. Its shape is checked by use. */
export async function readVectors<T>(name: string): Promise<T[]> {
  const path = `${__VECTORS__}/${name}.json`;
  if (__PLATFORM__ === "browser") return (await (await fetch(`/@fs${path}`)).json()) as T[];
  const fs = "node:fs/promises";
  const { readFile } = (await import(/* @vite-ignore */ fs)) as typeof import("node:fs/promises");
  return JSON.parse(await readFile(path, "utf8")) as T[];
}

export function hex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

export function toHex(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? "undefined" : Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Pairs each vector of a supported suite with its suite, and counts the rest. */
export function supported<T extends { readonly cipher_suite: number }>(
  vectors: readonly T[],
  provider: CryptoProvider,
): { readonly cases: readonly { readonly vector: T; readonly suite: CipherSuite }[]; readonly left: number } {
  const cases = vectors.flatMap((vector) => {
    const suite = provider.suite(vector.cipher_suite);
    return suite === undefined ? [] : [{ vector, suite }];
  });
  return { cases, left: vectors.length - cases.length };
}
