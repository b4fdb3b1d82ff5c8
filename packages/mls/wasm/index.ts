/** The crypto provider for browsers, workers and Node: libsodium's WASM and noble. */
import type { CryptoProvider } from "../src/crypto/provider.ts";

export async function createWasmProvider(): Promise<CryptoProvider> {
  throw new Error("not yet");
}
