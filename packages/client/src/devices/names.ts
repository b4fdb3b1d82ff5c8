/** What a person calls their devices: settings that all of them share, since the chain, which others see, says nothing of it. */
import { type DeviceId, deviceId, idToText, toId } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import { decodeSettingValue } from "../own/setting-value.ts";
import type { Statement } from "../ports.ts";
import { bytesIn } from "../store/statements.ts";

const KEY = "deviceName";

export function nameStatements(engine: Engine, device: DeviceId, name: string): Statement[] {
  return name === "" ? [] : engine.own.statements({ kind: "setting", key: KEY, subject: device, value: name });
}

/** By the text form of the device's id. */
export async function deviceNames(engine: Engine): Promise<Map<string, string>> {
  const rows = await engine.ports.store.all("SELECT subject, value FROM own_settings WHERE key = ?", [KEY]);
  return new Map(
    rows.flatMap((row): [string, string][] => {
      const [subject, name] = [bytesIn(row, "subject"), decodeSettingValue(bytesIn(row, "value"))];
      return subject.length === 16 && name.ok && typeof name.value === "string" ? [[idToText(toId(deviceId, subject)), name.value]] : [];
    }),
  );
}
