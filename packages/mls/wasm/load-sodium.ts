/** Compiles libsodium's WASM module. */
import load from "libsodium-sumo";

import type { SodiumModule } from "../src/crypto/sodium-module.ts";

export function loadSodium(): Promise<SodiumModule> {
  return load({ getRandomValue: () => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0 });
}
