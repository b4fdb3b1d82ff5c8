/**
 * A whole blob, piece by piece and in bounded memory (spec/blobs.md §Segments). Pieces may have any size. Sealing gives the two hashes that go
 * into the message; opening checks them at the end: the ciphertext's tells a damaged download, the file's binds what is shown to what was
 * signed, since AES-GCM does not commit to its key and one blob can be made to open differently under two keys.
 *
 * The hash function runs over gigabytes and so cannot be the suite's, which takes whole inputs: the caller brings one that goes on.
 */
import type { CryptoProvider } from "@sotto/mls";
import { equalBytes, SEGMENT_BYTES } from "@sotto/protocol";
import { type CoreFailure, type CoreOutcome, done, failed } from "../outcome.ts";
import { type BlobPlan, fileBytesIn, openSegment, sealSegment } from "./segment.ts";

/** SHA-256 in steps. */
export type RunningHash = { readonly update: (bytes: Uint8Array) => void; readonly digest: () => Uint8Array };
export type BlobContext = { readonly crypto: CryptoProvider; readonly createSha256: () => RunningHash };
export type BlobHashes = { readonly cipherHash: Uint8Array; readonly fileHash: Uint8Array };

/** Collects pieces until a whole one of the wanted size is there. */
class PieceBuffer {
  readonly #held: Uint8Array;
  #length = 0;

