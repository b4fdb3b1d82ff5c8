/**
 * The crypto provider for Node: per function the fastest of node:crypto, libsodium's WASM and noble, as measured on Node 24.
 *
 * The runtime's own X25519 and ML-KEM-768 are not among them: importing a key into a key object costs more than libsodium's whole
 * operation, and the runtime's encapsulation takes no randomness from the caller (RFC 9420 §5.1 goes through `random` here).
 */
import { randomBytes } from "node:crypto";

import load from "libsodium-sumo";

import { createProvider } from "../src/crypto/hpke-suite.ts";
import type { CryptoProvider } from "../src/crypto/provider.ts";
import { sodiumPrimitives } from "../src/crypto/sodium-primitives.ts";
import { nodeAesGcm } from "./aes-gcm.ts";
import { nodeEd25519 } from "./ed25519.ts";
import { nodeHash } from "./hashes.ts";
import { nodeEcdsaP256, nodeP256 } from "./p256.ts";

/** Compiles libsodium's WASM module; everything after that is synchronous. */
export async function createNodeProvider(): Promise<CryptoProvider> {
  const sodium = sodiumPrimitives(await load({ getRandomValue: () => randomBytes(4).readUInt32LE() }));
  return createProvider({
    name: "node",
    ...sodium,
    sha256: nodeHash("sha256", sodium.sha256),
    sha512: nodeHash("sha512", sodium.sha512),
    aes128Gcm: nodeAesGcm("aes-128-gcm"),
    aes256Gcm: nodeAesGcm("aes-256-gcm"),
    ed25519: nodeEd25519(sodium.ed25519),
    p256: nodeP256,
    ecdsaP256: nodeEcdsaP256,
  });
}

export { createVerifyPool } from "./verify-pool.ts";
export type { VerifyPoolOptions } from "./verify-pool.ts";
