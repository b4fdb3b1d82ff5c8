/**
 * What an old and a new device say to each other while linking (spec/identity.md §Linking), each a message entry of the link's log:
 *
 *   nonce (12) ‖ AES-256-GCM(link key, padded CBOR [ version 1, step, … ])        aad = labelled("link v1", logId ‖ step)
 *
 *   0 offer      new → old   device, name              the keys of the new device
 *   1 statement  old → new   accountId, statement      the chain entry that adds it, to be proved
 *   2 proof      new → old   proof
 *   3 grant      old → new   sealed master key         link-grant.ts; the chain with the entry is in the directory by then
 *   4 refusal    either      code text
 *
 * Both show six digits that derive from the statement, and people compare them, so that somebody who read the code over a shoulder and was
 * faster is noticed.
 */
import type { CryptoProvider } from "@sotto/mls";
import {
  accountId,
  type AccountId,
  concatBytes,
  type CborValue,
  type Device,
  encodeCbor,
  LIMITS,
  padmeSize,
  toId,
  utf8Length,
} from "@sotto/protocol";
import type { CoreContext } from "../../context.ts";
import { bytesFrom, bytesOf, type Guard, isOne, readForm, tupleOf, uintUpTo } from "../../form.ts";
import { derive, labelledFor } from "../../labels.ts";
import { type CoreOutcome, done, failed } from "../../outcome.ts";
import { messageSuite, storageCipher } from "../../suite.ts";
import type { LinkKeys } from "./link-code.ts";

export type LinkMessage =
  | { readonly step: "offer"; readonly device: Device; readonly name: string }
  | { readonly step: "statement"; readonly account: AccountId; readonly statement: Uint8Array }
  | { readonly step: "proof"; readonly proof: Uint8Array }
  | { readonly step: "grant"; readonly sealedKey: Uint8Array }
  | { readonly step: "refusal"; readonly reason: string };

export const LINK_STEPS = ["offer", "statement", "proof", "grant", "refusal"] as const satisfies readonly LinkMessage["step"][];

const NONCE_BYTES = 12;
const PLAIN_BYTES_MIN = 2048;
const MARKER = 0x80;
const publicKey = tupleOf<[number, Uint8Array]>(uintUpTo(0xffff), bytesFrom(16, LIMITS.publicKeyBytesMax));
const device = tupleOf<[[number, Uint8Array], [number, Uint8Array]]>(publicKey, publicKey);
const isName: Guard<string> = (value): value is string => typeof value === "string" && utf8Length(value) <= LIMITS.displayNameBytesMax;
const entry = bytesFrom(1, LIMITS.chainEntryBytesMax);

const stepNumber = (step: LinkMessage["step"]): number => LINK_STEPS.indexOf(step);
/** The number of the step stands in the form too, so that it says by itself what it is. */
const isStep =
  (step: LinkMessage["step"]): Guard<number> =>
  (value): value is number =>
    value === stepNumber(step);

const offer = tupleOf<[1, number, [[number, Uint8Array], [number, Uint8Array]], string]>(isOne, isStep("offer"), device, isName);
const statement = tupleOf<[1, number, Uint8Array, Uint8Array]>(isOne, isStep("statement"), bytesOf(32), entry);
const proof = tupleOf<[1, number, Uint8Array]>(isOne, isStep("proof"), bytesFrom(1, LIMITS.signatureBytesMax));
const SEALED_KEY_BYTES_MAX = 8 * 1024;
const grant = tupleOf<[1, number, Uint8Array]>(isOne, isStep("grant"), bytesFrom(1, SEALED_KEY_BYTES_MAX));
const refusal = tupleOf<[1, number, string]>(isOne, isStep("refusal"), isName);

const aadOf = (keys: LinkKeys, step: LinkMessage["step"]): Uint8Array => labelledFor("link v1", keys.log, Uint8Array.of(stepNumber(step)));

function fieldsOf(message: LinkMessage): CborValue[] {
  switch (message.step) {
    case "offer": {
      const { signatureKey, inboxKey } = message.device;
      return [
        [
          [signatureKey.algorithm, signatureKey.key],
          [inboxKey.algorithm, inboxKey.key],
        ],
        message.name,
      ];
    }
    case "statement":
      return [message.account, message.statement];
    case "proof":
      return [message.proof];
    case "grant":
      return [message.sealedKey];
    case "refusal":
      return [message.reason];
  }
}

