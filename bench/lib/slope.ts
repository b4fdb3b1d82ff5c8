/**
 * How a value grows in an hour: least squares over [seconds, value] in the second half. In the first one caches fill, and the runtime finds how large
 * its young generation should be: V8 doubles it a few times, in steps of 16 MiB and more.
 */
export function slopePerHour(samples: readonly (readonly [number, number])[]): number {
  const late = samples.slice(Math.floor(samples.length / 2));
  const mean = (column: 0 | 1): number => late.reduce((sum, sample) => sum + sample[column], 0) / late.length;
  const [x, y] = [mean(0), mean(1)];
  const over = late.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0);
  const under = late.reduce((sum, [at]) => sum + (at - x) ** 2, 0);
  return (over / under) * 3600;
}
