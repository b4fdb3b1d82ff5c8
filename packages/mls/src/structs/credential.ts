/**
 * Credential (RFC 9420 §5.3)
 *
 *   struct { CredentialType credential_type;
 *            select { basic(1): opaque identity<V>; x509(2): Certificate certificates<V>; } } Credential;
 *
 * A type that is not known here is read as one `opaque<V>`, so that applications can bring their own.
 */
import type { Reader } from "../codec/reader.ts";
import type { Writer } from "../codec/writer.ts";
import { LIMITS } from "../limits.ts";

export const CREDENTIAL = { basic: 1, x509: 2 } as const;

export type Credential =
  | { readonly kind: "basic"; readonly identity: Uint8Array }
  | { readonly kind: "x509"; readonly certificates: readonly Uint8Array[] }
  | { readonly kind: "custom"; readonly type: number; readonly data: Uint8Array };

export function basicCredential(identity: Uint8Array): Credential {
  return { kind: "basic", identity };
}

/** The number that stands on the wire and in Capabilities. */
export function credentialType(credential: Credential): number {
  return credential.kind === "custom" ? credential.type : CREDENTIAL[credential.kind];
}

export function writeCredential(writer: Writer, credential: Credential): void {
  writer.u16(credentialType(credential));
  if (credential.kind === "basic") writer.opaque(credential.identity);
  else if (credential.kind === "x509") writer.vector(credential.certificates, (w, certificate) => w.opaque(certificate));
  else writer.opaque(credential.data);
}

export function readCredential(reader: Reader): Credential {
  const type = reader.u16();
  if (type === CREDENTIAL.x509) {
    return { kind: "x509", certificates: reader.vector((r) => r.opaque(LIMITS.credentialBytesMax), LIMITS.certificatesMax) };
  }
  const data = reader.opaque(LIMITS.credentialBytesMax);
  return type === CREDENTIAL.basic ? { kind: "basic", identity: data } : { kind: "custom", type, data };
}
