/** The provider and the randomness that tests use; platform-neutral. */
import { chacha20 } from "@noble/ciphers/chacha.js";
import { sha256 } from "@noble/hashes/sha2.js";

import type { CryptoProvider, Random } from "../../src/crypto/provider.ts";
import { createWasmProvider } from "../../wasm/index.ts";

let provider: Promise<CryptoProvider> | undefined;

/** The node provider under Node (the wasm one if `MLS_PROVIDER` is "wasm"), the wasm provider in browsers. One instance per process. */
export function testProvider(): Promise<CryptoProvider> {
  return (provider ??= usesNode() ? loadNode() : createWasmProvider());
}

/** Every provider that exists here, for what must hold of each: both under Node, the wasm provider in browsers. */
export async function testProviders(): Promise<readonly CryptoProvider[]> {
  const wasm = await createWasmProvider();
  return __PLATFORM__ === "node" ? [await loadNode(), wasm] : [wasm];
}

function usesNode(): boolean {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return __PLATFORM__ === "node" && process?.env?.["MLS_PROVIDER"] !== "wasm";
}

async function loadNode(): Promise<CryptoProvider> {
  // In a variable and marked, so that no bundler follows it.
  const entry = "../../node/index.ts";
  const module = (await import(/* @vite-ignore */ entry)) as typeof import("../../node/index.ts");
  return module.createNodeProvider();
}

/** A stream of bytes that depends on `seed` alone: ChaCha20 under a hash of the seed. For tests and simulations only. */
export function testRandom(seed: string | number): Random {
  const key = sha256(new TextEncoder().encode(`mls test random ${seed}`));
  const nonce = new Uint8Array(12);
  const view = new DataView(nonce.buffer);
  let calls = 0;
  return (length) => {
    view.setUint32(8, calls++);
    return chacha20(key, nonce, new Uint8Array(length));
  };
}
