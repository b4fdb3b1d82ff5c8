/**
 * Checkpoints (C2SP tlog-checkpoint v1.0.0) as signed notes (C2SP signed-note v1.0.0). Text, lines end with LF:
 *
 *   origin
 *   size, decimal without leading zeros
 *   root hash, standard base64
 *                                        (an empty line)
 *   — name base64(key hash[4] ‖ signature)          one line or more
 *
 * Extension lines are refused: not every kind of cosignature covers them. The signatures are over the text down to the root line with its LF.
 */
import { concatBytes } from "../bytes.ts";
import { sha256 } from "../hashing.ts";
import { LIMITS } from "../limits.ts";
import { failure, type Outcome, ProtocolError, success } from "../outcome.ts";
import { base64urlToBytes, bytesToBase64url } from "../text-forms.ts";
import { decodeUtf8, encodeUtf8 } from "../utf8.ts";
import { HASH_BYTES } from "./merkle.ts";

const DASH = "\u2014 ";
const ORIGIN_BYTES_MAX = 256;
const KEY_HASH_BYTES = 4;

export type Checkpoint = { readonly origin: string; readonly size: number; readonly root: Uint8Array };
export type NoteSignature = { readonly name: string; readonly keyHash: Uint8Array; readonly signature: Uint8Array };
export type SignedCheckpoint = {
  readonly checkpoint: Checkpoint;
  readonly signed: Uint8Array;
  readonly signatures: readonly NoteSignature[];
};

function bytesToBase64(bytes: Uint8Array): string {
  const text = bytesToBase64url(bytes).replaceAll("-", "+").replaceAll("_", "/");
  return text.padEnd(Math.ceil(text.length / 4) * 4, "=");
}

function base64ToBytes(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  return base64urlToBytes(text.replace(/=+$/, "").replaceAll("+", "-").replaceAll("/", "_"));
}

/** A name of a key or a log: not empty, no space, no plus sign, no line break. */
const isName = (name: string): boolean => name !== "" && name.length <= ORIGIN_BYTES_MAX && !/[\s+]/u.test(name);

/** The bytes that log and witnesses sign. */
export function checkpointBytes({ origin, size, root }: Checkpoint): Uint8Array {
  if (!isName(origin) || !Number.isSafeInteger(size) || size < 0 || root.length !== HASH_BYTES)
    throw new ProtocolError("checkpoint_invalid");
  return encodeUtf8(`${origin}\n${size}\n${bytesToBase64(root)}\n`);
}

export function encodeCheckpoint(checkpoint: Checkpoint, signatures: readonly NoteSignature[]): Uint8Array {
  if (signatures.length === 0 || !signatures.every(({ name }) => isName(name))) throw new ProtocolError("checkpoint_invalid");
  const lines = signatures.map(({ name, keyHash, signature }) => `${DASH}${name} ${bytesToBase64(concatBytes(keyHash, signature))}\n`);
  return concatBytes(checkpointBytes(checkpoint), encodeUtf8(`\n${lines.join("")}`));
}

/** Reads the text; checks no signature. */
export function decodeCheckpoint(bytes: Uint8Array): Outcome<SignedCheckpoint> {
  const text = bytes.length > LIMITS.checkpointBytesMax ? undefined : decodeUtf8(bytes);
  const [origin = "", sizeText = "", rootText = "", blank, ...lines] = (text ?? "").split("\n");
  const root = base64ToBytes(rootText);
  const size = Number(sizeText);
  const isHeadValid = isName(origin) && /^(0|[1-9][0-9]{0,15})$/.test(sizeText) && Number.isSafeInteger(size) && blank === "";
  if (!isHeadValid || root?.length !== HASH_BYTES || lines.pop() !== "") return failure("checkpoint_invalid");
  if (lines.length === 0 || lines.length > LIMITS.checkpointSignaturesMax) return failure("checkpoint_invalid");
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const signature = readSignature(line);
    if (signature === undefined) return failure("checkpoint_invalid");
    signatures.push(signature);
  }
  const checkpoint = { origin, size, root };
  return success({ checkpoint, signed: checkpointBytes(checkpoint), signatures });
}

function readSignature(line: string): NoteSignature | undefined {
  const [name = "", encoded = "", ...more] = line.startsWith(DASH) ? line.slice(DASH.length).split(" ") : [];
  const bytes = base64ToBytes(encoded);
  if (more.length > 0 || !isName(name) || bytes === undefined || bytes.length <= KEY_HASH_BYTES) return undefined;
  return { name, keyHash: bytes.subarray(0, KEY_HASH_BYTES), signature: bytes.subarray(KEY_HASH_BYTES) };
}

/** First four bytes of SHA-256(name ‖ LF ‖ algorithm ‖ public key): tells keys apart in signature lines. 0x01 is Ed25519. */
export function noteKeyHash(name: string, algorithm: number, publicKey: Uint8Array): Uint8Array {
  return sha256(concatBytes(encodeUtf8(`${name}\n`), Uint8Array.of(algorithm), publicKey)).slice(0, KEY_HASH_BYTES);
}
