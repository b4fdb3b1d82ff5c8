/**
 * Labelled derivations (RFC 9420 §5.1.2, §5.1.3, §5.2, §8, §9)
 *
 *   KDFLabel:       uint16 length; opaque label<V> = "MLS 1.0 " + Label; opaque context<V>
 *   SignContent:    opaque label<V> = "MLS 1.0 " + Label; opaque content<V>
 *   EncryptContext: opaque label<V> = "MLS 1.0 " + Label; opaque context<V>
 *   RefHashInput:   opaque label<V>; opaque value<V>
 */
import { ascii, empty } from "../bytes.ts";
import { opaqueLength, Writer } from "../codec/writer.ts";
import { need } from "../outcome.ts";
import type { CipherSuite, HpkeCiphertext, KeyPair, Random } from "./provider.ts";

const labels = new Map<string, Uint8Array>();

function label(name: string): Uint8Array {
  let bytes = labels.get(name);
  if (bytes === undefined) {
    bytes = ascii(`MLS 1.0 ${name}`);
    if (labels.size < 256) labels.set(name, bytes);
  }
  return bytes;
}

export type ExpandInput = { readonly label: string; readonly context: Uint8Array; readonly length: number };

export function expandWithLabel(suite: CipherSuite, secret: Uint8Array, input: ExpandInput): Uint8Array {
  const name = label(input.label);
  const writer = new Writer(2 + opaqueLength(name) + opaqueLength(input.context)).u16(input.length).opaque(name).opaque(input.context);
  return suite.hkdfExpand(secret, writer.view(), input.length);
}

export function deriveSecret(suite: CipherSuite, secret: Uint8Array, name: string): Uint8Array {
  return expandWithLabel(suite, secret, { label: name, context: empty(), length: suite.hashLength });
}

/** DeriveTreeSecret: the context is the generation. */
export function deriveTreeSecret(
  suite: CipherSuite,
  secret: Uint8Array,
  input: { label: string; generation: number; length: number },
): Uint8Array {
  const context = new Writer(4).u32(input.generation).view();
  return expandWithLabel(suite, secret, { label: input.label, context, length: input.length });
}

/** Two vectors: a label and what it is for. */
function labelled(name: Uint8Array, content: Uint8Array): Uint8Array {
  return new Writer(opaqueLength(name) + opaqueLength(content)).opaque(name).opaque(content).view();
}

/** SignContent, the exact bytes that the signature scheme sees: what a third party needs beside key and signature. */
export function signedBytes(name: string, content: Uint8Array): Uint8Array {
  return labelled(label(name), content);
}

export function signWithLabel(suite: CipherSuite, privateKey: Uint8Array, input: { label: string; content: Uint8Array }): Uint8Array {
  return suite.sign(privateKey, signedBytes(input.label, input.content));
}

export type Signed = { readonly label: string; readonly content: Uint8Array; readonly signature: Uint8Array };

export function verifyWithLabel(suite: CipherSuite, publicKey: Uint8Array, signed: Signed): boolean {
  return suite.verify(publicKey, signedBytes(signed.label, signed.content), signed.signature);
}

export type Encryption = { readonly label: string; readonly context: Uint8Array };

/** Encrypts to one recipient. Throws Reject `invalid_key`. */
export type Encryptor = (publicKey: Uint8Array, plaintext: Uint8Array) => HpkeCiphertext;

/**
 * EncryptWithLabel to many recipients under one label and context: all get the same `info` array, so that a provider hashes it once.
 * A Welcome's context holds the whole tree, and hashing it again for each new member would cost the square of the group's size.
 */
export function encryptorWithLabel(suite: CipherSuite, input: Encryption & { readonly random: Random }): Encryptor {
  const info = labelled(label(input.label), input.context);
  return (publicKey, plaintext) => need(suite.hpkeSeal(publicKey, { info, aad: empty(), plaintext }, input.random), "invalid_key");
}

export function encryptWithLabel(
  suite: CipherSuite,
  publicKey: Uint8Array,
  input: Encryption & { readonly plaintext: Uint8Array; readonly random: Random },
): HpkeCiphertext {
  return encryptorWithLabel(suite, input)(publicKey, input.plaintext);
}

/** `undefined` when it does not open. */
export function decryptWithLabel(
  suite: CipherSuite,
  keys: KeyPair,
  input: Encryption & { readonly sealed: HpkeCiphertext },
): Uint8Array | undefined {
  const info = labelled(label(input.label), input.context);
  return suite.hpkeOpen(keys, input.sealed, { info, aad: empty() });
}

/** RefHash (§5.2): here the label is whole, "MLS 1.0 " included. */
export function refHash(suite: CipherSuite, fullLabel: string, value: Uint8Array): Uint8Array {
  return suite.hash(labelled(ascii(fullLabel), value));
}
