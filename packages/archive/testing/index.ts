/** Synthetic exports from a seed, for tests and measurements. */
export * from "./instagram.ts";
export * from "./invented.ts";
export * from "./zip-file.ts";
export { withCheckDigit } from "./check-digits.ts";
