/** Chance from a seed: every decision of a fuzzed life comes from one of these, so a seed tells the whole story. */

/** FNV-1a with a final mix, four words from one text. */
function wordsOf(text: string): [number, number, number, number] {
  const words: [number, number, number, number] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0xdeadbeef];
  for (let word = 0; word < 4; word++) {
    let hash = (words[word] ?? 0) ^ 0x811c9dc5;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    words[word] = hash ^ (hash >>> 13);
  }
  return words;
}

/** The small fast counter generator "sfc32". Not for keys of real people. */
export class Dice {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  constructor(seed: string | number) {
    [this.#a, this.#b, this.#c, this.#counter] = wordsOf(`mls fuzz ${seed}`);
    for (let i = 0; i < 12; i++) this.u32();
  }

  u32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  below(count: number): number {
    return Math.floor((this.u32() / 0x1_0000_0000) * count);
  }

  /** Both ends included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  chance(probability: number): boolean {
    return this.u32() / 0x1_0000_0000 < probability;
  }

  pick<T>(list: readonly T[]): T {
    const item = list[this.below(list.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  }

  shuffled<T>(list: readonly T[]): T[] {
    const mixed = [...list];
    for (let i = mixed.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const [a, b] = [mixed[i], mixed[j]];
      if (a !== undefined && b !== undefined) [mixed[i], mixed[j]] = [b, a];
    }
    return mixed;
  }

  /** Up to `most` different items, perhaps none. */
  some<T>(list: readonly T[], most: number): T[] {
    return this.shuffled(list).slice(0, this.between(0, Math.min(most, list.length)));
  }

  /** Weights need not sum to anything. */
  weighted<T>(choices: readonly (readonly [weight: number, choice: T])[]): T {
    let left = this.u32() / 0x1_0000_0000;
    const sum = choices.reduce((total, [weight]) => total + weight, 0);
    for (const [weight, choice] of choices) {
      left -= weight / sum;
      if (left < 0) return choice;
    }
    return this.pick(choices)[1];
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i += 4) {
      const word = this.u32();
      for (let j = 0; j < 4 && i + j < length; j++) bytes[i + j] = word >>> (8 * j);
    }
    return bytes;
  }
}
