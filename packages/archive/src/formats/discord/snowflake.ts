/** Discord's ids: 64 bits of which the upper 42 are ms since 2015. Larger than a number can hold, so they are text; some exports write them as numbers. */
const EPOCH_MS = 1_420_070_400_000n;

export function snowflakeTime(id: string | undefined): number | undefined {
  return id !== undefined && /^\d{15,20}$/.test(id) ? Number((BigInt(id) >> 22n) + EPOCH_MS) : undefined;
}

const LONG_NUMBER = /[[:,\s]\d{16,20}[\s,\]}]/;
const DIGITS = /\d{16,20}(?=[\s,\]}])/y;

/** JSON in which whole numbers that would lose digits are strings. */
export function quoteLongNumbers(json: string): string {
  if (!LONG_NUMBER.test(json)) return json;
  let [out, from, at] = ["", 0, 0];
  while (at < json.length) {
    const character = json.charAt(at);
    DIGITS.lastIndex = at;
    const number = character >= "1" && character <= "9" && !/[\w.+-]/.test(json.charAt(at - 1)) ? DIGITS.exec(json)?.[0] : undefined;
    if (number !== undefined) {
      out += `${json.slice(from, at)}"${number}"`;
      from = at + number.length;
      at = from;
    } else at = character === '"' ? endOfString(json, at) : at + 1;
  }
  return out + json.slice(from);
}

function endOfString(json: string, start: number): number {
  for (let at = start + 1; at < json.length; at++) {
    const character = json.charAt(at);
    if (character === '"') return at + 1;
    if (character === "\\") at += 1;
  }
  return json.length;
}
