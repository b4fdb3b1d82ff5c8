/** The cryptographic provider for browsers, for the adapters of packages/client, which see this package and not packages/mls. */
export { createVerifyPool, createWasmProvider, type VerifyPoolOptions } from "@sotto/mls/wasm";
