/** The value of a shared setting, as the table `own_settings` holds it: CBOR. */
import { cborLimits, decodeCbor, LIMITS, type OwnSettingValue } from "@sotto/protocol";

export function settingValue(bytes: Uint8Array): OwnSettingValue {
  const decoded = decodeCbor(bytes, cborLimits(LIMITS.ownSettingBytesMax + 16));
  const value: unknown = decoded.ok ? decoded.value : null;
  const isPlain = typeof value === "boolean" || typeof value === "number" || typeof value === "string" || value instanceof Uint8Array;
  return isPlain ? value : null;
}
