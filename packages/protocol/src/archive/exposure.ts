/**
 * What the exposure report says of a message: copies of things that should not lie about in conversations. Made by packages/archive, kept by
 * packages/client (spec/exposure.md).
 */

export const EXPOSURE_KINDS = ["card", "iban", "seed", "key", "token", "password", "document", "place"] as const;
export type ExposureKind = (typeof EXPOSURE_KINDS)[number];

/** `confirmed`: check digits hold and nothing speaks against it. `likely`: shape and context. `possible`: one of the two. */
export const EXPOSURE_LEVELS = ["confirmed", "likely", "possible"] as const;
export type ExposureLevel = (typeof EXPOSURE_LEVELS)[number];

export type ExposureFinding = {
  readonly kind: ExposureKind;
  readonly level: ExposureLevel;
  /** Which one: "visa", "github-token", "passport". */
  readonly what: string;
  /** As it may be shown: at most the last four characters of the value. */
  readonly masked: string;
  /** The value in one spelling, so that copies can be told to be the same. It is never stored or shown. */
  readonly value: string;
  /** In UTF-16 units of the text. */
  readonly start: number;
  readonly length: number;
};
