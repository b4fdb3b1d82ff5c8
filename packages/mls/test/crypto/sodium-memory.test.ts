/** What is left of secrets in libsodium's memory, which this package can overwrite. */
import { describe, expect, it } from "vitest";

import { sodiumPrimitives } from "../../src/crypto/sodium-primitives.ts";
import { SodiumMemory } from "../../src/crypto/sodium-memory.ts";
import { loadSodium } from "../../wasm/load-sodium.ts";
import { testRandom } from "../support/provider.ts";

/** Whether `secret` stands anywhere in `memory`. */
function contains(memory: Uint8Array, secret: Uint8Array): boolean {
  const [first = 0] = secret;
  for (let at = memory.indexOf(first); at !== -1; at = memory.indexOf(first, at + 1)) {
    if (secret.every((byte, i) => memory[at + i] === byte)) return true;
  }
  return false;
}

describe("libsodium's memory", async () => {
  const module = await loadSodium();
  const primitives = sodiumPrimitives(module);
  const random = testRandom("memory");
  const [secret, data, nonce] = [random(32), random(100), random(12)];

  it("is searched well", () => {
    const pointer = module._malloc(32);
    module.HEAPU8.set(secret, pointer);
    expect(contains(module.HEAPU8, secret)).toBe(true);
    module.HEAPU8.fill(0, pointer, pointer + 32);
    expect(contains(module.HEAPU8, secret)).toBe(false);
  });

  it.each<[string, () => unknown]>([
    ["HMAC", () => primitives.sha256.hmac(secret, data)],
    ["HMAC of it", () => primitives.sha512.hmac(data, secret)],
    ["a hash", () => primitives.sha256.hash(secret)],
    ["SHAKE", () => primitives.shake256(secret, 96)],
    ["X25519", () => primitives.x25519.sharedSecret(secret, primitives.x25519.publicKey(data.slice(0, 32)) ?? data)],
    ["its public key", () => primitives.x25519.publicKey(secret)],
    ["Ed25519", () => primitives.ed25519.sign(secret, data)],
    ["AEAD", () => primitives.chaCha20Poly1305.seal(secret, nonce, { aad: data, data })],
    ["a long AEAD", () => primitives.chaCha20Poly1305.seal(secret, nonce, { aad: data, data: new Uint8Array(200_000) })],
    ["AEAD of it", () => primitives.chaCha20Poly1305.seal(data.slice(0, 32), nonce, { aad: data, data: secret })],
  ])("does not keep a secret after %s", (_name, use) => {
    use();
    expect(contains(module.HEAPU8, secret)).toBe(false);
  });

  it("does not keep results", () => {
    const results = [
      primitives.sha256.hmac(secret, data),
      primitives.shake256(secret, 32),
      primitives.mlKem.decapsulate(random(64), random(1088)) ?? data,
      primitives.mlKem.encapsulate(primitives.mlKem.publicKey(random(64)), secret)?.sharedSecret ?? data,
    ];
    for (const result of results) expect(contains(module.HEAPU8, result)).toBe(false);
  });

  it("goes back to a small block after a long input", () => {
    const memory = new SodiumMemory(module);
    const length = module.HEAPU8.length;
    for (let i = 0; i < 40; i++) {
      memory.begin(1_000_000);
      memory.place(new Uint8Array(1_000_000));
      memory.end();
    }
    expect(module.HEAPU8.length).toBeLessThanOrEqual(length + 2_000_000);
  });
});
