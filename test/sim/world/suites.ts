/**
 * The provider of a run. The classical suite in the place of the post-quantum one is several times as fast and walks the same code in the engine, so
 * most seeds use it.
 */
import { MESSAGE_SUITE } from "@sotto/core";
import { type CryptoProvider, SUITE } from "@sotto/mls";
import { createNodeProvider } from "@sotto/mls/node";

const postQuantum = await createNodeProvider();

function classicalInPlace(provider: CryptoProvider): CryptoProvider {
  const suite = provider.suite(SUITE.x25519Aes128);
  if (suite === undefined) throw new Error("the provider lacks the classical suite");
  const renamed = { ...suite, id: MESSAGE_SUITE };
  return { name: "classical", suite: (id) => (id === MESSAGE_SUITE ? renamed : provider.suite(id)) };
}

const classical = classicalInPlace(postQuantum);

export function providerOf(isPostQuantum: boolean): CryptoProvider {
  return isPostQuantum ? postQuantum : classical;
}
