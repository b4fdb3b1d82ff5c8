/** The crypto provider for Node: node:crypto with noble where it is missing or slower. */
import { createProvider } from "../src/crypto/hpke-suite.ts";
import type { CryptoProvider } from "../src/crypto/provider.ts";
import { nodePrimitives } from "./primitives.ts";

export function createNodeProvider(): CryptoProvider {
  return createProvider(nodePrimitives());
}
