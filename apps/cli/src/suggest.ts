/** Which name somebody may have meant who mistyped one. */

/** By how many letters left out, put in, changed or swapped with the next one they differ (optimal string alignment). */
function differences(a: string, b: string): number {
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? changed) + 1 : changed;
      row.push(Math.min(changed, swapped, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    [before, last] = [last, row];
  }
  return last[b.length] ?? 0;
}

const LENGTH_MAX = 20;

/** The nearest one that differs by two letters at most, and by less than half of them. */
export function nearest(typed: string, names: readonly string[]): string | undefined {
  if (typed.length > LENGTH_MAX) return undefined;
  const [best] = names.map((name) => ({ name, by: differences(typed, name) })).toSorted((a, b) => a.by - b.by);
  return best !== undefined && best.by <= 2 && best.by * 2 < typed.length ? best.name : undefined;
}
