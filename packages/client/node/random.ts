/**
 * Random bytes from the operating system, drawn many at a time: a message takes several short pieces, and each call costs more than its bytes.
 * What was given out is overwritten.
 */
import { randomFillSync } from "node:crypto";

const POOL_BYTES = 2_048;

export function createRandom(): (length: number) => Uint8Array {
  const pool = new Uint8Array(POOL_BYTES);
  let at = POOL_BYTES;
  return (length) => {
    if (length > POOL_BYTES / 8) return randomFillSync(new Uint8Array(length));
    if (at + length > POOL_BYTES) {
      randomFillSync(pool);
      at = 0;
    }
    const bytes = pool.slice(at, at + length);
    pool.fill(0, at, at + length);
    at += length;
    return bytes;
  };
}
