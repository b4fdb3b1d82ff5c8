/**
 * Keys of archive segments (spec/backup.md §Segments). A device appends what it has decrypted to segments in blob storage; each segment is a
 * blob whose keys derive from the archive key and the segment's random id, so that a device with the master key reads all without an index:
 *
 *   derive(archive key, "archive segment v1", segment id (16), 39) = key (32) ‖ nonce prefix (7)
 *
 * A segment is written once. What follows goes into a new one, since the keys are for one content only.
 */
import type { CipherSuite } from "@sotto/mls";
import { NONCE_PREFIX_BYTES } from "@sotto/protocol";
import type { CoreContext } from "../context.ts";
import { derive } from "../labels.ts";
import { messageSuite } from "../suite.ts";
import { BLOB_KEY_BYTES, type BlobKeys } from "./segment.ts";

export const ARCHIVE_SEGMENT_ID_BYTES = 16;

export function archiveSegmentKeys(archiveKey: Uint8Array, segmentId: Uint8Array, { crypto }: Pick<CoreContext, "crypto">): BlobKeys {
  const suite: CipherSuite = messageSuite(crypto);
  const length = BLOB_KEY_BYTES + NONCE_PREFIX_BYTES;
  const bytes = derive(suite, archiveKey, { label: "archive segment v1", context: segmentId, length });
  return { key: bytes.slice(0, BLOB_KEY_BYTES), noncePrefix: bytes.slice(BLOB_KEY_BYTES) };
}
