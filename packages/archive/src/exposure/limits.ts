/** Limits of the exposure report. What is over one is not looked at. */
export const EXPOSURE_LIMITS = {
  /** Text of one message, in UTF-16 units. */
  textMax: 1024 * 1024,
  findingsPerTextMax: 100,
  /** How far words are looked for that tell what a number is. */
  contextCharacters: 80,
} as const;
