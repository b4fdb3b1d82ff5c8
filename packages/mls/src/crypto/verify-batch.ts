/**
 * One message to a verifying worker: many signatures of one ciphersuite in a single buffer, so that it is moved and not copied.
 *
 * Layout, 32-bit numbers big-endian: suite, count, then per signature three lengths and public key, message, signature.
 */

export type SignatureClaim = { readonly publicKey: Uint8Array; readonly message: Uint8Array; readonly signature: Uint8Array };

export type VerifyBatch = { readonly suiteId: number; readonly claims: readonly SignatureClaim[] };

const HEADER_LENGTH = 8;
const CLAIM_HEADER_LENGTH = 12;

export function claimLength({ publicKey, message, signature }: SignatureClaim): number {
  return CLAIM_HEADER_LENGTH + publicKey.length + message.length + signature.length;
}

export function encodeVerifyBatch({ suiteId, claims }: VerifyBatch): ArrayBuffer {
  const buffer = new ArrayBuffer(claims.reduce((length, claim) => length + claimLength(claim), HEADER_LENGTH));
  const view = new DataView(buffer);
  const bytes = new Uint8Array(buffer);
  view.setUint32(0, suiteId);
  view.setUint32(4, claims.length);
  let offset = HEADER_LENGTH;
  for (const { publicKey, message, signature } of claims) {
    const parts = [publicKey, message, signature];
    for (const part of parts) {
      view.setUint32(offset, part.length);
      offset += 4;
    }
    for (const part of parts) {
      bytes.set(part, offset);
      offset += part.length;
    }
  }
  return buffer;
}

/** The claims are views of `buffer`. It comes from {@link encodeVerifyBatch}, so a wrong form is a defect and throws. */
export function decodeVerifyBatch(buffer: ArrayBuffer): VerifyBatch {
  const view = new DataView(buffer);
  const count = view.getUint32(4);
  const claims: SignatureClaim[] = [];
  let offset = HEADER_LENGTH;
  for (let i = 0; i < count; i++) {
    const lengths = [view.getUint32(offset), view.getUint32(offset + 4), view.getUint32(offset + 8)];
    offset += CLAIM_HEADER_LENGTH;
    const [publicKey, message, signature] = lengths.map((length) => {
      offset += length;
      return new Uint8Array(buffer, offset - length, length);
    });
    if (publicKey === undefined || message === undefined || signature === undefined) throw new Error("unreachable");
    claims.push({ publicKey, message, signature });
  }
  return { suiteId: view.getUint32(0), claims };
}
