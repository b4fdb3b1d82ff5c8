/** How values are shown: dots, and at most their last four characters. */

const SHOWN = 4;
/** A value of which four characters are a large part shows fewer. */
const PARTS = 3;

export function maskedEnd(value: string, shownMax = SHOWN): string {
  const characters = Array.from(value);
  const shown = Math.min(shownMax, Math.floor(characters.length / PARTS));
  return `••••${shown === 0 ? "" : characters.slice(-shown).join("")}`;
}