export function encodeLinkMessage(message: LinkMessage): Uint8Array {
  return encodeCbor([1, stepNumber(message.step), ...fieldsOf(message)]);
}

/** The body of the entry; the same message is sealed once. */
export function sealLinkMessage(message: LinkMessage, keys: LinkKeys, context: CoreContext): CoreOutcome<Uint8Array> {
  const encoded = encodeLinkMessage(message);
  const padded = new Uint8Array(padmeSize(Math.max(PLAIN_BYTES_MIN, encoded.length + 1)));
  padded.set(encoded);
  padded[encoded.length] = MARKER;
  const nonce = context.random(NONCE_BYTES);
  const sealed = storageCipher(context.crypto).aeadSeal(keys.key, nonce, { aad: aadOf(keys, message.step), data: padded });
  const body = concatBytes(nonce, sealed);
  return body.length > LIMITS.messageBodyBytesMax ? failed("content_too_large") : done(body);
}

/** A message of the step that is awaited, or a refusal; anything else is `link_message_invalid`. */
export function openLinkMessage<S extends LinkMessage["step"]>(
  body: Uint8Array,
  by: { readonly keys: LinkKeys; readonly awaited: S },
  context: { readonly crypto: CryptoProvider },
): CoreOutcome<Extract<LinkMessage, { readonly step: S | "refusal" }>> {
  for (const step of [by.awaited, "refusal"] as const) {
    const message = openStep(body, { keys: by.keys, step }, context);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- openStep reads the one step that it is given
    if (message !== undefined) return done(message as Extract<LinkMessage, { readonly step: S | "refusal" }>);
  }
  return failed("link_message_invalid");
}

function openStep(
  body: Uint8Array,
  { keys, step }: { readonly keys: LinkKeys; readonly step: LinkMessage["step"] },
  { crypto }: { readonly crypto: CryptoProvider },
): LinkMessage | undefined {
  const sealed = { aad: aadOf(keys, step), data: body.subarray(NONCE_BYTES) };
  const padded = storageCipher(crypto).aeadOpen(keys.key, body.subarray(0, NONCE_BYTES), sealed);
  const end = padded?.lastIndexOf(MARKER) ?? -1;
  if (padded === undefined || end < 0 || padded.subarray(end + 1).some((byte) => byte !== 0)) return undefined;
  return decodeLinkMessage(padded.subarray(0, end), step);
}

/** A message of this step before it was sealed; undefined for anything else. */
export function decodeLinkMessage(bytes: Uint8Array, step: LinkMessage["step"]): LinkMessage | undefined {
  const read = <T>(guard: Guard<T>): T | undefined => readForm(bytes, LIMITS.messageBodyBytesMax, guard);
  switch (step) {
    case "offer": {
      const form = read(offer);
      const [[signatureKey, inboxKey], name] = form === undefined ? [[undefined, undefined], ""] : [form[2], form[3]];
      if (signatureKey === undefined || inboxKey === undefined) return undefined;
      const keys = {
        signatureKey: { algorithm: signatureKey[0], key: signatureKey[1] },
        inboxKey: { algorithm: inboxKey[0], key: inboxKey[1] },
      };
      return { step, device: keys, name };
    }
    case "statement": {
      const form = read(statement);
      return form && { step, account: toId(accountId, form[2]), statement: form[3] };
    }
    case "proof": {
      const form = read(proof);
      return form && { step, proof: form[2] };
    }
    case "grant": {
      const form = read(grant);
      return form && { step, sealedKey: form[2] };
    }
    case "refusal": {
      const form = read(refusal);
      return form && { step, reason: form[2] };
    }
  }
}

/** Six digits that both devices show for the statement, to be compared by a person before the old device signs. */
export function linkDigits(statementBytes: Uint8Array, keys: LinkKeys, { crypto }: { readonly crypto: CryptoProvider }): string {
  const bytes = derive(messageSuite(crypto), keys.key, { label: "link v1", context: statementBytes, length: 8 });
  const number = bytes.reduce((value, byte) => (value * 256 + byte) % 1_000_000, 0);
  return number.toString().padStart(6, "0");
}
