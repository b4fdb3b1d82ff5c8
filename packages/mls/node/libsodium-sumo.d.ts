/** The raw module of libsodium.js, which has no types of its own. */
declare module "libsodium-sumo" {
  /** libsodium asks for 32 random bits at a time; it does so once, to initialise, since no function that draws randomness is called. */
  export default function load(imports: { getRandomValue(): number }): Promise<import("../src/crypto/sodium-module.ts").SodiumModule>;
}
