/** Every suite of every provider of this platform, for tests of what all must do alike. */
import type { CipherSuite } from "../../src/crypto/provider.ts";
import { SUITE } from "../../src/suites.ts";
import { testProviders } from "../support/provider.ts";

export type NamedSuite = { readonly label: string; readonly suite: CipherSuite };

const providers = await testProviders();

export const ALL_SUITES: readonly NamedSuite[] = providers.flatMap((provider) =>
  Object.values(SUITE).map((id) => {
    const suite = provider.suite(id);
    if (suite === undefined) throw new Error(`${provider.name} lacks suite ${id}`);
    return { label: `${provider.name} ${suite.name}`, suite };
  }),
);

/** One suite in every provider. */
export function suitesOf(id: number): readonly NamedSuite[] {
  return ALL_SUITES.filter(({ suite }) => suite.id === id);
}
