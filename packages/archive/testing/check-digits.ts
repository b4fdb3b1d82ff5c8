/** Numbers with right check digits, for tests and measurements. */
export function withCheckDigit(digits: string): string {
  const sum = Array.from(digits, Number)
    .toReversed()
    .map((digit, at) => (at % 2 === 0 ? digit * 2 - (digit > 4 ? 9 : 0) : digit))
    .reduce((a, b) => a + b, 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}
