/** Constants that vitest.config.ts defines for every test. */

/** Where the test runs. */
declare const __PLATFORM__: "node" | "browser";

/** Absolute path of the folder with the official MLS test vectors, with forward slashes; empty when there is none. */
declare const __VECTORS__: string;
