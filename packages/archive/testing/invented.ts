/** Invented people and talk from a seed: the same seed gives the same export. Any likeness is chance. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 to 2^32 - 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  below(limit: number): number {
    return this.next() % limit;
  }

  pick<T>(list: readonly T[]): T {
    const picked = list[this.below(list.length)];
    if (picked === undefined) throw new RangeError("There is nothing to pick from.");
    return picked;
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.next() & 0xff;
    return bytes;
  }
}

const GIVEN = [
  "Ylva",
  "Tibor",
  "Noor",
  "Quill",
  "Renée",
  "Søren",
  "Zoë",
  "Ивана",
  "さくら",
  "Łucja",
  "Bakary",
  "Çelik",
  "Inês",
  "Omid",
  "Priya",
  "Umut",
];
const FAMILY = [
  "Aldermoor",
  "Brinkvale",
  "Castellón",
  "Dræby",
  "Ferreira-Quist",
  "Grünwaldt",
  "Hollowell",
  "Ishimura",
  "Jóhannsdóttir",
  "Kestrelby",
];
const WORDS =
  "tea lake window tomorrow maybe train yellow kitchen borrowed late early garden rain coffee night song yes no perhaps bicycle letter market sun ticket concert müde schön café niño 明日 привет здесь öğle naïve façade Brücke".split(
    " ",
  );
const ENDS = ["", "", "", "!", "?", " 😀", " ❤️", " 👩‍👩‍👧", "…"];

export function inventName(index: number): string {
  const given = GIVEN[index % GIVEN.length] ?? "Ylva";
  const family = FAMILY[Math.floor(index / GIVEN.length) % FAMILY.length] ?? "Aldermoor";
  const more = Math.floor(index / (GIVEN.length * FAMILY.length));
  return more === 0 ? `${given} ${family}` : `${given} ${family} ${more}`;
}

export function inventText(dice: Dice): string {
  const words = Array.from({ length: 1 + dice.below(14) }, () => dice.pick(WORDS));
  return `${words.join(" ")}${dice.pick(ENDS)}`;
}

/** A picture that no viewer opens, but whose first bytes say JPEG. */
export function inventPhoto(dice: Dice, bytes: number): Uint8Array {
  const photo = dice.bytes(Math.max(bytes, 4));
  photo.set([0xff, 0xd8, 0xff, 0xe0]);
  return photo;
}

export type GeneratedFile = { readonly path: string; readonly content: Uint8Array };

export const asBytes = (value: unknown): Uint8Array => new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
