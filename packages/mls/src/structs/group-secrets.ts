/**
 * GroupSecrets: what a Welcome holds for one joiner (RFC 9420 §12.4.3.1)
 *
 *   struct { opaque path_secret<V>; } PathSecret;
 *
 *   struct {
 *     opaque joiner_secret<V>;
 *     optional<PathSecret> path_secret;
 *     PreSharedKeyID psks<V>;
 *   } GroupSecrets;
 */
import type { Reader } from "../codec/reader.ts";
import type { Writer } from "../codec/writer.ts";
import { LIMITS } from "../limits.ts";
import { type PskId, readPskId, writePskId } from "./psk.ts";

export type GroupSecrets = {
  readonly joinerSecret: Uint8Array;
  readonly pathSecret: Uint8Array | undefined;
  readonly psks: readonly PskId[];
};

export function writeGroupSecrets(writer: Writer, secrets: GroupSecrets): void {
  writer.opaque(secrets.joinerSecret);
  writer.optional(secrets.pathSecret, (w, pathSecret) => w.opaque(pathSecret));
  writer.vector(secrets.psks, writePskId);
}

export function readGroupSecrets(reader: Reader): GroupSecrets {
  return {
    joinerSecret: reader.opaque(255),
    pathSecret: reader.optional((r) => r.opaque(255)),
    psks: reader.vector(readPskId, LIMITS.pskIdsMax),
  };
}
