/**
 * Remembers what a library computed from a key, for a bounded number of keys.
 *
 * Keys are random, so their first six bytes find an entry; the whole key must then agree. A key made to collide evicts an entry and gains
 * nothing. A cache of private keys holds copies of up to `capacity` of them until they are evicted and overwritten.
 */
import { equalTags } from "../bytes.ts";

type Entry<T> = { readonly key: Uint8Array; readonly value: T };

export class KeyCache<T> {
  readonly #capacity: number;
  readonly #make: (key: Uint8Array) => T;
  readonly #entries: Map<number, Entry<T>> = new Map();

  constructor(capacity: number, make: (key: Uint8Array) => T) {
    this.#capacity = capacity;
    this.#make = make;
  }

  /** What `make` throws on a bad key passes through, and nothing is remembered. */
  get(key: Uint8Array): T {
    const short = shortKey(key);
    const found = this.#entries.get(short);
    if (found !== undefined && equalTags(found.key, key)) return found.value;
    const entry = { key: Uint8Array.from(key), value: this.#make(key) };
    this.#forget(short);
    if (this.#entries.size >= this.#capacity) this.#evictOldest();
    this.#entries.set(short, entry);
    return entry.value;
  }

  #evictOldest(): void {
    for (const short of this.#entries.keys()) {
      this.#forget(short);
      return;
    }
  }

  #forget(short: number): void {
    this.#entries.get(short)?.key.fill(0);
    this.#entries.delete(short);
  }
}

function shortKey(key: Uint8Array): number {
  let short = 0;
  for (let i = 0; i < 6; i++) short = short * 256 + (key[i] ?? 0);
  return short;
}
