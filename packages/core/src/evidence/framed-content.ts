/**
 * Taking apart what an application message's signature is over (RFC 9420 §6.1, §2.1.2):
 *
 *   uint16 version = 1; uint16 wire_format = 2; opaque group_id<V>; uint64 epoch; uint8 sender_type = 1; uint32 leaf_index;
 *   opaque authenticated_data<V>; uint8 content_type = 1; opaque application_data<V>; GroupContext …
 *
 * A length is 1, 2 or 4 bytes, told by its two highest bits, in the shortest form.
 */
export type SignedContent = {
  readonly groupId: Uint8Array;
  readonly epoch: number;
  readonly leafIndex: number;
  readonly authenticatedData: Uint8Array;
  readonly data: Uint8Array;
  /** Where `data` begins and ends in the signed bytes. */
  readonly dataStart: number;
  readonly dataEnd: number;
};

class Cursor {
  at = 0;
  readonly #view: DataView;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** A number of `size` bytes; throws RangeError at the end. */
  uint(size: 1 | 2 | 4 | 8): number {
    const { at } = this;
    this.at += size;
    if (size === 1) return this.#view.getUint8(at);
    if (size === 2) return this.#view.getUint16(at);
    return size === 4 ? this.#view.getUint32(at) : Number(this.#view.getBigUint64(at));
  }

  #length(): number {
    const first = this.#view.getUint8(this.at);
    const size = ([1, 2, 4] as const)[first >>> 6];
    if (size === undefined) throw new RangeError("length");
    const value = this.uint(size) & (size === 4 ? 0x3fff_ffff : size === 2 ? 0x3fff : 0x3f);
    if ((size === 2 && value < 0x40) || (size === 4 && value < 0x4000)) throw new RangeError("length");
    return value;
  }

  opaque(): Uint8Array {
    const length = this.#length();
    if (this.at + length > this.#bytes.length) throw new RangeError("length");
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }
}

function parse(bytes: Uint8Array): SignedContent | undefined {
  const cursor = new Cursor(bytes);
  if (cursor.uint(2) !== 1 || cursor.uint(2) !== 2) return undefined;
  const groupId = cursor.opaque();
  const epoch = cursor.uint(8);
  if (cursor.uint(1) !== 1) return undefined;
  const leafIndex = cursor.uint(4);
  const authenticatedData = cursor.opaque();
  if (cursor.uint(1) !== 1) return undefined;
  const data = cursor.opaque();
  return { groupId, epoch, leafIndex, authenticatedData, data, dataStart: cursor.at - data.length, dataEnd: cursor.at };
}

/** Undefined for whatever is not an application message of a member. */
export function readSignedContent(toBeSigned: Uint8Array): SignedContent | undefined {
  try {
    return parse(toBeSigned);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
