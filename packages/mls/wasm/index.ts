/** The crypto provider for pages, workers and Node: libsodium's WASM, and noble for what libsodium lacks. */
import { createProvider } from "../src/crypto/hpke-suite.ts";
import type { CryptoProvider } from "../src/crypto/provider.ts";
import { sodiumPrimitives } from "../src/crypto/sodium-primitives.ts";
import { nobleAesGcm } from "./aes-gcm.ts";
import { loadSodium } from "./load-sodium.ts";
import { nobleEcdsaP256, nobleP256 } from "./p256.ts";

/** Compiles the WASM module (the page's policy must allow `wasm-unsafe-eval`); everything after that is synchronous. */
export async function createWasmProvider(): Promise<CryptoProvider> {
  return createProvider({
    name: "wasm",
    ...sodiumPrimitives(await loadSodium()),
    aes128Gcm: nobleAesGcm,
    aes256Gcm: nobleAesGcm,
    p256: nobleP256,
    ecdsaP256: nobleEcdsaP256,
  });
}

export { createVerifyPool } from "./verify-pool.ts";
export type { VerifyPoolOptions } from "./verify-pool.ts";
