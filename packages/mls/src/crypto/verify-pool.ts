/**
 * Verifies many signatures on several threads, this one included. The scheduling is here; a platform brings its workers.
 *
 * Signatures travel in chunks. Each worker has a few chunks before it, enough to be busy while this thread is, and few enough to bound the
 * memory in flight; the rest waits without a copy. This thread takes chunks from the same queue, a slice at a time, and lets other work
 * run in between. A worker that dies gives its chunks back.
 */
import type { CryptoProvider } from "./provider.ts";
import { claimLength, encodeVerifyBatch } from "./verify-batch.ts";
import type { SignatureClaim, VerifyBatch } from "./verify-batch.ts";

export type VerifyPool = {
  /** One result per item, in order. Whatever is malformed is `false`, as are all items of a suite that the provider lacks. */
  readonly verifyMany: (suiteId: number, items: readonly SignatureClaim[]) => Promise<boolean[]>;
  /** Stops the workers. What is under way is rejected. */
  readonly close: () => void;
};

/** A thread that answers each batch, in order, with a byte per claim: 1 for good. */
export type VerifyWorker = {
  readonly post: (batch: ArrayBuffer) => void;
  readonly stop: () => void;
};

export type WorkerEvents = { readonly onResults: (results: Uint8Array) => void; readonly onDeath: () => void };

export type VerifyPoolParts = {
  /** For this thread's share. */
  readonly provider: CryptoProvider;
  readonly workers: number;
  readonly startWorker: (events: WorkerEvents) => VerifyWorker;
  /** Lets other tasks of this thread run. */
  readonly pause: () => Promise<void>;
};

type Call = { readonly results: boolean[]; pendingChunks: number; readonly resolve: () => void; readonly reject: (reason: Error) => void };

type Chunk = { readonly suiteId: number; readonly claims: readonly SignatureClaim[]; readonly offset: number; readonly call: Call };

type Slot = { readonly worker: VerifyWorker; readonly chunks: Chunk[] };

const CHUNK_CLAIMS = 64;
const CHUNK_BYTES = 1 << 18;
const CHUNKS_BEFORE_WORKER = 4;
/** Under a millisecond of Ed25519. */
const LOCAL_SLICE = 8;
/** Fewer are verified here at once: a round trip costs more. */
const SMALL = 16;

export function createVerifyPoolOf(parts: VerifyPoolParts): VerifyPool {
  const pool = new Pool(parts);
  return { verifyMany: (suiteId, items) => pool.verifyMany(suiteId, items), close: () => pool.close() };
}

class Pool {
  readonly #parts: VerifyPoolParts;
  readonly #slots: Slot[] = [];
  readonly #calls: Set<Call> = new Set();
  #queue: Chunk[] = [];
  #started: boolean = false;
  #closed: boolean = false;
  #sharing: boolean = false;

  constructor(parts: VerifyPoolParts) {
    this.#parts = parts;
  }

  async verifyMany(suiteId: number, items: readonly SignatureClaim[]): Promise<boolean[]> {
    if (this.#closed) throw new Error("the pool is closed");
    if (items.length < SMALL) return items.map((claim) => this.#verify(suiteId, claim));
    this.#start();
    const results = Array.from(items, () => false);
    await new Promise<void>((resolve, reject) => {
      const call: Call = { results, pendingChunks: 0, resolve, reject };
      this.#calls.add(call);
      for (const { claims, offset } of splitClaims(items)) {
        this.#queue.push({ suiteId, claims, offset, call });
        call.pendingChunks++;
      }
      this.#feed();
      void this.#share();
    });
    return results;
  }

  close(): void {
    this.#closed = true;
    this.#queue = [];
    for (const { worker } of this.#slots.splice(0)) worker.stop();
    for (const call of this.#calls) call.reject(new Error("the pool is closed"));
    this.#calls.clear();
  }

  #verify(suiteId: number, claim: SignatureClaim): boolean {
    return isVerified(this.#parts.provider, suiteId, claim);
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    for (let i = 0; i < this.#parts.workers; i++) {
      const chunks: Chunk[] = [];
      const onResults = (bytes: Uint8Array): void => {
        const chunk = chunks.shift();
        if (chunk !== undefined && !this.#closed) this.#finish(chunk, (index) => bytes[index] === 1);
        this.#feed();
      };
      try {
        this.#slots.push({ worker: this.#parts.startWorker({ onResults, onDeath: () => this.#bury(chunks) }), chunks });
      } catch {
        // Without a right to threads, this thread does it all.
        return;
      }
    }
  }

  #bury(chunks: Chunk[]): void {
    const index = this.#slots.findIndex((slot) => slot.chunks === chunks);
    if (index === -1) return;
    this.#slots.splice(index, 1);
    this.#queue.unshift(...chunks.splice(0));
    this.#feed();
    void this.#share();
  }

  #feed(): void {
    for (const { worker, chunks } of this.#slots) {
      while (chunks.length < CHUNKS_BEFORE_WORKER) {
        const chunk = this.#queue.shift();
        if (chunk === undefined) return;
        chunks.push(chunk);
        worker.post(encodeVerifyBatch(chunk));
      }
    }
  }

  /** This thread's share of the queue. */
  async #share(): Promise<void> {
    if (this.#sharing) return;
    this.#sharing = true;
    for (let chunk = this.#queue.shift(); chunk !== undefined; chunk = this.#queue.shift()) {
      try {
        await this.#verifyChunk(chunk);
      } catch (error) {
        this.#calls.delete(chunk.call);
        chunk.call.reject(error instanceof Error ? error : new Error("this thread's share failed", { cause: error }));
      }
    }
    this.#sharing = false;
  }

  async #verifyChunk(chunk: Chunk): Promise<void> {
    const { suiteId, claims } = chunk;
    const results: boolean[] = [];
    while (results.length < claims.length && !this.#closed) {
      for (const claim of claims.slice(results.length, results.length + LOCAL_SLICE)) results.push(this.#verify(suiteId, claim));
      // Workers' answers arrive in a pause, and they must not run dry meanwhile.
      await this.#parts.pause();
    }
    if (!this.#closed) this.#finish(chunk, (index) => results[index] === true);
  }

  #finish({ claims, offset, call }: Chunk, isGood: (index: number) => boolean): void {
    for (let index = 0; index < claims.length; index++) call.results[offset + index] = isGood(index);
    if (--call.pendingChunks > 0) return;
    this.#calls.delete(call);
    call.resolve();
  }
}

/** A library that throws has not said yes. */
function isVerified(provider: CryptoProvider, suiteId: number, { publicKey, message, signature }: SignatureClaim): boolean {
  try {
    return provider.suite(suiteId)?.verify(publicKey, message, signature) === true;
  } catch {
    return false;
  }
}

type Piece = { readonly claims: readonly SignatureClaim[]; readonly offset: number };

function splitClaims(items: readonly SignatureClaim[]): readonly Piece[] {
  const pieces: Piece[] = [];
  let [offset, length] = [0, 0];
  for (const [index, item] of items.entries()) {
    const added = claimLength(item);
    if (index > offset && (index - offset === CHUNK_CLAIMS || length + added > CHUNK_BYTES)) {
      pieces.push({ claims: items.slice(offset, index), offset });
      [offset, length] = [index, 0];
    }
    length += added;
  }
  pieces.push({ claims: items.slice(offset), offset });
  return pieces;
}

/** What a worker answers to a batch. */
export function verifyBatch(provider: CryptoProvider, { suiteId, claims }: VerifyBatch): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(claims, (claim) => (isVerified(provider, suiteId, claim) ? 1 : 0));
}
