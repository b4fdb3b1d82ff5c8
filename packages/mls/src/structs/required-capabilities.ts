/**
 * The required_capabilities extension of a group (RFC 9420 §11.1)
 *
 *   struct {
 *     ExtensionType extension_types<V>;
 *     ProposalType proposal_types<V>;
 *     CredentialType credential_types<V>;
 *   } RequiredCapabilities;
 */
import { type Reader, readWhole } from "../codec/reader.ts";
import { encode, type Writer } from "../codec/writer.ts";
import { LIMITS } from "../limits.ts";
import { type Extension, EXTENSION, findExtension } from "./extension.ts";

export type RequiredCapabilities = {
  readonly extensions: readonly number[];
  readonly proposals: readonly number[];
  readonly credentials: readonly number[];
};

const writeNumber = (writer: Writer, value: number): unknown => writer.u16(value);

const readNumbers = (reader: Reader): number[] => reader.vector((r) => r.u16(), LIMITS.capabilityEntriesMax);

export function requiredCapabilitiesExtension(required: RequiredCapabilities): Extension {
  const write = (writer: Writer, value: RequiredCapabilities): void => {
    writer.vector(value.extensions, writeNumber).vector(value.proposals, writeNumber).vector(value.credentials, writeNumber);
  };
  return { type: EXTENSION.requiredCapabilities, data: encode(write, required) };
}

/** Throws Reject when the extension is there and malformed. */
export function requiredCapabilities(extensions: readonly Extension[]): RequiredCapabilities | undefined {
  const data = findExtension(extensions, EXTENSION.requiredCapabilities);
  if (data === undefined) return undefined;
  return readWhole((r) => ({ extensions: readNumbers(r), proposals: readNumbers(r), credentials: readNumbers(r) }), data);
}
