/** Ed25519 for tests, from a seed, so that vectors stay the same. */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { type Device, deviceIdOf, type DeviceId, ED25519, type PublicKey, type VerifySignature } from "@sotto/protocol";

const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

export type TestKey = { readonly publicKey: PublicKey; readonly sign: (message: Uint8Array) => Uint8Array };
export type TestDevice = TestKey & { readonly device: Device; readonly id: DeviceId };

export function testKey(seed: number): TestKey {
  const secret: KeyObject = createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX, Buffer.alloc(32, seed)]),
    format: "der",
    type: "pkcs8",
  });
  const spki = createPublicKey(secret).export({ format: "der", type: "spki" });
  const key = new Uint8Array(spki.subarray(SPKI_PREFIX.length));
  return { publicKey: { algorithm: ED25519, key }, sign: (message) => new Uint8Array(sign(null, message, secret)) };
}

export function testDevice(seed: number): TestDevice {
  const own = testKey(seed);
  const device: Device = { signatureKey: own.publicKey, inboxKey: { algorithm: 0xf001, key: new Uint8Array(32).fill(seed) } };
  return { ...own, device, id: deviceIdOf(own.publicKey) };
}

export const verifyEd25519: VerifySignature = ({ algorithm, key }, message, signature) => {
  if (algorithm !== ED25519 || key.length !== 32) return false;
  const publicKey = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, key]), format: "der", type: "spki" });
  return verify(null, message, publicKey, signature);
};
