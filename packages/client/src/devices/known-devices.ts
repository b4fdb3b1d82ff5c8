/** The devices of the account of which its owner was told, as the setting `known_devices` holds them: their ids, joined. */
import { concatBytes, deviceId, type DeviceId, LIMITS, toId } from "@sotto/protocol";
import { DAMAGED, type StoredOutcome } from "../store/stored-form.ts";

const ID_BYTES = 16;
/** As many as a chain can ever have had. */
const DEVICES_MAX = LIMITS.chainEntriesMax;

export function encodeKnownDevices(ids: readonly DeviceId[]): Uint8Array {
  return concatBytes(...ids);
}

export function decodeKnownDevices(bytes: Uint8Array): StoredOutcome<readonly DeviceId[]> {
  if (bytes.length % ID_BYTES !== 0 || bytes.length > DEVICES_MAX * ID_BYTES) return DAMAGED;
  const ids = Array.from({ length: bytes.length / ID_BYTES }, (_, i) => toId(deviceId, bytes.slice(i * ID_BYTES, (i + 1) * ID_BYTES)));
  return { ok: true, value: ids };
}
