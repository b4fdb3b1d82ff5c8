/**
 * Key schedule (RFC 9420 §8)
 *
 *   joiner_secret = ExpandWithLabel(Extract(init_secret[n-1], commit_secret), "joiner", GroupContext[n], Nh)
 *   member = Extract(joiner_secret, psk_secret); welcome_secret = DeriveSecret(member, "welcome")
 *   epoch_secret = ExpandWithLabel(member, "epoch", GroupContext[n], Nh), and from it DeriveSecret by label:
 *   "sender data" "encryption" "exporter" "external" "confirm" "membership" "resumption" "authentication" "init"
 */
import { equalTags } from "../bytes.ts";
import { encode, Writer } from "../codec/writer.ts";
import { deriveSecret, expandWithLabel } from "../crypto/labels.ts";
import type { CipherSuite, KeyPair } from "../crypto/provider.ts";
import { type GroupContext, writeGroupContext } from "../structs/group-context.ts";

/** What an epoch keeps; the encryption secret goes into the secret tree at once. */
export type EpochSecrets = {
  readonly senderData: Uint8Array;
  readonly exporter: Uint8Array;
  readonly external: Uint8Array;
  readonly confirmationKey: Uint8Array;
  readonly membershipKey: Uint8Array;
  readonly resumptionPsk: Uint8Array;
  readonly epochAuthenticator: Uint8Array;
  readonly init: Uint8Array;
};

export type ScheduledEpoch = { readonly secrets: EpochSecrets; readonly encryptionSecret: Uint8Array };

export function joinerSecret(
  suite: CipherSuite,
  from: { readonly init: Uint8Array; readonly commitSecret: Uint8Array; readonly context: GroupContext },
): Uint8Array {
  const extracted = suite.hkdfExtract(from.init, from.commitSecret);
  const context = encode(writeGroupContext, from.context);
  const joiner = expandWithLabel(suite, extracted, { label: "joiner", context, length: suite.hashLength });
  extracted.fill(0);
  return joiner;
}

export function welcomeSecret(suite: CipherSuite, joiner: Uint8Array, pskSecret: Uint8Array): Uint8Array {
  const member = suite.hkdfExtract(joiner, pskSecret);
  const secret = deriveSecret(suite, member, "welcome");
  member.fill(0);
  return secret;
}

/** `joiner` and `pskSecret` stay untouched. */
export function scheduleEpoch(
  suite: CipherSuite,
  from: { readonly joiner: Uint8Array; readonly pskSecret: Uint8Array; readonly context: GroupContext },
): ScheduledEpoch {
  const member = suite.hkdfExtract(from.joiner, from.pskSecret);
  const context = encode(writeGroupContext, from.context);
  const epochSecret = expandWithLabel(suite, member, { label: "epoch", context, length: suite.hashLength });
  member.fill(0);
  const scheduled = epochFromSecret(suite, epochSecret);
  epochSecret.fill(0);
  return scheduled;
}

/** All secrets of an epoch from its epoch secret; a new group draws that one at random (§11). */
export function epochFromSecret(suite: CipherSuite, epochSecret: Uint8Array): ScheduledEpoch {
  const derive = (label: string): Uint8Array => deriveSecret(suite, epochSecret, label);
  return {
    encryptionSecret: derive("encryption"),
    secrets: {
      senderData: derive("sender data"),
      exporter: derive("exporter"),
      external: derive("external"),
      confirmationKey: derive("confirm"),
      membershipKey: derive("membership"),
      resumptionPsk: derive("resumption"),
      epochAuthenticator: derive("authentication"),
      init: derive("init"),
    },
  };
}

/** §6.1 confirmation_tag */
export function confirmationTag(suite: CipherSuite, confirmationKey: Uint8Array, confirmedTranscriptHash: Uint8Array): Uint8Array {
  return suite.hmac(confirmationKey, confirmedTranscriptHash);
}

export function isConfirmationTag(suite: CipherSuite, secrets: EpochSecrets, seen: { hash: Uint8Array; tag: Uint8Array }): boolean {
  return equalTags(confirmationTag(suite, secrets.confirmationKey, seen.hash), seen.tag);
}

/** §8.3: the key pair that external committers encrypt to. */
export function externalKeyPair(suite: CipherSuite, external: Uint8Array): KeyPair {
  return suite.hpkeDeriveKeyPair(external);
}

/** §8.5 MLS-Exporter(label, context, length): ExpandWithLabel(DeriveSecret(exporter_secret, label), "exported", Hash(context), length) */
export function exportFrom(
  suite: CipherSuite,
  exporter: Uint8Array,
  wanted: { readonly label: string; readonly context: Uint8Array; readonly length: number },
): Uint8Array {
  const derived = deriveSecret(suite, exporter, wanted.label);
  const exported = expandWithLabel(suite, derived, { label: "exported", context: suite.hash(wanted.context), length: wanted.length });
  derived.fill(0);
  return exported;
}

/** Encoded GroupContext, the context of several derivations. */
export function contextBytes(context: GroupContext): Uint8Array {
  const writer = new Writer(256);
  writeGroupContext(writer, context);
  return writer.finish();
}
