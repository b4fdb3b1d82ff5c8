/** Chance from a seed: every decision of a run comes from one of these, so a seed tells the whole story. The generator is sfc32; not for keys. */

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

export class Dice {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  /** Each purpose has dice of its own, so that what one part draws does not change what another one gets. */
  constructor(seed: number, purpose: string) {
    [this.#a, this.#b, this.#c, this.#counter] = wordsOf(`sotto ${seed} ${purpose}`);
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

  /** Undefined from an empty list. */
  pick<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length)];
  }

  /** Up to `most` different items, at least one if there is any. */
  some<T>(list: readonly T[], most: number): T[] {
    const left = [...list];
    const chosen: T[] = [];
    for (let count = this.between(1, most); count > 0 && left.length > 0; count--) chosen.push(...left.splice(this.below(left.length), 1));
    return chosen;
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
