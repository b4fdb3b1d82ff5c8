/**
 * The issuing key of anonymous tokens (spec/log.md §API, Payment): the VOPRF of RFC 9497 with ristretto255-SHA512. The account connection
 * evaluates blinded inputs; on the anonymous connection an output is right if the server computes the same one from the nonce.
 */
import { createHash } from "node:crypto";
import { ristretto255, ristretto255_hasher, ristretto255_oprf } from "@noble/curves/ed25519.js";
import { type AnonymousToken, concatBytes, equalBytes, equalTags, uint16ToBytes } from "@sotto/protocol";

const { voprf } = ristretto255_oprf;
/** RFC 9497 §3.1: the context string of mode 0x01, VOPRF, in the tag of HashToGroup (§4.1). */
const HASH_TO_GROUP = "HashToGroup-OPRFV1-\x01-ristretto255-SHA512";
const utf8 = new TextEncoder();

export type Issued = { readonly evaluated: Uint8Array[]; readonly proof: Uint8Array };

export class TokenKeys {
  readonly #secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
  /** The first 8 bytes of SHA-256 of the public key. */
  readonly id: Uint8Array;

  constructor(seed: Uint8Array) {
    const { secretKey, publicKey } = voprf.deriveKeyPair(seed, utf8.encode("sotto tokens v1"));
    this.#secretKey = secretKey;
    this.publicKey = publicKey;
    this.id = new Uint8Array(createHash("sha256").update(publicKey).digest().subarray(0, 8));
  }

  /** Undefined if a blinded input is no element of the group. */
  issue(key: Uint8Array, blinded: readonly Uint8Array[]): Issued | undefined {
    if (!equalBytes(key, this.id)) return undefined;
    try {
      return voprf.blindEvaluateBatch(this.#secretKey, this.publicKey, [...blinded]);
    } catch {
      return undefined;
    }
  }

  isGenuine({ key, nonce, output }: AnonymousToken): boolean {
    if (!equalBytes(key, this.id)) return false;
    return equalTags(output, this.#evaluate(nonce));
  }

  /** Evaluate of RFC 9497 §3.3.1, which the library leaves out for this mode: what the client's Finalize gives, without blinding. */
  #evaluate(input: Uint8Array): Uint8Array {
    const element = ristretto255_hasher.hashToCurve(input, { DST: HASH_TO_GROUP });
    const issued = element.multiply(ristretto255.Point.Fn.fromBytes(this.#secretKey)).toBytes();
    const parts = [uint16ToBytes(input.length), input, uint16ToBytes(issued.length), issued, utf8.encode("Finalize")];
    return new Uint8Array(
      createHash("sha512")
        .update(concatBytes(...parts))
        .digest(),
    );
  }
}
