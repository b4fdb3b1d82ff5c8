/**
 * HKDF (RFC 5869 §2) from a library's HMAC, and the labelled forms of HPKE (RFC 9180 §4).
 *
 * Intermediates that only this file can reach are overwritten after use. That is a courtesy, not a guarantee: a JavaScript engine may
 * have copied a buffer while moving it, and the libraries underneath keep copies of their own.
 */
import { ascii, concat } from "../bytes.ts";

/** HMAC with a fixed hash, from a library. */
export type Hmac = (key: Uint8Array, data: Uint8Array) => Uint8Array;

/** The two stages of HKDF with a fixed hash. */
export type Kdf = {
  /** Registered in RFC 9180 §7.2. */
  readonly id: number;
  readonly hashLength: number;
  readonly extract: (salt: Uint8Array, inputKeyMaterial: Uint8Array) => Uint8Array;
  readonly expand: (pseudoRandomKey: Uint8Array, info: Uint8Array, length: number) => Uint8Array;
};

/** `LabeledExtract` and `LabeledExpand` of RFC 9180 §4, bound to one `suite_id`. */
export type LabeledKdf = {
  readonly extract: (salt: Uint8Array, label: string, inputKeyMaterial: Uint8Array) => Uint8Array;
  readonly expand: (pseudoRandomKey: Uint8Array, label: string, wanted: Wanted) => Uint8Array;
};

type Wanted = { readonly info: Uint8Array; readonly length: number };

export function createKdf(id: number, hashLength: number, hmac: Hmac): Kdf {
  return {
    id,
    hashLength,
    extract: hmac,
    expand: (pseudoRandomKey, info, length) => expand(hmac, hashLength, { pseudoRandomKey, info, length }),
  };
}

type Expansion = { readonly pseudoRandomKey: Uint8Array; readonly info: Uint8Array; readonly length: number };

function expand(hmac: Hmac, hashLength: number, { pseudoRandomKey, info, length }: Expansion): Uint8Array {
  if (length > 255 * hashLength) throw new RangeError("HKDF output too long");
  const first = new Uint8Array(info.length + 1);
  first.set(info);
  first[info.length] = 1;
  let block = hmac(pseudoRandomKey, first);
  if (length === hashLength) return block;
  const output = new Uint8Array(length);
  output.set(block.subarray(0, length));
  if (length > hashLength) {
    const later = new Uint8Array(hashLength + info.length + 1);
    later.set(info, hashLength);
    for (let counter = 2, offset = hashLength; offset < length; counter++, offset += hashLength) {
      later.set(block);
      later[later.length - 1] = counter;
      block.fill(0);
      block = hmac(pseudoRandomKey, later);
      output.set(block.subarray(0, length - offset), offset);
    }
    later.fill(0);
  }
  block.fill(0);
  return output;
}

const VERSION = "HPKE-v1";

export function createLabeledKdf(kdf: Kdf, suiteId: Uint8Array): LabeledKdf {
  const prefix = concat(ascii(VERSION), suiteId);
  const labels = new Map<string, Uint8Array>();
  const prefixed = (label: string): Uint8Array => {
    let bytes = labels.get(label);
    if (bytes === undefined) labels.set(label, (bytes = concat(prefix, ascii(label))));
    return bytes;
  };
  return {
    extract: (salt, label, inputKeyMaterial) => {
      const labeled = concat(prefixed(label), inputKeyMaterial);
      const pseudoRandomKey = kdf.extract(salt, labeled);
      labeled.fill(0);
      return pseudoRandomKey;
    },
    expand: (pseudoRandomKey, label, { info, length }) =>
      kdf.expand(pseudoRandomKey, concat(Uint8Array.of(length >> 8, length & 0xff), prefixed(label), info), length),
  };
}
