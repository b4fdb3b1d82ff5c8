/** Token buckets (spec/server.md §Rates): so many a second, and some saved up. */
import type { Rate } from "./options.ts";

export type Bucket = { tokens: number; at: number };

export function newBucket(rate: Rate, now: number): Bucket {
  return { tokens: rate.burst, at: now };
}

/** Takes `cost` from the bucket, which it changes: 0 if there was enough, else the milliseconds after which there is. */
export function takeFrom(bucket: Bucket, rate: Rate, use: { readonly now: number; readonly cost?: number }): number {
  const cost = use.cost ?? 1;
  const elapsed = Math.max(0, use.now - bucket.at);
  bucket.tokens = Math.min(rate.burst, bucket.tokens + (elapsed * rate.perSecond) / 1000);
  bucket.at = use.now;
  if (bucket.tokens >= cost) {
    bucket.tokens -= cost;
    return 0;
  }
  return Math.ceil(((cost - bucket.tokens) * 1000) / rate.perSecond);
}

/** Buckets by key, in memory only. A bucket that is full again need not be remembered. */
export class RateTable {
  readonly #rate: Rate;
  readonly #keysMax: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate, keysMax = 20_000) {
    this.#rate = rate;
    this.#keysMax = keysMax;
  }

  take(key: string, now: number, cost = 1): number {
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      this.#makeRoom();
      bucket = newBucket(this.#rate, now);
      this.#buckets.set(key, bucket);
    }
    return takeFrom(bucket, this.#rate, { now, cost });
  }

  /** Drops the oldest ones: whoever makes many keys gains a fresh bucket for each in any case. */
  #makeRoom(): void {
    if (this.#buckets.size < this.#keysMax) return;
    let spare = this.#keysMax / 10;
    for (const key of this.#buckets.keys()) {
      if (spare-- <= 0) break;
      this.#buckets.delete(key);
    }
  }
}
