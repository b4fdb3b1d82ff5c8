/**
 * Copies arguments into libsodium's memory and results out of it, and overwrites both afterwards.
 *
 * One block serves one call at a time, which is enough for synchronous code. What JavaScript cannot do: overwrite copies that the garbage
 * collector made of a `Uint8Array`, the WASM engine's registers, or the stack that the C code leaves behind in its own memory.
 */
import type { Pointer, SodiumModule } from "./sodium-module.ts";

const BLOCK_LENGTH = 1 << 16;
const ALIGNMENT = 16;

const aligned = (length: number): number => (length + ALIGNMENT - 1) & -ALIGNMENT;

export class SodiumMemory {
  readonly module: SodiumModule;
  #block: Pointer;
  #capacity: number = BLOCK_LENGTH;
  #used: number = 0;

  constructor(module: SodiumModule) {
    if (module._sodium_init() < 0) throw new Error("libsodium does not initialise");
    this.module = module;
    this.#block = module._malloc(BLOCK_LENGTH);
  }

  /** Starts a call whose arguments and results have these lengths in total, in at most 16 parts. */
  begin(length: number): void {
    // A call that threw has not ended.
    if (this.#used > 0) this.end();
    const needed = length + 16 * ALIGNMENT;
    if (needed <= this.#capacity) return;
    const block = this.module._malloc(needed);
    if (block === 0) throw new RangeError("not enough memory for libsodium");
    this.module._free(this.#block);
    this.#block = block;
    this.#capacity = needed;
  }

  /** A place for a result or a state. */
  reserve(length: number): Pointer {
    const pointer = this.#block + this.#used;
    this.#used += aligned(length);
    return pointer;
  }

  /** An argument. */
  place(bytes: Uint8Array): Pointer {
    const pointer = this.reserve(bytes.length);
    this.module.HEAPU8.set(bytes, pointer);
    return pointer;
  }

  /** A copy of a result. */
  take(pointer: Pointer, length: number): Uint8Array {
    return this.module.HEAPU8.slice(pointer, pointer + length);
  }

  /** Ends the call: overwrites everything it placed or reserved. */
  end(): void {
    this.module.HEAPU8.fill(0, this.#block, this.#block + this.#used);
    this.#used = 0;
    if (this.#capacity > BLOCK_LENGTH) this.#shrink();
  }

  #shrink(): void {
    this.module._free(this.#block);
    this.#block = this.module._malloc(BLOCK_LENGTH);
    this.#capacity = BLOCK_LENGTH;
  }
}