  constructor(capacity: number) {
    this.#held = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Takes from `bytes` what is still missing of `wanted`; returns how many. */
  fill(bytes: Uint8Array, wanted: number): number {
    const taken = Math.min(bytes.length, wanted - this.#length);
    this.#held.set(bytes.subarray(0, taken), this.#length);
    this.#length += taken;
    return taken;
  }

  /** A view, good until the next `fill`: files are large, and so would be what is left behind by a copy of each piece. */
  takeAll(): Uint8Array {
    const piece = this.#held.subarray(0, this.#length);
    this.#length = 0;
    return piece;
  }
}

type Direction = {
  /** Bytes of input that make up segment `index`. */
  readonly inputBytes: (index: number) => number;
  readonly turn: (index: number, input: Uint8Array) => CoreOutcome<Uint8Array>;
};

/** Shared by both directions. Changes itself: one blob, from its start to its end. After a failure it stays failed. */
class SegmentStream {
  readonly #blob: BlobPlan;
  readonly #direction: Direction;
  readonly #buffer = new PieceBuffer(SEGMENT_BYTES);
  #index: number;
  #failure: CoreFailure | undefined;

  constructor(blob: BlobPlan, direction: Direction, first = 0) {
    this.#blob = blob;
    this.#direction = direction;
    this.#index = first;
  }

  /** The segment that comes next. */
  get index(): number {
    return this.#index;
  }

  /** Segments that are complete now. */
  push(bytes: Uint8Array): CoreOutcome<Uint8Array[]> {
    const out: Uint8Array[] = [];
    let rest = bytes;
    while (this.#failure === undefined && this.#index < this.#blob.plan.segments) {
      const wanted = this.#direction.inputBytes(this.#index);
      if (wanted === 0) break;
      rest = rest.subarray(this.#buffer.fill(rest, wanted));
      if (this.#buffer.length < wanted) break;
      const turned = this.#turn(this.#buffer.takeAll());
      if (turned !== undefined) out.push(turned);
    }
    if (this.#failure === undefined && rest.length > 0) this.#failure = failed("blob_range");
    return this.#failure ?? done(out);
  }

  #turn(input: Uint8Array): Uint8Array | undefined {
    const turned = this.#direction.turn(this.#index, input);
    this.#index += 1;
    if (turned.ok) return turned.value;
    this.#failure = turned;
    return undefined;
  }

  /** Segments at the end that need no input: those of padding alone. One at a time, for they can be many. */
  *rest(): Generator<Uint8Array> {
    while (this.#failure === undefined && this.#index < this.#blob.plan.segments && this.#direction.inputBytes(this.#index) === 0) {
      const turned = this.#turn(new Uint8Array(0));
      if (turned !== undefined) yield turned;
    }
  }

  /** Fails unless every segment went through. */
  finish(): CoreFailure | undefined {
    return this.#failure ?? (this.#index === this.#blob.plan.segments ? undefined : failed("blob_incomplete"));
  }
}

export type BlobSealer = {
  /** Takes bytes of the file; gives ciphertext to upload. */
  readonly push: (bytes: Uint8Array) => CoreOutcome<Uint8Array[]>;
  /** After the last byte of the file: the segments that hold padding alone. */
  readonly rest: () => Iterable<Uint8Array>;
  readonly finish: () => CoreOutcome<BlobHashes>;
};

export type BlobOpener = {
  /**
   * After an interruption: takes bytes of the file, from its start, that an earlier opener gave, and counts their segments as read; what does not
   * fill a segment is left out. Gives the segment to go on with. Before the first `push`. Wrong bytes are noticed by `finish`.
   */
  readonly recount: (bytes: Uint8Array) => CoreOutcome<number>;
  /** Takes ciphertext; gives bytes of the file, to be kept aside until `finish` says that they are right. */
  readonly push: (bytes: Uint8Array) => CoreOutcome<Uint8Array[]>;
  readonly finish: () => CoreOutcome<BlobHashes>;
};

type Hashes = { readonly cipherHash: RunningHash; readonly fileHash: RunningHash };

function sealing(blob: BlobPlan, { cipherHash, fileHash }: Hashes, context: BlobContext): Direction {
  return {
    inputBytes: (index) => fileBytesIn(blob, index),
    turn: (index, data) => {
      fileHash.update(data);
      const sealed = sealSegment(blob, { index, data }, context);
      if (sealed.ok) cipherHash.update(sealed.value);
      return sealed;
    },
  };
}

export function createBlobSealer(blob: BlobPlan, context: BlobContext): BlobSealer {
  const [cipherHash, fileHash] = [context.createSha256(), context.createSha256()];
  const stream = new SegmentStream(blob, sealing(blob, { cipherHash, fileHash }, context));
  const finish = (): CoreOutcome<BlobHashes> => stream.finish() ?? done({ cipherHash: cipherHash.digest(), fileHash: fileHash.digest() });
  return { push: (bytes) => stream.push(bytes), rest: () => stream.rest(), finish };
}

/** `expected` are the hashes that the message names. */
export function createBlobOpener(blob: BlobPlan, expected: BlobHashes, context: BlobContext): BlobOpener {
  const [cipherHash, fileHash] = [context.createSha256(), context.createSha256()];
  // One key, nonce and content have one ciphertext, so sealing what was opened gives what was read.
  const recounting = new SegmentStream(blob, sealing(blob, { cipherHash, fileHash }, context));
  let opening: SegmentStream | undefined;
  const direction: Direction = {
    inputBytes: (index) => sealedBytesIn(blob, index),
    turn: (index, sealed) => {
      cipherHash.update(sealed);
      const opened = openSegment(blob, { index, sealed }, context);
      if (opened.ok) fileHash.update(opened.value);
      return opened;
    },
  };
  const stream = (): SegmentStream => (opening ??= new SegmentStream(blob, direction, recounting.index));
  const recount = (bytes: Uint8Array): CoreOutcome<number> => {
    const counted = recounting.push(bytes);
    return counted.ok ? done(recounting.index) : counted;
  };
  const finish = (): CoreOutcome<BlobHashes> => {
    const problem = stream().finish();
    if (problem !== undefined) return problem;
    const found = { cipherHash: cipherHash.digest(), fileHash: fileHash.digest() };
    const isRight = equalBytes(found.cipherHash, expected.cipherHash) && equalBytes(found.fileHash, expected.fileHash);
    return isRight ? done(found) : failed("blob_damaged");
  };
  return { recount, push: (bytes) => stream().push(bytes), finish };
}

function sealedBytesIn({ plan }: BlobPlan, index: number): number {
  return index === plan.segments - 1 ? plan.cipherBytes - index * SEGMENT_BYTES : SEGMENT_BYTES;
}

/** A file that is in memory: pictures, ratchet trees, archive segments. */
export function sealBlob(
  file: Uint8Array,
  blob: BlobPlan,
  context: BlobContext,
): CoreOutcome<BlobHashes & { readonly sealed: Uint8Array }> {
  const sealer = createBlobSealer(blob, context);
  const pieces = sealer.push(file);
  if (!pieces.ok) return pieces;
  const sealed = joined([...pieces.value, ...sealer.rest()]);
  const hashes = sealer.finish();
  return hashes.ok ? done({ ...hashes.value, sealed }) : hashes;
}

export function openBlob(sealed: Uint8Array, blob: BlobPlan & BlobHashes, context: BlobContext): CoreOutcome<Uint8Array> {
  const opener = createBlobOpener(blob, blob, context);
  const pieces = opener.push(sealed);
  if (!pieces.ok) return pieces;
  const hashes = opener.finish();
  return hashes.ok ? done(joined(pieces.value)) : hashes;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
