/** Everything that both providers take from libsodium. */
import type { Primitives } from "./hpke-suite.ts";
import { sodiumChaCha20Poly1305 } from "./sodium-chacha20poly1305.ts";
import { sodiumEd25519, sodiumX25519 } from "./sodium-curve25519.ts";
import { sodiumHashes } from "./sodium-hashes.ts";
import { SodiumMemory } from "./sodium-memory.ts";
import { sodiumMlKem768 } from "./sodium-ml-kem.ts";
import type { SodiumModule } from "./sodium-module.ts";

export type SodiumPrimitives = Omit<Primitives, "name" | "aes128Gcm" | "aes256Gcm" | "p256" | "ecdsaP256">;

export function sodiumPrimitives(module: SodiumModule): SodiumPrimitives {
  const memory = new SodiumMemory(module);
  return {
    ...sodiumHashes(memory),
    chaCha20Poly1305: sodiumChaCha20Poly1305(memory),
    x25519: sodiumX25519(memory),
    ed25519: sodiumEd25519(memory),
    mlKem: sodiumMlKem768(memory),
  };
}
