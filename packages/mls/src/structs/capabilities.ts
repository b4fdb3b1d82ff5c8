/**
 * Capabilities (RFC 9420 §7.2): five vectors of uint16: versions, cipher_suites, extensions, proposals, credentials.
 * Values that are not known are kept and ignored (§13.5 GREASE).
 */
import type { Reader } from "../codec/reader.ts";
import type { Writer } from "../codec/writer.ts";
import { LIMITS } from "../limits.ts";

export const PROTOCOL_VERSION = 1;

export type Capabilities = {
  readonly versions: readonly number[];
  readonly suites: readonly number[];
  readonly extensions: readonly number[];
  readonly proposals: readonly number[];
  readonly credentials: readonly number[];
};

/** The values that are reserved for GREASE: 0x0A0A, 0x1A1A, … 0xEAEA; 0xFAFA is private use (§13.5). */
export function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >>> 12 === ((value >>> 4) & 0xf) && value !== 0xfafa;
}

const writeNumber = (writer: Writer, value: number): unknown => writer.u16(value);
const readNumbers = (reader: Reader): number[] => reader.vector((r) => r.u16(), LIMITS.capabilityEntriesMax);

export function writeCapabilities(writer: Writer, capabilities: Capabilities): void {
  writer.vector(capabilities.versions, writeNumber);
  writer.vector(capabilities.suites, writeNumber);
  writer.vector(capabilities.extensions, writeNumber);
  writer.vector(capabilities.proposals, writeNumber);
  writer.vector(capabilities.credentials, writeNumber);
}

export function readCapabilities(reader: Reader): Capabilities {
  return {
    versions: readNumbers(reader),
    suites: readNumbers(reader),
    extensions: readNumbers(reader),
    proposals: readNumbers(reader),
    credentials: readNumbers(reader),
  };
}
